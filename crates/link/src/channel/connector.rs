//! [`Connector`]: makes TCP connections whose end is told.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll, ready};

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::ending::Ending;
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
            ending: Ending::new(self.keep_alive, self.clock.now()),
            connector: self.clone(),
        }))
    }
}

/// A connection that counts while it is open, and tells when it ended in silence.
#[derive(Debug)]
pub(super) struct Watched {
    stream: TcpStream,
    _counted: Connected,
    ending: Ending,
    connector: Connector,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        if read.is_ok() && buffer.filled().len() > before {
            let now = self.connector.clock.now();
            self.ending.heard(now);
        } else {
            self.ending.ended();
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
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        if written.is_err() {
            self.ending.ended();
        }
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // It is closed in order, as after a goodbye of the other side; who was silent is dropped.
        self.ending.ended();
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, pieces));
        if written.is_err() {
            self.ending.ended();
        }
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.ending.is_silence(self.connector.clock.now()) {
            self.connector.watcher.silent();
        }
    }
}
