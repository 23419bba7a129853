//! Which version of HTTP a connection speaks: its first bytes say. So gRPC is served where
//! everything else is.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::Duration;

use tokio::io::Interest;
use tokio::net::TcpStream;

use crate::connection::Serving;
use crate::shutdown::{Ending, Place, Stay};
use crate::{connection, http2};

/// How a client of HTTP/2 begins (RFC 9113, 3.4): no method of HTTP/1 does.
const BEGINNING: [u8; 4] = *b"PRI ";

/// What begins as HTTP/2 does and is no whole beginning yet is looked at again this much later:
/// bytes that were looked at and not read announce no others.
const AGAIN: Duration = Duration::from_millis(5);

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Http1,
    Http2,
}

/// What the first bytes say; none where they may still become either.
pub(crate) fn version(seen: &[u8]) -> Option<Version> {
    if seen.starts_with(&BEGINNING) {
        Some(Version::Http2)
    } else if BEGINNING.starts_with(seen) {
        None
    } else {
        Some(Version::Http1)
    }
}

/// Serves a connection until it ends.
pub(crate) async fn serve(stream: TcpStream, peer: SocketAddr, serving: Serving, place: Place) {
    let limits = &serving.front.limits;
    let quiet = if place.stay == Stay::Kept { limits.idle_timeout } else { limits.header_timeout };
    match spoken(&stream, quiet, limits.header_timeout, &place).await {
        Some(Version::Http1) => connection::serve(stream, peer, serving, place).await,
        // One request at a time is nothing that this version knows; its clients try again.
        Some(Version::Http2) if place.stay == Stay::Brief => {}
        // Boxed, so that the others do not carry its size.
        Some(Version::Http2) => Box::pin(http2::serve(stream, peer, serving, place)).await,
        None => {}
    }
}

/// What it speaks; none where it says nothing for too long, leaves, or the server stops.
async fn spoken(stream: &TcpStream, quiet: Duration, patience: Duration, place: &Place) -> Option<Version> {
    let ending = poll_fn(|context| match place.ending(context.waker()) {
        Ending::No => Poll::Pending,
        Ending::Gently | Ending::Now => Poll::Ready(()),
    });
    tokio::select! {
        begun = stream.readable() => begun.ok()?,
        () = ending => return None,
        () = tokio::time::sleep(quiet) => return None,
    }
    // One that does not go on is answered by HTTP/1, whose patience with a head is as long.
    tokio::time::timeout(patience, begun(stream)).await.unwrap_or(Some(Version::Http1))
}

/// The version, from the first byte on; none where there is no first byte.
async fn begun(stream: &TcpStream) -> Option<Version> {
    let mut start = [0; BEGINNING.len()];
    loop {
        let seen = stream.peek(&mut start).await.ok().filter(|seen| *seen > 0)?;
        if let Some(version) = version(start.get(..seen)?) {
            return Some(version);
        }
        if stream.ready(Interest::READABLE).await.ok()?.is_read_closed() {
            return Some(Version::Http1);
        }
        tokio::time::sleep(AGAIN).await;
    }
}
