//! [`Front`]: what each request goes through before a face sees it, the cheap things first.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response, StatusCode, Uri};
use http_body::Body as _;
use hyper::body::Incoming;
use lubdub_core::Tick;
use lubdub_eureka::{EurekaFace, Heartbeat};
use lubdub_runtime::{Handle, OWN_BEAT_PATH, SignOfLife};
use tower::ServiceExt;

use crate::access::{self, Access, Asked};
use crate::carried::Carried;
use crate::config::TrafficLimits;
use crate::limits;
use crate::metrics::{Requests, Route, marked, word};
use crate::refusal::{Refusal, bare};

/// What each request goes through.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) access: Access,
    pub(crate) limits: TrafficLimits,
    pub(crate) handle: Handle,
    pub(crate) eureka: EurekaFace,
    pub(crate) faces: Router,
    /// Asked by the content type of a request, whatever its path.
    pub(crate) grpc: Router,
    pub(crate) requests: Arc<Requests>,
}

/// All faces on one router; what none of them knows is answered a bare 404.
pub(crate) fn mount(eureka: &EurekaFace, rest: Router, metrics: Router) -> Router {
    Router::new()
        .merge(marked(metrics, "server", |_| None))
        .merge(marked(eureka.router(), "eureka", lubdub_eureka::route))
        .merge(marked(rest, "rest", |_| None))
        .merge(marked(lubdub_web::router(), "web", |_| None))
        .fallback(async || bare(StatusCode::NOT_FOUND))
}

impl Front {
    /// Answers one request. Never fails, and a panic of a face is a 500 and a line in the log.
    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        loopback: bool,
        carried: &Carried,
    ) -> (Response<Body>, Route) {
        // Own beats carry a secret of their own, and must arrive whatever else is asked for.
        if request.uri().path() == OWN_BEAT_PATH {
            return (self.own_beat(request.uri()), Route::OwnBeat);
        }
        let asked = Asked {
            method: request.method(),
            uri: request.uri(),
            version: request.version(),
            headers: request.headers(),
            has_body: !request.body().is_end_stream(),
        };
        let is_grpc = access::is_grpc(asked);
        if let Err(refusal) = self.access.admit(asked, loopback) {
            if is_grpc {
                return (refusal.grpc_answer(), Route::Refused(word(request.method())));
            }
            let answer = refusal.answer(request.uri().path());
            let route = Route::Refused(word(request.method()));
            return (self.after_body(request, answer).await, route);
        }
        if is_grpc {
            return self.ask_grpc(request, peer).await;
        }
        // Nothing is allocated up to here, nor by a renewal.
        let renewal = self.eureka.renewal(request.method(), request.uri(), request.headers());
        if let Some(Heartbeat { answer, lease }) = renewal {
            if let Some(lease) = lease.filter(|_| goes_on(&request)) {
                carried.note(lease, self.handle.tick());
            }
            // The beat counts already; some clients send a body with it that nobody reads.
            return (self.after_body(request, without_copy(answer)).await, Route::Renewal);
        }
        // Boxed, so that a connection that only beats does not carry its size.
        let (goes_on, method) = (goes_on(&request), word(request.method()));
        let mut answer = Box::pin(self.ask_faces(request, peer)).await;
        if let Some(SignOfLife(lease)) = answer.extensions().get().filter(|_| goes_on) {
            carried.note(*lease, self.handle.tick());
        }
        let route = Route::to_face(method, answer.extensions_mut().remove());
        (answer, route)
    }

    fn own_beat(&self, uri: &Uri) -> Response<Body> {
        let mut token = None;
        let mut sent = None;
        for pair in uri.query().unwrap_or_default().split('&') {
            match pair.split_once('=') {
                Some(("token", value)) => token = Some(value),
                Some(("sent", value)) => sent = value.parse().ok().map(Tick),
                _ => {}
            }
        }
        let known = token.zip(sent).is_some_and(|(token, sent)| self.handle.own_beat(token, sent));
        bare(if known { StatusCode::OK } else { StatusCode::NOT_FOUND })
    }

    /// An answer that does not depend on the body: the body is read all the same, so that the
    /// connection can go on.
    async fn after_body(&self, request: Request<Incoming>, answer: Response<Body>) -> Response<Body> {
        if !request.body().is_end_stream() && !expects_word(&request) {
            let body = request.into_body();
            limits::discard(body, self.limits.max_body_bytes, self.limits.body_timeout).await;
        }
        answer
    }

    /// A gRPC call: its messages are read one by one, by its face, which bounds them.
    async fn ask_grpc(&self, request: Request<Incoming>, peer: SocketAddr) -> (Response<Body>, Route) {
        let (mut head, body) = request.into_parts();
        let method = word(&head.method);
        head.extensions.insert(ConnectInfo(peer));
        let asking = self.grpc.clone().oneshot(Request::from_parts(head, Body::new(body)));
        let Ok(Ok(mut response)) = AssertUnwindSafe(asking).catch_unwind().await else {
            tracing::error!("a call made the gRPC face panic; this is a defect of lubdub");
            return (Refusal::Defect.grpc_answer(), Route::to_face(method, None));
        };
        let route = Route::to_face(method, response.extensions_mut().remove());
        (response, route)
    }

    async fn ask_faces<B>(&self, request: Request<B>, peer: SocketAddr) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes, Error: Into<axum::BoxError>> + Unpin,
    {
        let (mut head, body) = request.into_parts();
        let path = head.uri.clone();
        let body = if body.is_end_stream() {
            Bytes::new()
        } else {
            match limits::read(body, self.limits.max_body_bytes, self.limits.body_timeout).await {
                Ok(body) => body,
                Err(refusal) => return refusal.answer(path.path()),
            }
        };
        head.extensions.insert(ConnectInfo(peer));
        let asking = self.faces.clone().oneshot(Request::from_parts(head, Body::from(body)));
        let Ok(Ok(response)) = AssertUnwindSafe(asking).catch_unwind().await else {
            tracing::error!(path = path.path(), "a request made a face panic; this is a defect of lubdub");
            return Refusal::Defect.answer(path.path());
        };
        response
    }
}

