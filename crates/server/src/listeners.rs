//! Listeners: sockets that are bound first, and accept when the registry is ready.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

use crate::connection::Serving;
use crate::preface::serve;
use crate::shutdown::Connections;

/// So many connections may wait to be accepted; the system may allow less.
const BACKLOG: u32 = 4096;

/// After a failure that is the system's (no file, no memory) accepting rests for this long.
const REST: Duration = Duration::from_millis(50);

/// Binds a listener.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A restart must not wait for the connections of the run before it to be forgotten. Not
    // on Windows, where it means that others may take the port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts connections until told to stop.
pub(crate) async fn accept(
    listener: TcpListener,
    serving: Serving,
    connections: Arc<Connections>,
    mut stopping: watch::Receiver<bool>,
) {
    let failures = Seldom::new();
    let refusals = Seldom::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stopping| *stopping) => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                let full = match connections.place(peer.ip()) {
                    Ok(place) => {
                        tokio::spawn(serve(stream, peer, serving.clone(), place));
                        continue;
                    }
                    Err(full) => full,
                };
                refuse(&stream);
                refusals.tell(|times| {
                    tracing::warn!(
                        %peer,
                        times,
                        "a connection was refused: {} is reached; raise it, and the system's limit of open files",
                        full.setting()
                    );
                });
            }
            Err(error) if is_peers_own(&error) => {}
            Err(error) => {
                failures.tell(|times| tracing::error!(%error, times, "connections cannot be accepted"));
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// One connection failed before it was accepted; others will not.
fn is_peers_own(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Says so and closes. It is written if the socket takes it at once, which it does.
fn refuse(stream: &TcpStream) {
    let busy = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";
    drop(stream.try_write(busy));
}

/// A line of the log that would come too often: the first one, and then one in ten seconds
/// that says how often it happened in between.
struct Seldom {
    began: Instant,
    next_millis: AtomicU64,
    times: AtomicU64,
}

const SELDOM_MILLIS: u64 = 10_000;

impl Seldom {
    fn new() -> Self {
        Self { began: Instant::now(), next_millis: AtomicU64::new(0), times: AtomicU64::new(0) }
    }

    fn tell(&self, tell: impl FnOnce(u64)) {
        let times = self.times.fetch_add(1, Ordering::Relaxed) + 1;
        let now = self.began.elapsed().as_millis() as u64;
        if now >= self.next_millis.load(Ordering::Relaxed) {
            self.next_millis.store(now + SELDOM_MILLIS, Ordering::Relaxed);
            self.times.store(0, Ordering::Relaxed);
            tell(times);
        }
    }
}
