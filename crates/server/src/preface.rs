//! Which version of HTTP a connection speaks: its first bytes say. So gRPC is served where
//! everything else is.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::Duration;

use tokio::net::TcpStream;

use crate::connection::Serving;
use crate::shutdown::{Ending, Place, Stay};
use crate::{connection, http2};

/// How a client of HTTP/2 begins (RFC 9113, 3.4): no method of HTTP/1 does. What comes in smaller
/// pieces than this is taken for HTTP/1, which refuses it; no client sends it so.
const BEGINNING: [u8; 4] = *b"PRI ";

enum Version {
    Http1,
    Http2,
}

/// Serves a connection until it ends.
pub(crate) async fn serve(stream: TcpStream, peer: SocketAddr, serving: Serving, place: Place) {
    let limits = &serving.front.limits;
    let quiet = if place.stay == Stay::Kept { limits.idle_timeout } else { limits.header_timeout };
    match version(&stream, quiet, &place).await {
        Some(Version::Http1) => connection::serve(stream, peer, serving, place).await,
        // One request at a time is nothing that this version knows; its clients try again.
        Some(Version::Http2) if place.stay == Stay::Brief => {}
        // Boxed, so that the others do not carry its size.
        Some(Version::Http2) => Box::pin(http2::serve(stream, peer, serving, place)).await,
        None => {}
    }
}

/// What it speaks; none where it says nothing for too long, leaves, or the server stops.
async fn version(stream: &TcpStream, quiet: Duration, place: &Place) -> Option<Version> {
    let mut start = [0; BEGINNING.len()];
    let ending = poll_fn(|context| match place.ending(context.waker()) {
        Ending::No => Poll::Pending,
        Ending::Gently | Ending::Now => Poll::Ready(()),
    });
    let seen = tokio::select! {
        seen = stream.peek(&mut start) => seen.ok()?,
        () = ending => return None,
        () = tokio::time::sleep(quiet) => return None,
    };
    match start.get(..seen)? {
        [] => None,
        seen if seen == BEGINNING => Some(Version::Http2),
        _ => Some(Version::Http1),
    }
}
