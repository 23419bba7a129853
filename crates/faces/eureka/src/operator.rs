//! What an operator says of an instance: overrides and metadata.
//!
//! Each is also a sign of life of the lease, as Eureka has it; whether there was a lease is
//! left to the command to tell.

use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use lubdub_core::lease::LeaseRef;
use lubdub_core::model::{InstanceKey, Precedence, Status};
use lubdub_core::{AfterOverride, Command};

use crate::answer;
use crate::convert::service_name;
use crate::error::Refusal;
use crate::face::EurekaFace;
use crate::negotiate::sender;
use crate::query::{self, Given};

impl EurekaFace {
    /// `PUT apps/{app}/{id}/status?value=`: this status counts from now on.
    pub(crate) async fn set_override(&self, app: &str, id: &str, parts: &Parts) -> Result<Response, Refusal> {
        let query = parts.uri.query();
        let Given::Value(status) = query::status(query, "value") else { return Err(Refusal::Unreadable) };
        let precedence = precedence(query)?;
        let key = self.alive(app, id);
        self.carry_out(Command::SetOverride { key, status, precedence }, parts).await
    }

    /// `DELETE apps/{app}/{id}/status?value=`: the override counts no more; `value` does until
    /// the instance reports again. Without one it is asked to do so at once.
    pub(crate) async fn clear_override(
        &self,
        app: &str,
        id: &str,
        parts: &Parts,
    ) -> Result<Response, Refusal> {
        let query = parts.uri.query();
        let then = match query::status(query, "value") {
            Given::Absent | Given::Value(Status::Unknown) => AfterOverride::AskAgain,
            Given::Value(status) => AfterOverride::Status(status),
            Given::Wrong => return Err(Refusal::Unreadable),
        };
        let precedence = precedence(query)?;
        let key = self.alive(app, id);
        self.carry_out(Command::ClearOverride { key, then, precedence }, parts).await
    }

    /// `PUT apps/{app}/{id}/metadata?name=value&…`: entries are added or replaced.
    pub(crate) async fn add_metadata(&self, app: &str, id: &str, parts: &Parts) -> Result<Response, Refusal> {
        let entries = query::entries(parts.uri.query())?;
        let key = self.alive(app, id);
        self.carry_out(Command::AddMetadata { key, entries }, parts).await
    }

    /// Renews the lease, if there is one.
    fn alive(&self, app: &str, id: &str) -> InstanceKey {
        let service = service_name(app);
        self.handle.renew(LeaseRef::heartbeat(&service, id), None);
        InstanceKey::new(&service, id)
    }

    async fn carry_out(&self, command: Command, parts: &Parts) -> Result<Response, Refusal> {
        self.handle.submit(command, sender(parts)).await?;
        Ok(answer::empty(StatusCode::OK))
    }
}

fn precedence(query: Option<&str>) -> Result<Option<Precedence>, Refusal> {
    query::last_dirty(query).map_err(|_| Refusal::Unreadable)
}
