//! Paths to handlers.
//!
//! | path | handler |
//! | --- | --- |
//! | `GET /api/v1/services` | [`services`] |
//! | `GET /api/v1/instances` | [`instances`] |
//! | `GET /api/v1/services/{service}/instances/{id}` | [`instance`] |
//! | `GET /api/v1/services/{service}/instances/{id}/history` | [`history`] |
//! | `GET /api/v1/events` | [`events`], a list or (by `Accept`) a stream |
//! | `GET /api/v1/server` | [`server`] |
//! | `GET /healthz` | [`healthz`] |
//! | `GET /readyz` | [`readyz`] |
//! | anything else below `/api` | [`unknown`] |

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use lubdub_core::feed::{Changes, Filter};
use lubdub_core::model::{InstanceId, InstanceKey, NodeName, ServiceName};
use lubdub_runtime::Handle;
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::config::RestConfig;
use crate::error::{FieldFault, Problem};
use crate::query::{self, EventFilter, InstanceFilter};
use crate::watch::Watch;
use crate::{convert, wire};

/// What handlers share: the way to the registry, and the places that bound them.
#[derive(Clone)]
struct Shared {
    handle: Handle,
    config: Arc<RestConfig>,
    lists: Arc<Semaphore>,
    subscribers: Arc<Semaphore>,
}

/// Everything under `/api`, `/healthz` and `/readyz`.
pub fn router(handle: Handle, config: RestConfig) -> Router {
    let shared = Shared {
        handle,
        lists: Arc::new(Semaphore::new(config.concurrent_lists.max(1))),
        subscribers: Arc::new(Semaphore::new(config.max_subscribers.min(Semaphore::MAX_PERMITS))),
        config: Arc::new(config),
    };
    Router::new()
        .route("/api/v1/services", get(services))
        .route("/api/v1/instances", get(instances))
        .route("/api/v1/services/{service}/instances/{id}", get(instance))
        .route("/api/v1/services/{service}/instances/{id}/history", get(history))
        .route("/api/v1/events", get(events))
        .route("/api/v1/server", get(server))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .method_not_allowed_fallback(method_not_allowed)
        .route("/api", any(unknown))
        .route("/api/", any(unknown))
        .route("/api/{*rest}", any(unknown))
        .with_state(shared)
}

async fn services(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    query::nothing(query.as_deref())?;
    let catalog = shared.handle.catalog();
    shared.list(move || convert::services(&catalog)).await
}

async fn instances(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let filter = InstanceFilter::read(query.as_deref())?;
    let (catalog, now) = (shared.handle.catalog(), shared.handle.now());
    shared.list(move || convert::instances(&catalog, &filter, now)).await
}

type Names = Result<Path<(String, String)>, PathRejection>;

async fn instance(
    State(shared): State<Shared>,
    names: Names,
    RawQuery(query): RawQuery,
    uri: Uri,
) -> Result<Response, Problem> {
    let (service, id) = readable(names, &uri)?;
    let node = query::node(query.as_deref())?;
    let catalog = shared.handle.catalog();
    let listed = catalog.get(&service, &id, &node).ok_or_else(|| Problem::unknown_instance(&service, &id))?;
    Ok(json(&convert::instance(listed, shared.handle.now())))
}

async fn history(
    State(shared): State<Shared>,
    names: Names,
    RawQuery(query): RawQuery,
    uri: Uri,
) -> Result<Response, Problem> {
    let (service, id) = readable(names, &uri)?;
    let node = query::node(query.as_deref())?;
    let registered = shared.handle.catalog().get(&service, &id, &node).is_some();
    let key = InstanceKey {
        service: ServiceName::new(&service),
        id: InstanceId::new(&id),
        node: NodeName::new(&node),
    };
    let entries = shared.handle.history(&key);
    // The first entry keeps the service's name in the form in which it was given.
    let known = entries.first().map_or(service, |entry| entry.key.service.to_string());
    if entries.is_empty() && !registered {
        return Err(Problem::unheard_of(&known, &id));
    }
    let history = entries.iter().map(convert::entry).collect();
    Ok(json(&wire::History { service: known, id, node, registered, history }))
}

async fn events(
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

async fn healthz() -> &'static str {
    "ok"
}

async fn server(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    query::nothing(query.as_deref())?;
    let handle = &shared.handle;
    Ok(json(&convert::server(&handle.catalog(), &handle.condition(), handle.counters())))
}

async fn readyz(State(shared): State<Shared>) -> Response {
    let stopping = shared.config.stopping.as_ref().is_some_and(|stopping| *stopping.borrow());
    let readiness = json(&convert::readiness(&shared.handle.condition(), stopping));
    // Degraded is still ready: a registry that nobody is sent to hears nobody.
    if stopping { (StatusCode::SERVICE_UNAVAILABLE, readiness).into_response() } else { readiness }
}

async fn unknown(uri: Uri) -> Problem {
    Problem::unknown_path(uri.path())
}

async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    Problem::method_not_allowed(&method, uri.path())
}

impl Shared {
    /// Puts a list together beside the workers that take beats, few at a time.
    async fn list<T: Serialize>(
        &self,
        put_together: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Response, Problem> {
        let turn = Arc::clone(&self.lists).acquire_owned();
        let Ok(Ok(turn)) = tokio::time::timeout(self.config.patience, turn).await else {
            return Err(Problem::too_many_lists());
        };
        let working = tokio::task::spawn_blocking(move || {
            let response = json(&put_together());
            drop(turn);
            response
        });
        working.await.map_err(|_| Problem::defect())
    }

    fn watch(self, filter: Filter, since: lubdub_core::Revision) -> Result<Response, Problem> {
        let Ok(place) = Arc::clone(&self.subscribers).try_acquire_owned() else {
            return Err(Problem::too_many_subscribers(self.config.max_subscribers));
        };
        let (keep_alive, stopping) = (self.config.keep_alive, self.config.stopping.clone());
        Ok(Watch { handle: self.handle, filter, since, keep_alive, stopping, place }.into_response())
    }
}

/// The names in a path, unless they are not UTF-8.
fn readable(names: Names, uri: &Uri) -> Result<(String, String), Problem> {
    names.map(|Path(names)| names).map_err(|_| {
        Problem::invalid(vec![FieldFault::new(
            "path",
            uri.path(),
            "percent-encoded UTF-8 in each of its parts",
        )])
    })
}

fn wants_stream(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|kind| {
        let kind = kind.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("text/event-stream")
    })
}

fn json(document: &impl Serialize) -> Response {
    match serde_json::to_vec(document) {
        Ok(body) => {
            let kind = HeaderValue::from_static("application/json");
            let fresh = HeaderValue::from_static("no-store");
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, fresh)], body).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a document could not be written");
            Problem::defect().into_response()
        }
    }
}
