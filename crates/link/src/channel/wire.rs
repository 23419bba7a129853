//! [`Wire`] and [`Transport`]: how calls get to one endpoint.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::{Request, Response};
use tonic::body::Body;

use super::fault::ChannelFault;
use super::keep_alive::KeepAlive;
use super::watcher::Watcher;

/// A way to one endpoint. It connects when it is first used, and again whenever it has to.
pub trait Wire: fmt::Debug + Send + Sync {
    /// Makes a call; it ends when the head of its answer is there. Dropped before that, it is given up.
    fn call(&self, request: Request<Body>) -> Calling;
}

/// A call that was begun.
pub type Calling = BoxFuture<'static, Result<Response<Body>, CallError>>;

/// A call to which there is no answer.
#[derive(Debug)]
pub struct CallError {
    /// The call itself, where nothing of it was sent: it may be made elsewhere, whatever it does. Without it, it may have been
    /// received, and acted upon.
    pub unsent: Option<Box<Request<Body>>>,
    /// Whether it tells something of the endpoint that no other call has told. A connection that breaks fails all calls on it, and is one failure; what
    /// the caller broke itself is none.
    pub is_news: bool,
    /// What went wrong.
    pub source: Box<dyn Error + Send + Sync>,
}

/// Where an endpoint is, and what a transport is asked to keep to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Target {
    /// `host:port`.
    pub address: String,
    /// How its connections are watched.
    pub keep_alive: KeepAlive,
}

impl Target {
    pub(super) fn new(address: String, keep_alive: KeepAlive) -> Self {
        Self { address, keep_alive }
    }
}

/// A kind of connection, known to the process by a name: see [`add_transport`](crate::channel::add_transport). One instance
/// serves all channels.
pub trait Transport: fmt::Debug + Send + Sync {
    /// A way to an endpoint, without connecting to it. What its connections come to is told to `watcher`.
    ///
    /// # Errors
    ///
    /// [`ChannelFault::BadAddress`].
    fn open(&self, target: &Target, watcher: Watcher) -> Result<Arc<dyn Wire>, ChannelFault>;
}