/// Whether the client means to use its connection again: only then does its end say something.
fn goes_on<B>(request: &Request<B>) -> bool {
    let says_close = |value: &http::HeaderValue| {
        value
            .as_bytes()
            .split(|byte| *byte == b',')
            .any(|word| word.trim_ascii().eq_ignore_ascii_case(b"close"))
    };
    request.version() == http::Version::HTTP_11
        && !request.headers().get_all(http::header::CONNECTION).iter().any(says_close)
}

/// Whether the client waits for a word before it sends its body; then there is none to read.
fn expects_word<B>(request: &Request<B>) -> bool {
    request.headers().contains_key(http::header::EXPECT)
}

/// An empty body needs no box.
fn without_copy<B>(response: Response<B>) -> Response<Body>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    if response.body().is_end_stream() { response.map(|_| Body::empty()) } else { response.map(Body::new) }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use http_body_util::{BodyExt, Empty};
    use lubdub_eureka::EurekaConfig;
    use lubdub_runtime::render::{Renderer, RendererConfig};
    use lubdub_runtime::{Runtime, RuntimeConfig};

    use super::*;

    #[tokio::test]
    async fn a_panic_of_a_face_is_a_500_in_the_words_of_its_path() {
        async fn broken() -> StatusCode {
            panic!("a defect, on purpose")
        }
        let runtime = Runtime::start(RuntimeConfig::default()).unwrap();
        let handle = runtime.handle();
        let renderer = Renderer::new(RendererConfig::default());
        let front = Front {
            access: Access { token: None },
            limits: TrafficLimits::default(),
            eureka: EurekaFace::new(handle.clone(), renderer, EurekaConfig::default()),
            handle,
            grpc: Router::new(),
            faces: Router::new().route("/eureka/apps", get(broken)).route("/api/v1/services", get(broken)),
            requests: Arc::default(),
        };
        for (path, empty) in [("/eureka/apps", true), ("/api/v1/services", false)] {
            let request = Request::builder().uri(path).body(Empty::new()).unwrap();
            let answer = front.ask_faces(request, ([127, 0, 0, 1], 1).into()).await;
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body.is_empty(), empty, "{path}");
        }
    }
}
