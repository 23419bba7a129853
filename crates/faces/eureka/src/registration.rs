//! Instances come and go: register and cancel.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use lubdub_core::model::InstanceKey;
use lubdub_core::{Command, StatusRule};
use lubdub_runtime::SignOfLife;

use crate::answer;
use crate::body::Document;
use crate::convert::{registration, service_name};
use crate::error::Refusal;
use crate::face::EurekaFace;
use crate::negotiate::{is_replication, sender};
use crate::wire::read_instance;

impl EurekaFace {
    /// `POST apps/{app}`: exactly 204 on success, which clients look for.
    pub(crate) async fn register(&self, app: &str, parts: &Parts, body: Body) -> Response {
        match self.try_register(app, parts, body).await {
            Ok(sign) => {
                let mut answer = answer::empty(StatusCode::NO_CONTENT);
                if let Some(sign) = sign {
                    answer.extensions_mut().insert(sign);
                }
                answer
            }
            Err(refusal @ Refusal::Invalid(_)) => refusal.with_text(),
            Err(refusal) => refusal.into_response(),
        }
    }

    async fn try_register(
        &self,
        app: &str,
        parts: &Parts,
        body: Body,
    ) -> Result<Option<SignOfLife>, Refusal> {
        let document = Document::read(&parts.headers, body, self.config.max_body_bytes).await?;
        let instance = read_instance(document.format, &document.text()?)?;
        // A client cannot move itself between UP and OUT_OF_SERVICE; a peer tells what is so.
        let peer = is_replication(&parts.headers);
        let status_rule = if peer { StatusRule::Report } else { StatusRule::KeepStored };
        let registration = registration(&instance, app, status_rule, self.handle.now().wall)?;
        let key = registration.key.clone();
        self.handle.submit(Command::Register(Box::new(registration)), sender(parts)).await?;
        let catalog = self.handle.catalog();
        // Its first beat. A peer speaks for many, and its connection for none of them.
        let leases = catalog.listed(&key).filter(|_| !peer).map(|listed| &listed.leases);
        Ok(leases.and_then(|leases| leases.first()).map(|lease| SignOfLife(lease.id())))
    }

    /// `DELETE apps/{app}/{id}`.
    pub(crate) async fn cancel(&self, app: &str, id: &str, parts: &Parts) -> Result<Response, Refusal> {
        let key = InstanceKey::new(&service_name(app), id);
        self.handle.submit(Command::Deregister { key }, sender(parts)).await?;
        Ok(answer::empty(StatusCode::OK))
    }
}
