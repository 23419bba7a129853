//! What is called: an order is placed, and whoever takes it says so. A service that is generated from a `.proto` file is mounted
//! and called in the same way; this one is written by hand, so that the example needs no such file.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use http::uri::PathAndQuery;
use lubdub_link::channel::Channel;
use tonic::body::Body;
use tonic::client::Grpc as Client;
use tonic::server::{Grpc as Server, NamedService, UnaryService};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::Service;

/// As which it is registered and called.
pub(crate) const SERVICE: &str = "shop.v1.Orders";
const PLACE: &str = "/shop.v1.Orders/Place";

/// The provider's side.
#[derive(Clone)]
pub(crate) struct Orders {
    /// Who takes the orders.
    pub(crate) taker: String,
}

impl UnaryService<String> for Orders {
    type Response = String;
    type Future = Ready<Result<Response<String>, Status>>;

    fn call(&mut self, _order: Request<String>) -> Self::Future {
        ready(Ok(Response::new(self.taker.clone())))
    }
}

impl NamedService for Orders {
    const NAME: &'static str = SERVICE;
}

impl Service<http::Request<Body>> for Orders {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            Ok(Server::new(ProstCodec::<String, String>::default()).unary(service, request).await)
        })
    }
}

/// The consumer's side: places an order, and says who took it.
pub(crate) async fn place(orders: &Channel, order: &str) -> Result<String, Status> {
    let mut client = Client::new(orders.clone());
    client.ready().await?;
    let (path, codec) = (PathAndQuery::from_static(PLACE), ProstCodec::<String, String>::default());
    client.unary(Request::new(order.to_owned()), path, codec).await.map(Response::into_inner)
}
