//! [`Http2`]: the transport of gRPC, over TCP, by hyper.

use std::error::Error;
use std::fmt;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use http::header::{Entry, USER_AGENT};
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use http::{HeaderValue, Request};
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper::rt::Executor;
use hyper_util::rt::TokioTimer;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tonic::Status;
use tonic::body::Body;

use super::connector::{CannotConnect, Connector};
use super::deadline::time_given;
use super::fault::ChannelFault;
use super::watcher::Watcher;
use super::wire::{CallError, Calling, Target, Transport, Wire};

/// HTTP/2 over TCP, without TLS: one connection for each endpoint, made when the first call needs it and kept. While it is
/// open it is watched by HTTP/2 pings, as [`KeepAlive`](crate::channel::KeepAlive) says.
#[derive(Debug, Clone, Copy)]
pub struct Http2;

impl Http2 {
    /// Its name.
    pub const NAME: &str = "http2";
}

impl Transport for Http2 {
    fn open(&self, target: &Target, watcher: Watcher) -> Result<Arc<dyn Wire>, ChannelFault> {
        let bad = || ChannelFault::BadAddress { address: target.address.clone() };
        let authority: Authority = target.address.parse().map_err(|_| bad())?;
        // What stands before an `@` is no address.
        let is_address = authority.port_u16().is_some_and(|port| port > 0)
            && !authority.host().is_empty()
            && !authority.as_str().contains('@');
        if !is_address {
            return Err(bad());
        }
        let (keep_alive, tasks) = (target.keep_alive, Handle::current());
        let mut builder = Builder::new(On(tasks.clone()));
        builder.timer(TokioTimer::new());
        builder.keep_alive_interval(keep_alive.interval);
        builder.keep_alive_timeout(keep_alive.timeout);
        builder.keep_alive_while_idle(true);
        let connector = Connector::new(watcher, keep_alive);
        let state = Mutex::new(State::Closed);
        Ok(Arc::new(Connection(Arc::new(Endpoint { authority, connector, builder, tasks, state }))))
    }
}

/// Where connections live: a call may be made from a runtime that ends sooner.
#[derive(Debug, Clone)]
struct On(Handle);

impl<F> Executor<F> for On
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}

/// One endpoint with the connection to it.
struct Connection(Arc<Endpoint>);

struct Endpoint {
    authority: Authority,
    connector: Connector,
    builder: Builder<On>,
    tasks: Handle,
    state: Mutex<State>,
}

/// A connection that is open.
#[derive(Clone)]
struct Sender {
    requests: SendRequest<Body>,
    /// Somebody has told that it broke.
    is_told: Arc<AtomicBool>,
}

/// A connection that is being made, for all that wait for it.
type Connecting = Shared<BoxFuture<'static, Result<Sender, Arc<CannotConnect>>>>;

enum State {
    Closed,
    Connecting(Connecting),
    Open(Sender),
}

/// How a call gets a connection.
enum Way {
    Open(Sender),
    Connecting(Connecting),
}

impl Wire for Connection {
    fn call(&self, mut request: Request<Body>) -> Calling {
        self.0.address(&mut request);
        let endpoint = self.0.clone();
        let given = time_given(request.headers());
        Box::pin(async move {
            let Some(given) = given else { return endpoint.send(request).await };
            let in_time = {
                // Whoever calls may have no timers.
                let _timers = endpoint.tasks.enter();
                timeout(given, endpoint.clone().send(request))
            };
            in_time.await.unwrap_or_else(|_| {
                let late = Status::deadline_exceeded(format!("no answer in the {given:?} that there were"));
                Err(CallError { unsent: None, is_news: true, source: late.into() })
            })
        })
    }
}

impl Endpoint {
    /// Puts into a call's head whom it goes to.
    fn address(&self, request: &mut Request<Body>) {
        let mut parts = mem::take(request.uri_mut()).into_parts();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(self.authority.clone());
        let path = parts.path_and_query.get_or_insert_with(|| PathAndQuery::from_static("/")).clone();
        // With these three there is nothing that could be missing.
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_else(|_| Uri::from(path));
        if let Entry::Vacant(agent) = request.headers_mut().entry(USER_AGENT) {
            agent.insert(HeaderValue::from_static(concat!("lubdub-link/", env!("CARGO_PKG_VERSION"))));
        }
    }

    async fn send(self: Arc<Self>, mut request: Request<Body>) -> Result<http::Response<Body>, CallError> {
        loop {
            let (mut sender, is_new) = match self.way() {
                Way::Open(sender) => (sender, false),
                Way::Connecting(connecting) => match connecting.await {
                    Ok(sender) => (sender, true),
                    Err(source) => {
                        let is_news = !source.is_told.swap(true, Relaxed);
                        let unsent = Some(Box::new(request));
                        return Err(CallError { unsent, is_news, source: Box::new(source) });
                    }
                },
            };
            let mut failure = match sender.requests.try_send_request(request).await {
                Ok(response) => return Ok(response.map(Body::new)),
                Err(failure) => failure,
            };
            match failure.take_message() {
                // It was closed between two calls, as by a provider that restarted: that says nothing of now.
                Some(unsent) if !is_new => request = unsent,
                unsent => {
                    let source = failure.into_error();
                    let is_news = sender.tells(&source);
                    return Err(CallError { unsent: unsent.map(Box::new), is_news, source: source.into() });
                }
            }
        }
    }

    /// The connection that is open, or that is being made, or else a new one.
    fn way(self: &Arc<Self>) -> Way {
        let mut state = self.state.lock();
        match &*state {
            State::Open(sender) if !sender.requests.is_closed() => return Way::Open(sender.clone()),
            State::Connecting(connecting) => return Way::Connecting(connecting.clone()),
            State::Open(_) | State::Closed => {}
        }
        let endpoint = self.clone();
        let made = self.tasks.spawn(async move {
            let made = endpoint.connect().await;
            *endpoint.state.lock() = match &made {
                Ok(sender) => State::Open(sender.clone()),
                Err(_) => State::Closed,
            };
            made.map_err(Arc::new)
        });
        let address = self.authority.clone();
        let made = made.map(move |made| match made {
            Ok(made) => made,
            Err(ended) => Err(Arc::new(CannotConnect::new(address.as_str(), ended))),
        });
        let connecting = made.boxed().shared();
        *state = State::Connecting(connecting.clone());
        Way::Connecting(connecting)
    }

    async fn connect(&self) -> Result<Sender, CannotConnect> {
        let address = self.authority.as_str();
        let stream = self.connector.connect(address).await?;
        let (requests, connection) =
            self.builder.handshake(stream).await.map_err(|error| CannotConnect::new(address, error))?;
        self.tasks.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
        });
        Ok(Sender { requests, is_told: Arc::default() })
    }
}

impl Sender {
    /// Whether an error tells something of the endpoint that no other call on this connection has told.
    fn tells(&self, error: &hyper::Error) -> bool {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<h2::Error>()
                && error.is_reset()
            {
                // One stream alone: reset by the endpoint, or from here, as its message could not be made.
                return error.is_remote();
            }
            cause = error.source();
        }
        !self.is_told.swap(true, Relaxed)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("authority", &self.0.authority).finish_non_exhaustive()
    }
}
