//! Services that answer with what they are asked, when they are let, and how they are called.

use std::convert::Infallible;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::uri::PathAndQuery;
use lubdub_client::{Config, Consumer, Error, Farewell, Registry, Switch};
use lubdub_testkit_server::TestServer;
use tokio::sync::Semaphore;
use tonic::body::Body;
use tonic::client::Grpc as Client;
use tonic::server::{Grpc as Server, NamedService, UnaryService};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::Service;

/// No test waits longer for anything.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("it happens within a minute")
}

/// A registry as a process of its own has it: with its own switch, and a short farewell.
pub(crate) fn registry(server: &TestServer) -> Registry {
    let farewell = Farewell { notice: Duration::from_millis(300), drain: Duration::from_secs(60) };
    let config = Config::default().switch(Switch::on()).farewell(farewell);
    Registry::with(&format!("lubdub://{}", server.address()), config).unwrap()
}

/// The names of services.
pub(crate) trait Named: Send + Sync + 'static {
    const NAME: &'static str;
}

pub(crate) struct Greeter;
pub(crate) struct Orders;
pub(crate) struct Stock;

impl Named for Greeter {
    const NAME: &'static str = "shop.v1.Greeter";
}
impl Named for Orders {
    const NAME: &'static str = "shop.v1.Orders";
}
impl Named for Stock {
    const NAME: &'static str = "shop.v1.Stock";
}

/// What holds calls up.
pub(crate) struct Gate {
    /// Has one for each call that has come.
    pub(crate) came: Semaphore,
    /// Has one for each call that may be answered.
    pub(crate) may_go: Semaphore,
}

impl Gate {
    /// One through which as many may go.
    pub(crate) fn new(may_go: usize) -> Arc<Self> {
        Arc::new(Self { came: Semaphore::new(0), may_go: Semaphore::new(may_go) })
    }
}

/// A service that echoes, as one that is generated does.
pub(crate) struct Echo<N> {
    gate: Arc<Gate>,
    named: PhantomData<N>,
}

impl<N> Echo<N> {
    pub(crate) fn new() -> Self {
        Self::behind(&Gate::new(Semaphore::MAX_PERMITS))
    }

    pub(crate) fn behind(gate: &Arc<Gate>) -> Self {
        Self { gate: gate.clone(), named: PhantomData }
    }
}

impl<N> Clone for Echo<N> {
    fn clone(&self) -> Self {
        Self::behind(&self.gate)
    }
}

impl<N: Named> NamedService for Echo<N> {
    const NAME: &'static str = N::NAME;
}

type Answering<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<N: Named> UnaryService<String> for Echo<N> {
    type Response = String;
    type Future = Answering<Result<Response<String>, Status>>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        let gate = self.gate.clone();
        Box::pin(async move {
            gate.came.add_permits(1);
            let _going = gate.may_go.acquire().await.map_err(|_| Status::aborted("closed"))?;
            Ok(Response::new(format!("{} from {}", request.into_inner(), N::NAME)))
        })
    }
}

impl<N: Named> Service<http::Request<Body>> for Echo<N> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Answering<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let codec: ProstCodec<String, String> = ProstCodec::default();
            Ok(Server::new(codec).unary(service, request).await)
        })
    }
}

/// A connection to an address.
pub(crate) async fn connect(address: &str) -> Result<Channel, tonic::transport::Error> {
    soon(Endpoint::from_shared(format!("http://{address}")).unwrap().connect()).await
}

/// Calls a service.
pub(crate) async fn call<N: Named>(channel: &Channel) -> Result<String, Status> {
    let mut client = Client::new(channel.clone());
    soon(client.ready()).await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = PathAndQuery::from_static(match N::NAME {
        "shop.v1.Greeter" => "/shop.v1.Greeter/Echo",
        "shop.v1.Orders" => "/shop.v1.Orders/Echo",
        _ => "/shop.v1.Stock/Echo",
    });
    let codec: ProstCodec<String, String> = ProstCodec::default();
    let asked = client.unary(Request::new("hello".to_owned()), path, codec);
    soon(asked).await.map(Response::into_inner)
}

/// Follows a service from elsewhere.
pub(crate) async fn consume<N: Named>(server: &TestServer) -> Result<Consumer, Error> {
    registry(server).consume(N::NAME).await
}
