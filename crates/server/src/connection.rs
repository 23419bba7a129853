//! One connection: hyper's HTTP/1 on one socket, with its timeouts and its end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::sleep_until;

use crate::carried::Carried;
use crate::config::TrafficLimits;
use crate::front::Front;
use crate::pulse::{Answer, Felt, Phase, Pulse};
use crate::shutdown::{Ending, Place, Stay};

/// How connections of one listener are served.
#[derive(Debug, Clone)]
pub(crate) struct Serving {
    pub(crate) front: Arc<Front>,
    /// Whether only this machine can reach the listener.
    pub(crate) loopback: bool,
}

/// About as many bytes of an answer wait to be taken by the socket; the rest waits where it is.
pub(crate) const WRITTEN_AHEAD: usize = 64 * 1024;

/// Serves a connection until it ends.
pub(crate) async fn serve(stream: TcpStream, peer: SocketAddr, serving: Serving, place: Place) {
    let limits = &serving.front.limits;
    prepare(&stream, limits);
    let pulse = Arc::new(Pulse::new());
    let carried = Carried::default();
    let service = service_fn(|request| {
        let began = pulse.request_begins();
        let (front, pulse, carried) = (&serving.front, &pulse, &carried);
        async move {
            let (response, route) = front.answer(request, peer, serving.loopback, carried).await;
            let ready = pulse.now();
            front.requests.note(&route, response.status(), ready.since(began));
            Ok::<_, Infallible>(response.map(|body| Answer::new(body, Arc::clone(pulse), ready)))
        }
    });
    let connection = http1::Builder::new()
        .keep_alive(place.stay == Stay::Kept)
        .max_header_size(limits.max_header_bytes)
        .max_buf_size(limits.max_header_bytes.max(WRITTEN_AHEAD))
        // Heads have another clock: see `pulse`.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(Felt { stream, pulse: Arc::clone(&pulse) }), service);
    let mut connection = pin!(connection);
    let quiet = if place.stay == Stay::Kept { limits.idle_timeout } else { limits.header_timeout };
    let mut armed = Instant::now() + quiet;
    let mut timer = pin!(sleep_until(armed.into()));
    let mut ending = Ending::No;
    let mut closed_by_peer = false;
    poll_fn(|cx| {
        let told = place.ending(cx.waker());
        if told != ending {
            ending = told;
            // hyper closes a connection that is idle, but knows no idleness before the first request.
            if ending == Ending::Now || matches!(pulse.phase(), Phase::Fresh(_)) {
                return Poll::Ready(());
            }
            connection.as_mut().graceful_shutdown();
        }
        if let Poll::Ready(outcome) = connection.as_mut().poll(cx) {
            if let Err(error) = outcome {
                tracing::debug!(%peer, %error, "a connection broke");
            }
            closed_by_peer = ending == Ending::No && place.stay == Stay::Kept;
            return Poll::Ready(());
        }
        // The timer is lazy: it is moved forward at once, and back only when it rings.
        loop {
            let deadline = match pulse.phase() {
                Phase::Fresh(since) | Phase::Quiet(since) => Some(since + quiet),
                Phase::Head(since) => Some(since + limits.header_timeout),
                Phase::Request => None,
            };
            if let Some(deadline) = deadline.filter(|deadline| *deadline < armed) {
                armed = deadline;
                timer.as_mut().reset(armed.into());
            }
            if timer.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            if deadline.is_some_and(|deadline| deadline <= now) {
                tracing::debug!(%peer, "a connection was closed that took too long");
                return Poll::Ready(());
            }
            armed = deadline.unwrap_or(now + quiet);
            timer.as_mut().reset(armed.into());
        }
    })
    .await;
    if closed_by_peer {
        serving.front.handle.connection_closed(carried.take());
    }
}

/// Sets what a socket needs. Where the system refuses, it works all the same.
pub(crate) fn prepare(stream: &TcpStream, limits: &TrafficLimits) {
    drop(stream.set_nodelay(true));
    // The kernel counts how long sent bytes wait to be taken, also while the peer's window
    // is shut; nothing here has to.
    #[cfg(target_os = "linux")]
    drop(
        socket2::SockRef::from(stream)
            .set_tcp_user_timeout(Some(limits.write_timeout.max(Duration::from_millis(1)))),
    );
    #[cfg(not(target_os = "linux"))]
    let _ = limits;
}
