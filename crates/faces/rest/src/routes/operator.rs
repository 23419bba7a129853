//! [`Operator`]: an action's operator. A handler that takes one is not reached without.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use lubdub_core::Sender;

use super::Shared;
use crate::config::Denied;
use crate::error::Problem;

/// How this face is called in the history.
const FACE: &str = "rest";

/// The operator who asks, under the name that is recorded.
pub(super) struct Operator(pub(super) Sender);

impl FromRequestParts<Shared> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let operators = shared.config.operators.as_ref().ok_or(Denied::NoOperators)?;
        let name = operators.admit(parts)?;
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = peer.map(|ConnectInfo(address)| address.ip());
        Ok(Self(Sender { face: FACE, address, operator: Some(name) }))
    }
}
