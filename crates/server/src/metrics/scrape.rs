//! Who asks for the metrics, in which format, and one at a time.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::routing::get;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::sync::Semaphore;

use super::classic::classic;
use super::sources::{Reading, Sources};
use crate::refusal::bare;

/// Where the metrics are.
const METRICS_PATH: &str = "/metrics";

/// What the scrapes share.
#[derive(Debug)]
struct Scraping {
    registry: Registry,
    /// One scrape at a time: more would only take processor time from the workers.
    turn: Semaphore,
}

/// The metrics of these sources.
pub(crate) fn router(sources: Sources) -> Router {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Reading::of(sources)));
    let scraping = Arc::new(Scraping { registry, turn: Semaphore::new(1) });
    Router::new().route(METRICS_PATH, get(scrape)).with_state(scraping)
}

async fn scrape(State(scraping): State<Arc<Scraping>>, headers: HeaderMap) -> Response<Body> {
    let format = Format::wanted(&headers);
    let Ok(_turn) = scraping.turn.acquire().await else { return bare(StatusCode::SERVICE_UNAVAILABLE) };
    let reading = Arc::clone(&scraping);
    // Beside the workers that take beats.
    let writing = tokio::task::spawn_blocking(move || format.write(&reading.registry));
    let Ok(Some(text)) = writing.await else {
        tracing::error!("the metrics could not be written; this is a defect of lubdub");
        return bare(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// How metrics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// For those who ask for it, as Prometheus does.
    OpenMetrics,
    /// For everybody else.
    Classic,
}

impl Format {
    fn wanted(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut kinds = accepted.flat_map(|value| value.split(','));
        let open_metrics = |kind: &str| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("application/openmetrics-text")
        };
        if kinds.any(open_metrics) { Self::OpenMetrics } else { Self::Classic }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Classic => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    fn write(self, registry: &Registry) -> Option<String> {
        let mut text = String::with_capacity(64 * 1024);
        encode(&mut text, registry).ok()?;
        Some(match self {
            Self::OpenMetrics => text,
            Self::Classic => classic(&text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_format_is_for_those_who_ask_for_it() {
        for (accept, expected) in [
            (None, Format::Classic),
            (Some("*/*"), Format::Classic),
            (Some("text/plain;version=0.0.4"), Format::Classic),
            (
                Some(
                    "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
                ),
                Format::OpenMetrics,
            ),
            (Some("text/html, Application/OpenMetrics-Text"), Format::OpenMetrics),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(Format::wanted(&headers), expected, "{accept:?}");
        }
    }
}
