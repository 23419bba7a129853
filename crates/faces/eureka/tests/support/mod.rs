//! A registry in memory behind the Eureka face, asked without sockets.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::io::Read;
use std::sync::Arc;

use axum::body::Body;
use flate2::read::GzDecoder;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use lubdub_core::view::Catalog;
use lubdub_eureka::{EurekaConfig, EurekaFace};
use lubdub_runtime::render::{Renderer, RendererConfig};
use lubdub_runtime::{Handle, Runtime, RuntimeConfig};
use tower::ServiceExt;

pub(crate) mod tree;

/// A registry in memory behind the face.
pub(crate) struct Eureka {
    pub(crate) face: EurekaFace,
    pub(crate) handle: Handle,
    _runtime: Runtime,
}

/// An answer, decompressed.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn content_type(&self) -> &str {
        self.headers.get(CONTENT_TYPE).map_or("", |value| value.to_str().unwrap())
    }
}

impl Eureka {
    pub(crate) fn start() -> Self {
        Self::with(EurekaConfig::default())
    }

    pub(crate) fn with(config: EurekaConfig) -> Self {
        Self::bounded(config, RendererConfig::default())
    }

    pub(crate) fn bounded(config: EurekaConfig, renderer: RendererConfig) -> Self {
        let runtime = Runtime::start(RuntimeConfig::default()).unwrap();
        let face = EurekaFace::new(runtime.handle(), Renderer::new(renderer), config);
        Self { face, handle: runtime.handle(), _runtime: runtime }
    }

    /// Sends a request as the server does: heartbeats take the fast path, the rest the router.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let fast = self.face.renewal(request.method(), request.uri(), request.headers());
        let response = match fast {
            Some(heartbeat) => heartbeat.answer.map(Body::new),
            None => self.face.router().oneshot(request).await.unwrap(),
        };
        answered(response).await
    }

    /// Sends a request by the router, and leaves the answer's body unread.
    pub(crate) async fn open(&self, request: Request<Body>) -> http::Response<Body> {
        self.face.router().oneshot(request).await.unwrap()
    }

    /// Sends a request by the router alone.
    pub(crate) async fn route(&self, request: Request<Body>) -> Answer {
        answered(self.face.router().oneshot(request).await.unwrap()).await
    }

    pub(crate) async fn ask(&self, method: Method, path: &str) -> Answer {
        self.send(request(method, path, &[(ACCEPT.as_str(), "application/json")], "")).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).await
    }

    pub(crate) async fn put(&self, path: &str) -> Answer {
        self.ask(Method::PUT, path).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path).await
    }

    /// Registers by JSON.
    pub(crate) async fn post(&self, app: &str, body: impl Into<Body>) -> Answer {
        let headers = [(CONTENT_TYPE.as_str(), "application/json")];
        self.send(request(Method::POST, &format!("/eureka/apps/{app}"), &headers, body)).await
    }

    /// Registers, and expects that to succeed.
    pub(crate) async fn register(&self, app: &str, id: &str, more: &str) {
        let answer = self.post(app, instance(app, id, more)).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (204, ""));
    }

    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        self.handle.catalog()
    }
}

async fn answered(response: http::Response<Body>) -> Answer {
    let (parts, body) = response.into_parts();
    let sent = body.collect().await.unwrap().to_bytes();
    let gzipped = parts.headers.get(CONTENT_ENCODING).is_some_and(|coding| coding == "gzip");
    let mut body = Vec::new();
    if gzipped {
        GzDecoder::new(&*sent).read_to_end(&mut body).unwrap();
    } else {
        body.extend_from_slice(&sent);
    }
    Answer { status: parts.status, headers: parts.headers, body }
}

pub(crate) fn request(
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

/// An instance's document, with more members.
pub(crate) fn instance(app: &str, id: &str, more: &str) -> String {
    let comma = if more.is_empty() { "" } else { "," };
    format!(
        r#"{{"instance":{{"instanceId":"{id}","hostName":"{id}.example","app":"{app}","ipAddr":"10.0.0.7",
        "vipAddress":"{app}","port":{{"$":8080,"@enabled":"true"}},
        "dataCenterInfo":{{"@class":"com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo","name":"MyOwn"}}
        {comma}{more}}}}}"#
    )
}

/// A text's gzip form.
pub(crate) fn zipped(plain: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// A body that does not tell its length, as a chunked one.
pub(crate) struct Unsized(Option<bytes::Bytes>);

impl Unsized {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(Some(bytes.into()))
    }
}

impl http_body::Body for Unsized {
    type Data = bytes::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<bytes::Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.take().map(|bytes| Ok(http_body::Frame::data(bytes))))
    }
}
