//! Paths to handlers.
//!
//! | path | handler |
//! | --- | --- |
//! | `GET /api/v1/services` | [`registered::services`] |
//! | `GET /api/v1/instances` | [`registered::instances`] |
//! | `GET /api/v1/services/{service}/instances/{id}` | [`registered::instance`] |
//! | `DELETE` the same | [`actions::deregister`] |
//! | `GET /api/v1/services/{service}/instances/{id}/history` | [`registered::history`] |
//! | `PUT, DELETE …/instances/{id}/override` | [`actions::set_override`], [`actions::clear_override`] |
//! | `DELETE …/instances/{id}/damping` | [`actions::clear_damping`] |
//! | `GET /api/v1/events` | [`registered::events`], a list or (by `Accept`) a stream |
//! | `GET /api/v1/departures` | [`registered::departures`] |
//! | `GET /api/v1/guard` | [`insight::guard`] |
//! | `POST /api/v1/guard/release` | [`actions::release_guard`] |
//! | `GET /api/v1/damping` | [`insight::damping`] |
//! | `GET /api/v1/deaf` | [`insight::deaf`] |
//! | `GET /api/v1/server` | [`insight::server`] |
//! | `GET /api/v1/config` | [`insight::config`] |
//! | `GET, PUT /api/v1/log` | [`insight::log`], [`actions::set_log`] |
//! | `GET /api/v1/openapi.json` | [`insight::description`] |
//! | `GET /healthz` | [`insight::healthz`] |
//! | `GET /readyz` | [`insight::readyz`] |
//! | anything else below `/api` | [`unknown`] |
//!
//! | module | its one idea |
//! | --- | --- |
//! | `registered` | what is registered, and what happened to it |
//! | `insight` | the registry itself |
//! | `actions` | what operators do |
//! | `operator` | an action's operator, or its refusal |
//! | `request` | the parts of a request that handlers take |

mod actions;
mod insight;
mod operator;
mod registered;
mod request;

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, delete, get, post, put};
use bytes::Bytes;
use http::{HeaderValue, Method, Uri, header};
use lubdub_core::Revision;
use lubdub_core::feed::Filter;
use lubdub_runtime::Handle;
use serde::Serialize;
use tokio::sync::Semaphore;

use crate::config::RestConfig;
use crate::error::Problem;
use crate::openapi;
use crate::watch::Watch;

/// What handlers share: the way to the registry, and the places that bound them.
#[derive(Clone)]
struct Shared {
    handle: Handle,
    config: Arc<RestConfig>,
    lists: Arc<Semaphore>,
    subscribers: Arc<Semaphore>,
    description: Bytes,
}

/// Every path that this interface has; `openapi` describes each.
fn paths() -> [(&'static str, MethodRouter<Shared>); 18] {
    use {actions as act, insight as tell, registered as list};
    [
        ("/api/v1/services", get(list::services)),
        ("/api/v1/instances", get(list::instances)),
        ("/api/v1/services/{service}/instances/{id}", get(list::instance).delete(act::deregister)),
        ("/api/v1/services/{service}/instances/{id}/history", get(list::history)),
        (
            "/api/v1/services/{service}/instances/{id}/override",
            put(act::set_override).delete(act::clear_override),
        ),
        ("/api/v1/services/{service}/instances/{id}/damping", delete(act::clear_damping)),
        ("/api/v1/events", get(list::events)),
        ("/api/v1/departures", get(list::departures)),
        ("/api/v1/guard", get(tell::guard)),
        ("/api/v1/guard/release", post(act::release_guard)),
        ("/api/v1/damping", get(tell::damping)),
        ("/api/v1/deaf", get(tell::deaf)),
        ("/api/v1/server", get(tell::server)),
        ("/api/v1/config", get(tell::config)),
        ("/api/v1/log", get(tell::log).put(act::set_log)),
        ("/api/v1/openapi.json", get(tell::description)),
        // Probes come without a version: they are to outlive it.
        ("/healthz", get(tell::healthz)),
        ("/readyz", get(tell::readyz)),
    ]
}

/// Everything under `/api`, `/healthz` and `/readyz`.
///
/// What the sender's address is follows from the extension `ConnectInfo<SocketAddr>`, if the
/// server sets it.
pub fn router(handle: Handle, config: RestConfig) -> Router {
    let shared = Shared {
        handle,
        lists: Arc::new(Semaphore::new(config.concurrent_lists.max(1))),
        subscribers: Arc::new(Semaphore::new(config.max_subscribers.min(Semaphore::MAX_PERMITS))),
        description: openapi::written(),
        config: Arc::new(config),
    };
    let mut router = Router::new();
    for (path, methods) in paths() {
        router = router.route(path, methods);
    }
    router
        .method_not_allowed_fallback(method_not_allowed)
        .route("/api", any(unknown))
        .route("/api/", any(unknown))
        .route("/api/{*rest}", any(unknown))
        .with_state(shared)
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

    fn watch(self, filter: Filter, since: Revision) -> Result<Response, Problem> {
        let Ok(place) = Arc::clone(&self.subscribers).try_acquire_owned() else {
            return Err(Problem::too_many_subscribers(self.config.max_subscribers));
        };
        let (keep_alive, stopping) = (self.config.keep_alive, self.config.stopping.clone());
        Ok(Watch { handle: self.handle, filter, since, keep_alive, stopping, place }.into_response())
    }
}

fn json(document: &impl Serialize) -> Response {
    match serde_json::to_vec(document) {
        Ok(body) => written(body.into()),
        Err(error) => {
            tracing::error!(%error, "a document could not be written");
            Problem::defect().into_response()
        }
    }
}

fn written(body: Bytes) -> Response {
    let kind = HeaderValue::from_static("application/json");
    let fresh = HeaderValue::from_static("no-store");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, fresh)], body).into_response()
}

#[cfg(test)]
mod tests;
