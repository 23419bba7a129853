//! Instances come and go: register and cancel.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::request::Parts;
use lubdub_core::model::InstanceKey;
use lubdub_core::{Command, StatusRule};

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
            Ok(()) => answer::empty(StatusCode::NO_CONTENT),
            Err(refusal @ Refusal::Invalid(_)) => refusal.with_text(),
            Err(refusal) => refusal.into_response(),
        }
    }

    async fn try_register(&self, app: &str, parts: &Parts, body: Body) -> Result<(), Refusal> {
        let document = Document::read(&parts.headers, body, self.config.max_body_bytes).await?;
        let instance = read_instance(document.format, &document.text()?)?;
        // A client cannot move itself between UP and OUT_OF_SERVICE; a peer tells what is so.
        let peer = is_replication(&parts.headers);
        let status_rule = if peer { StatusRule::Report } else { StatusRule::KeepStored };
        let registration = registration(&instance, app, status_rule, self.handle.now().wall)?;
        self.handle.submit(Command::Register(Box::new(registration)), sender(parts)).await?;
        Ok(())
    }

    /// `DELETE apps/{app}/{id}`.
    pub(crate) async fn cancel(&self, app: &str, id: &str, parts: &Parts) -> Result<Response, Refusal> {
        let key = InstanceKey::new(&service_name(app), id);
        self.handle.submit(Command::Deregister { key }, sender(parts)).await?;
        Ok(answer::empty(StatusCode::OK))
    }
}
