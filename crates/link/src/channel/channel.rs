//! [`Channel`]: calls to whoever provides a service now.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower::Service;

use super::calling::Caller;
use super::fault::ChannelFault;
use super::follow::Following;
use super::link::Link;
use super::status::LinkStatus;

/// Calls to whoever provides a service now; opened by [`channel`](fn@crate::channel). Every client that is generated for tonic
/// takes it. A clone is the same channel; with the last one its connections close, once their calls have ended.
#[derive(Clone)]
pub struct Channel {
    caller: Arc<Caller>,
    _following: Arc<Following>,
}

impl Channel {
    pub(super) fn new(caller: Caller, following: Following) -> Self {
        Self { caller: Arc::new(caller), _following: Arc::new(following) }
    }

    /// The service.
    pub fn service(&self) -> &str {
        &self.caller.common.service
    }

    /// By which strategy endpoints are picked.
    pub fn strategy(&self) -> String {
        self.caller.common.balancer.strategy()
    }

    /// From now on endpoints are picked by the strategy of this name, of those that it was set up with. What is known of
    /// them stays known, and calls that are out are not touched.
    ///
    /// # Errors
    ///
    /// No strategy has this name; the one before goes on.
    pub fn change_strategy(&self, name: &str) -> Result<(), ChannelFault> {
        let strategy = self.caller.strategies.named(name)?;
        self.caller.common.balancer.change_strategy(strategy);
        Ok(())
    }

    /// Whom the registry lists, and how this program finds each of them, in the order of their ids.
    pub fn links(&self) -> Vec<LinkStatus> {
        self.caller.common.links.lock().iter().map(|link: &Arc<Link>| link.status()).collect()
    }

    /// How many probes were sent so far. None are while every endpoint is available.
    pub fn probes_sent(&self) -> u64 {
        self.caller.common.probes.load(Ordering::Relaxed)
    }
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let caller = self.caller.clone();
        Box::pin(async move { caller.call(request).await })
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("service", &self.service()).finish_non_exhaustive()
    }
}
