//! The face on a registry in memory.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::request::Parts;
use http::{Request, header};
use http_body_util::BodyExt;
use lubdub_core::lease::{LeaseRef, Renewal};
use lubdub_core::{Command, Revision, Sender};
use lubdub_rest::{Denied, Operators, RestConfig, router};
use lubdub_runtime::{Handle, Runtime, RuntimeConfig};
use lubdub_testkit::Provider;
use tokio::sync::watch;
use tower::ServiceExt;

/// The face, its registry, and the word that ends streams.
pub(crate) struct Face {
    router: Router,
    handle: Handle,
    stop: watch::Sender<bool>,
    _runtime: Runtime,
}

/// What an operator of these tests sends.
pub(crate) const OPERATOR: (&str, &str) = ("lubdub-operator-token", "right");

/// Takes the token `right`, and the name as it is.
#[derive(Debug)]
struct Doorkeeper;

impl Operators for Doorkeeper {
    fn admit(&self, request: &Parts) -> Result<Arc<str>, Denied> {
        let sent = |name| request.headers.get(name).and_then(|value| value.to_str().ok());
        match sent("lubdub-operator-token") {
            Some("right") => Ok(sent("lubdub-operator").unwrap_or("operator").into()),
            Some(_) => Err(Denied::WrongToken),
            None => Err(Denied::NoToken),
        }
    }
}

/// What was answered, its body read whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) kind: String,
    pub(crate) allow: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

impl Face {
    pub(crate) fn new() -> Self {
        Self::with(RuntimeConfig::default(), RestConfig::default())
    }

    /// One with operators.
    pub(crate) fn with_operators() -> Self {
        Self::with_operators_and(RestConfig::default())
    }

    pub(crate) fn with_operators_and(config: RestConfig) -> Self {
        let config = RestConfig { operators: Some(Arc::new(Doorkeeper)), ..config };
        Self::with(RuntimeConfig::default(), config)
    }

    pub(crate) fn with(registry: RuntimeConfig, mut config: RestConfig) -> Self {
        let runtime = Runtime::start(registry).unwrap_or_else(|error| panic!("no runtime: {error}"));
        let (stop, stopping) = watch::channel(false);
        config.stopping = Some(stopping);
        let router = router(runtime.handle(), config);
        Self { router, handle: runtime.handle(), stop, _runtime: runtime }
    }

    /// What the registry tells that changed so far.
    pub(crate) fn revision(&self) -> Revision {
        self.handle.catalog().revision()
    }

    pub(crate) fn stop_streams(&self) {
        self.stop.send_replace(true);
    }

    pub(crate) async fn register(&self, provider: Provider) -> Revision {
        self.run(provider.command()).await
    }

    /// A beat for an instance's heartbeat; whether it was known.
    pub(crate) fn beat(&self, service: &str, id: &str) -> bool {
        matches!(self.handle.renew(LeaseRef::heartbeat(service, id), None), Renewal::Renewed { .. })
    }

    pub(crate) async fn run(&self, command: Command) -> Revision {
        let sender = Sender { face: "test", ..Sender::default() };
        self.handle.submit(command, sender).await.unwrap_or_else(|reject| panic!("rejected: {reject}"))
    }

    pub(crate) async fn open(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> http::Response<Body> {
        self.open_with(method, path, headers, Body::empty()).await
    }

    async fn open_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> http::Response<Body> {
        let peer = ConnectInfo(SocketAddr::from(([10, 0, 0, 9], 4711)));
        let mut request = Request::builder().method(method).uri(path).extension(peer);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).unwrap_or_else(|error| panic!("no request: {error}"));
        self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {})
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send_with(method, path, headers, "").await
    }

    /// An action of an operator: its status and document.
    pub(crate) async fn act(&self, method: &str, path: &str, body: &str) -> (u16, serde_json::Value) {
        let answer = self.send_with(method, path, &[OPERATOR, ("lubdub-operator", "alice")], body).await;
        (answer.status, answer.json())
    }

    pub(crate) async fn send_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let response = self.open_with(method, path, headers, Body::from(body.to_owned())).await;
        let header = |name| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (status, kind, allow) =
            (response.status().as_u16(), header(header::CONTENT_TYPE), header(header::ALLOW));
        let body = response.into_body().collect().await.unwrap_or_else(|error| panic!("no body: {error}"));
        Answer { status, kind, allow, text: String::from_utf8_lossy(&body.to_bytes()).into_owned() }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, serde_json::Value) {
        let answer = self.send("GET", path, &[]).await;
        (answer.status, answer.json())
    }
}
