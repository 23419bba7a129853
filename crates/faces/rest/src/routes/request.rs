//! The parts of a request that handlers take: names in its path, its parameters, its body.

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use lubdub_core::Reject;
use lubdub_core::model::InstanceKey;

use super::Shared;
use crate::error::{FieldFault, Problem};
use crate::query;

/// The instance that path and parameters name; there may be none of this name.
pub(super) struct Named {
    pub(super) service: String,
    pub(super) id: String,
    pub(super) node: String,
}

impl Named {
    pub(super) fn key(&self) -> InstanceKey {
        InstanceKey::on_node(&self.service, &self.id, &self.node)
    }

    pub(super) fn unknown(&self) -> Problem {
        Problem::unknown_instance(&self.service, &self.id)
    }

    /// Why a command about it was not carried out.
    pub(super) fn rejected(&self, reject: Reject) -> Problem {
        match reject {
            Reject::UnknownInstance => self.unknown(),
            reject => reject.into(),
        }
    }
}

impl FromRequestParts<Shared> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let names = Path::<(String, String)>::from_request_parts(parts, shared).await;
        let Path((service, id)) = names.map_err(|_| {
            let expected = "percent-encoded UTF-8 in each of its parts";
            Problem::invalid(vec![FieldFault::new("path", parts.uri.path(), expected)])
        })?;
        let node = query::node(parts.uri.query())?;
        Ok(Self { service, id, node })
    }
}

/// A request without any parameters.
pub(super) struct NoParameters;

impl FromRequestParts<Shared> for NoParameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        query::nothing(parts.uri.query()).map(|()| Self)
    }
}

/// A body that says that it is JSON, or says nothing of itself; read whole.
pub(super) struct JsonBody(pub(super) Bytes);

impl FromRequest<Shared> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, shared: &Shared) -> Result<Self, Problem> {
        if !may_be_json(request.headers()) {
            return Err(Problem::foreign_content());
        }
        let most = shared.config.max_body_bytes;
        match Limited::new(request.into_body(), most).collect().await {
            Ok(body) => Ok(Self(body.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(Problem::body_too_large(most)),
            Err(_) => Err(Problem::body_broken()),
        }
    }
}

fn may_be_json(headers: &HeaderMap) -> bool {
    let mut kinds = headers.get_all(header::CONTENT_TYPE).iter();
    let kind = match (kinds.next(), kinds.next()) {
        (None, _) => return true,
        (Some(kind), None) => kind.to_str().unwrap_or_default(),
        (Some(_), Some(_)) => return false,
    };
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
