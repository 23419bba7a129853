//! A provider's program, a consumer's, and the registry's address between them.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, BodyStream, Full, StreamBody};
use lubdub_client::{Config, Farewell, Registry, Serving, Switch};
use lubdub_link::channel::{Channel, ChannelSetup, channel};
use lubdub_testkit_server::TestServer;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::{Code, Status};
use tower::{Service, ServiceExt};

/// What is called.
pub(crate) const SERVICE: &str = "shop.v1.Orders";

/// No test waits longer for anything.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("it happens within a minute")
}

/// Waits for something that nobody tells of.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    soon(async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await;
}

/// A registry as a process of its own has it: with its own switch, and a short farewell.
pub(crate) fn registry(server: &TestServer) -> Registry {
    let farewell = Farewell { notice: Duration::from_secs(1), drain: Duration::from_secs(60) };
    let config = Config::default().switch(Switch::on()).farewell(farewell);
    Registry::with(&format!("lubdub://{}", server.address()), config).unwrap()
}

/// A service that answers with its name, after it did what it was made to.
#[derive(Clone)]
pub(crate) struct Orders {
    name: &'static str,
    before: Arc<dyn Fn() + Send + Sync>,
    has_last_words: bool,
}

impl Orders {
    pub(crate) fn new(name: &'static str) -> Self {
        Self::after(name, || {})
    }

    /// Each call does this, on the thread that it runs on.
    pub(crate) fn after(name: &'static str, before: impl Fn() + Send + Sync + 'static) -> Self {
        Self { name, before: Arc::new(before), has_last_words: true }
    }
}

impl Orders {
    /// Its answers end without trailers, as behind a proxy that drops them.
    pub(crate) fn without_last_words(self) -> Self {
        Self { has_last_words: false, ..self }
    }
}

impl NamedService for Orders {
    const NAME: &'static str = SERVICE;
}

impl Service<Request<Body>> for Orders {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<Body>) -> Self::Future {
        let orders = self.clone();
        Box::pin(async move {
            (orders.before)();
            let trailers = HeaderMap::from_iter([(
                http::HeaderName::from_static("grpc-status"),
                HeaderValue::from_static("0"),
            )]);
            let name = Full::new(Bytes::from_static(orders.name.as_bytes()));
            let body = if orders.has_last_words {
                Body::new(name.with_trailers(async { Some(Ok(trailers)) }))
            } else {
                // Its end is not known beforehand.
                Body::new(StreamBody::new(BodyStream::new(name)))
            };
            let mut response = Response::new(body);
            response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
            Ok(response)
        })
    }
}

/// A provider.
pub(crate) async fn provide(registry: &Registry, name: &'static str) -> Serving {
    registry.serve("127.0.0.1:0").mount(Orders::new(name)).start().await.unwrap()
}

/// A consumer, which asks all providers in turn, from the first call on.
pub(crate) fn consume(registry: &Registry) -> ChannelSetup {
    let at_once = lubdub_balance::Config { slow_start: Duration::ZERO, ..lubdub_balance::Config::default() };
    channel(SERVICE).registry(registry).strategy("round-robin").balancing(at_once)
}

/// Waits until it knows so many.
pub(crate) async fn knows(channel: &Channel, number: usize) {
    until(|| channel.links().len() == number).await;
}

/// Calls, and says who answered.
pub(crate) async fn call(channel: &Channel) -> Result<String, Status> {
    let request =
        Request::post("/shop.v1.Orders/Place").body(Body::new(Full::new(Bytes::from_static(b"x")))).unwrap();
    let response = soon(channel.clone().oneshot(request)).await?;
    let code = |headers: &HeaderMap| headers.get("grpc-status").map(|code| Code::from_bytes(code.as_bytes()));
    let head = code(response.headers());
    let read = soon(response.into_body().collect()).await?;
    match head.or_else(|| read.trailers().and_then(code)) {
        Some(Code::Ok) => Ok(String::from_utf8_lossy(&read.to_bytes()).into_owned()),
        code => Err(Status::new(code.unwrap_or(Code::Unknown), "a call failed")),
    }
}

/// So many calls, of which none fails; how many each answered.
pub(crate) async fn calls(channel: &Channel, number: usize) -> BTreeMap<String, usize> {
    let mut answers = BTreeMap::new();
    for _ in 0..number {
        *answers.entry(call(channel).await.unwrap()).or_default() += 1;
    }
    answers
}

/// Who answered how many.
pub(crate) fn answered<const N: usize>(answers: [(&str, usize); N]) -> BTreeMap<String, usize> {
    answers.into_iter().map(|(name, number)| (name.to_owned(), number)).collect()
}
