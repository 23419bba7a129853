//! Paths to handlers.
//!
//! | path | handler |
//! | --- | --- |
//! | `GET /` | [`front`]: the page for browsers, a few lines of text for everybody else |
//! | `GET /web/{path}` | [`file`] |

use axum::Router;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::answer;
use crate::assets;

/// The page at `/`, and its files under `/web/`.
pub fn router() -> Router {
    Router::new().route("/", get(front)).route("/web/{*path}", get(file))
}

/// For people who look by a terminal.
const WELCOME: &str = concat!(
    "lubdub ",
    env!("CARGO_PKG_VERSION"),
    ", a service registry\n\n\
     /                   in a browser: a page to look at all of this\n\
     /eureka/            Eureka clients register and look up here\n\
     /api/v1/services    what is registered\n\
     /api/v1/instances   every instance, with its lease\n\
     /api/v1/events      what happens, also as a stream\n\
     /healthz, /readyz   how the registry itself is\n\
     /metrics            what it counts, for Prometheus\n"
);

async fn front(headers: HeaderMap) -> Response {
    let mut response = if wants_page(&headers) {
        answer::file(&assets::PAGE, &headers)
    } else {
        ([(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))], WELCOME).into_response()
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = assets::find(&path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    answer::file(asset, &headers)
}

/// Whether HTML is asked for by name, as browsers do. Programs that take anything mean text.
fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|kind| {
        let kind = kind.split(';').next().unwrap_or_default();
        kind.trim().eq_ignore_ascii_case("text/html")
    })
}
