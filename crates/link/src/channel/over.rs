//! [`Over`]: a generated client's way over a single wire, for beats.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower::Service;

use super::wire::Wire;

/// Calls over one wire, without balancing and without a second try.
#[derive(Debug, Clone)]
pub(super) struct Over(pub(super) Arc<dyn Wire>);

impl Service<Request<Body>> for Over {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let calling = self.0.call(request);
        Box::pin(async move { calling.await.map_err(|error| Status::from_error(error.source)) })
    }
}
