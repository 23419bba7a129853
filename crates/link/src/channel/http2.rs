//! [`Http2`]: the transport of gRPC, over TCP, by tonic.

use std::error::Error;
use std::sync::Arc;

use http::Request;
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tower::{Service, ServiceExt};

use super::connector::{CannotConnect, Connector};
use super::fault::ChannelFault;
use super::watcher::Watcher;
use super::wire::{CallError, Calling, Reached, Target, Transport, Wire};

/// HTTP/2 over TCP, without TLS: one connection for each endpoint, made when the first call needs it and kept. While it is
/// open it is watched by HTTP/2 pings, as [`KeepAlive`](crate::KeepAlive) says.
#[derive(Debug, Clone, Copy)]
pub struct Http2;

impl Http2 {
    /// Its name.
    pub const NAME: &str = "http2";
}

impl Transport for Http2 {
    fn open(&self, target: &Target, watcher: Watcher) -> Result<Arc<dyn Wire>, ChannelFault> {
        let bad = || ChannelFault::BadAddress { address: target.address.clone() };
        let endpoint = Endpoint::from_shared(format!("http://{}", target.address)).map_err(|_| bad())?;
        let uri = endpoint.uri();
        if uri.port_u16().is_none_or(|port| port == 0) || uri.host().is_none_or(str::is_empty) {
            return Err(bad());
        }
        let keep_alive = target.keep_alive;
        let mut endpoint = endpoint.keep_alive_timeout(keep_alive.timeout).keep_alive_while_idle(true);
        if let Some(interval) = keep_alive.interval {
            endpoint = endpoint.http2_keep_alive_interval(interval);
        }
        let connector = Connector::new(watcher, keep_alive);
        Ok(Arc::new(OverChannel(Channel::new(connector, endpoint))))
    }
}

#[derive(Debug)]
struct OverChannel(Channel);

impl Wire for OverChannel {
    fn call(&self, request: Request<Body>) -> Calling {
        let mut channel = self.0.clone();
        Box::pin(async move {
            let called = match channel.ready().await {
                Ok(ready) => ready.call(request).await,
                Err(error) => Err(error),
            };
            called.map_err(|error| {
                let reached =
                    if is_caused_by::<CannotConnect>(&error) { Reached::Nobody } else { Reached::Perhaps };
                CallError { reached, source: error.into() }
            })
        })
    }
}

fn is_caused_by<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<E>() {
            return true;
        }
        cause = error.source();
    }
    false
}
