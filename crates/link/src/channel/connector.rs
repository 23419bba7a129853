//! [`Connector`]: makes TCP connections whose end is told.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use lubdub_detect::Tick;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::keep_alive::KeepAlive;
use super::watcher::{Connected, Watcher};
use crate::clock::Clock;

/// There is no connection.
#[derive(Debug, thiserror::Error)]
#[error("no connection to {address}: {reason}")]
pub(super) struct CannotConnect {
    address: String,
    reason: Box<dyn Error + Send + Sync>,
    /// Several calls may have waited for it.
    pub(super) is_told: AtomicBool,
}

impl CannotConnect {
    pub(super) fn new(address: &str, reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { address: address.to_owned(), reason: reason.into(), is_told: AtomicBool::new(false) }
    }
}

/// Makes the connections of one endpoint.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    watcher: Watcher,
    keep_alive: KeepAlive,
    clock: Clock,
}

impl Connector {
    pub(super) fn new(watcher: Watcher, keep_alive: KeepAlive) -> Self {
        Self { watcher, keep_alive, clock: Clock::start() }
    }

    pub(super) async fn connect(&self, address: &str) -> Result<TokioIo<Watched>, CannotConnect> {
        let patience = self.keep_alive.connect_timeout;
        let connected = match timeout(patience, TcpStream::connect(address)).await {
            Ok(connected) => connected,
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, format!("no answer in {patience:?}"))),
        };
        // Small messages are not held back for company.
        let stream = connected.and_then(|stream| stream.set_nodelay(true).map(|()| stream));
        let stream = stream.map_err(|reason| CannotConnect::new(address, reason))?;
        Ok(TokioIo::new(Watched {
            stream,
            _counted: self.watcher.connected(),
            heard: self.clock.now(),
            is_over: false,
            silent_after: self.keep_alive.interval.map(|_| self.keep_alive.timeout),
            connector: self.clone(),
        }))
    }
}

/// A connection that counts while it is open. HTTP/2 gives a connection up when its ping is not answered, and says
/// so to nobody but those who wait for calls; here it is told by this: it is closed from this side, nothing had been heard
/// for as long as an answer may take, and the other side had not closed it.
#[derive(Debug)]
pub(super) struct Watched {
    stream: TcpStream,
    _counted: Connected,
    /// When something came last.
    heard: Tick,
    /// The other side, or the network, has ended it.
    is_over: bool,
    silent_after: Option<Duration>,
    connector: Connector,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = std::task::ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        if read.is_ok() && buffer.filled().len() > before {
            self.heard = self.connector.clock.now();
        } else {
            self.is_over = true;
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        self.is_over |= written.is_err();
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // It is closed in order, as after a goodbye of the other side; who was silent is dropped.
        self.is_over = true;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = std::task::ready!(Pin::new(&mut self.stream).poll_write_vectored(context, pieces));
        self.is_over |= written.is_err();
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let silence = self.connector.clock.now().since(self.heard);
        if !self.is_over && self.silent_after.is_some_and(|limit| silence >= limit) {
            self.connector.watcher.silent();
        }
    }
}
