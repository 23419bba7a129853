//! What is registered, and what happened to it.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, header};
use lubdub_core::feed::{Changes, Filter};

use super::request::Named;
use super::{Shared, json};
use crate::error::Problem;
use crate::query::{self, DepartureFilter, EventFilter, InstanceFilter};
use crate::{convert, wire};

pub(super) async fn services(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let named = query::of_service(query.as_deref())?;
    let catalog = shared.handle.catalog();
    shared.list(move || convert::services(&catalog, named.as_deref())).await
}

pub(super) async fn instances(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let filter = InstanceFilter::read(query.as_deref(), shared.config.server)?;
    let (catalog, now) = (shared.handle.catalog(), shared.handle.now());
    shared.list(move || convert::instances(&catalog, &filter, now)).await
}

pub(super) async fn instance(State(shared): State<Shared>, named: Named) -> Result<Response, Problem> {
    shared.instance(&named)
}

impl Shared {
    /// An instance as it is now.
    pub(super) fn instance(&self, named: &Named) -> Result<Response, Problem> {
        let catalog = self.handle.catalog();
        let listed = catalog.get(&named.service, &named.id, &named.node).ok_or_else(|| named.unknown())?;
        Ok(json(&convert::instance(listed, self.handle.now())))
    }
}

pub(super) async fn history(State(shared): State<Shared>, named: Named) -> Result<Response, Problem> {
    let registered = shared.handle.catalog().get(&named.service, &named.id, &named.node).is_some();
    let entries = shared.handle.history(&named.key());
    let Named { service, id, node } = named;
    // The first entry keeps the service's name in the form in which it was given.
    let known = entries.first().map_or(service, |entry| entry.key.service().to_string());
    if entries.is_empty() && !registered {
        return Err(Problem::unheard_of(&known, &id));
    }
    let history = entries.iter().map(convert::entry).collect();
    Ok(json(&wire::History { service: known, id, node, registered, history }))
}

pub(super) async fn events(
    State(shared): State<Shared>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let resumed = headers.get("last-event-id").map(|id| id.to_str().unwrap_or("\u{fffd}"));
    let asked = EventFilter::read(query.as_deref(), resumed)?;
    let filter = Filter { service: asked.service };
    let since = asked.since.unwrap_or_else(|| shared.handle.catalog().revision());
    if wants_stream(&headers) {
        return shared.watch(filter, since);
    }
    let handle = shared.handle.clone();
    shared
        .list(move || match handle.changes(since, &filter) {
            Changes::Since { changes, upto } => convert::events(changes, upto, asked.limit),
            Changes::Snapshot(catalog) => {
                wire::Events { revision: catalog.revision().0, reset: true, events: Vec::new() }
            }
        })
        .await
}

pub(super) async fn departures(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let filter = DepartureFilter::read(query.as_deref())?;
    let snapshot = shared.handle.snapshot();
    shared.list(move || convert::departures(&snapshot, &filter)).await
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|kind| {
        let kind = kind.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("text/event-stream")
    })
}
