//! The registry itself: what protects it, how it is, how it is set.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::request::NoParameters;
use super::{Shared, json, written};
use crate::config::LogControl;
use crate::error::Problem;
use crate::{convert, wire};

pub(super) async fn guard(State(shared): State<Shared>, _: NoParameters) -> Response {
    let heard = shared.handle.counters().renewals_last_minute;
    json(&convert::guard(&shared.handle.guard(), heard))
}

pub(super) async fn damping(State(shared): State<Shared>, _: NoParameters) -> Result<Response, Problem> {
    let (config, reports) = (shared.config.clone(), shared.handle.damping());
    shared.list(move || convert::damping(&config.damping, &reports)).await
}

pub(super) async fn deaf(State(shared): State<Shared>, _: NoParameters) -> Response {
    json(&convert::deaf(&shared.handle.condition(), &shared.handle.deaf()))
}

pub(super) async fn server(State(shared): State<Shared>, _: NoParameters) -> Response {
    let handle = &shared.handle;
    json(&convert::server(&handle.catalog(), &handle.condition(), handle.counters()))
}

pub(super) async fn config(State(shared): State<Shared>, _: NoParameters) -> Response {
    json(&convert::configuration(&shared.config.settings))
}

pub(super) async fn log(State(shared): State<Shared>, _: NoParameters) -> Result<Response, Problem> {
    Ok(json(&wire::LogFilter { filter: shared.log()?.filter() }))
}

impl Shared {
    /// What is logged, where that is known here.
    pub(super) fn log(&self) -> Result<&LogControl, Problem> {
        self.config.log.as_ref().ok_or_else(|| {
            Problem::not_available(
                "whatever started this registry keeps its log to itself; lubdub serve does not",
            )
        })
    }
}

pub(super) async fn description(State(shared): State<Shared>, _: NoParameters) -> Response {
    written(shared.description)
}

pub(super) async fn healthz() -> &'static str {
    "ok"
}

pub(super) async fn readyz(State(shared): State<Shared>) -> Response {
    let stopping = shared.config.stopping.as_ref().is_some_and(|stopping| *stopping.borrow());
    let readiness = json(&convert::readiness(&shared.handle.condition(), stopping));
    // Degraded is still ready: a registry that nobody is sent to hears nobody.
    if stopping { (StatusCode::SERVICE_UNAVAILABLE, readiness).into_response() } else { readiness }
}
