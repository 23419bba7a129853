//! One connection that speaks HTTP/2: hyper's server on one socket, with its limits and its end.
//!
//! Many calls share it, so its end says nothing of the beats that it carried; what it says of
//! sessions, their streams tell. One whose other end answers nothing is given up (`silence`), unless
//! it carries nothing but sessions: those have a countdown of their own.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use lubdub_grpc::Carrier;
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::time::sleep_until;

use crate::carried::Carried;
use crate::connection::{Serving, WRITTEN_AHEAD, prepare};
use crate::shutdown::{Ending, Place};
use crate::silence::{Heard, Listened, Silence, Verdict};

/// Serves a connection until it ends.
pub(crate) async fn serve(stream: TcpStream, peer: SocketAddr, serving: Serving, place: Place) {
    let front = Arc::clone(&serving.front);
    let limits = &serving.front.limits;
    prepare(&stream, limits);
    let calls = Arc::new(Calls::new());
    let (heard, carrier) = (Arc::new(Heard::new()), Carrier::default());
    let service = service_fn(|mut request| {
        let (front, call, loopback) = (Arc::clone(&front), Call::of(&calls), serving.loopback);
        request.extensions_mut().insert(carrier.clone());
        async move {
            let began = Instant::now();
            let (response, route) = front.answer(request, peer, loopback, &Carried::default()).await;
            let nanos = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
            front.requests.note(&route, response.status(), nanos);
            Ok::<_, Infallible>(response.map(|body| Answer { body, call }))
        }
    });
    let small = |size: usize| u32::try_from(size).unwrap_or(u32::MAX);
    let asks = (!limits.ping_interval.is_zero()).then_some(limits.ping_interval);
    let socket = Listened { stream, heard: Arc::clone(&heard), carrier: carrier.clone() };
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(small(limits.max_streams))
        .max_header_list_size(small(limits.max_header_bytes))
        // For each stream whose reader is slow; hyper's own default is 400 KiB.
        .max_send_buf_size(WRITTEN_AHEAD)
        .keep_alive_interval(asks)
        .keep_alive_timeout(NEVER)
        .serve_connection(TokioIo::new(socket), service);
    let mut connection = pin!(connection);
    let mut timer = pin!(sleep_until((Instant::now() + limits.idle_timeout).into()));
    let mut silence = Silence::new(limits.ping_interval, limits.ping_timeout);
    let mut patience = pin!(sleep_until((Instant::now() + limits.ping_interval).into()));
    let mut ending = Ending::No;
    poll_fn(|context| {
        let told = place.ending(context.waker());
        if told != ending {
            ending = told;
            if ending == Ending::Now {
                return Poll::Ready(());
            }
            connection.as_mut().graceful_shutdown();
        }
        if let Poll::Ready(outcome) = connection.as_mut().poll(context) {
            if let Err(error) = outcome {
                tracing::debug!(%peer, %error, "a connection broke");
            }
            return Poll::Ready(());
        }
        // The timer is lazy: it is moved only when it rings.
        while timer.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            let quiet_since = calls.quiet_since();
            if quiet_since.is_some_and(|since| since + limits.idle_timeout <= now) {
                tracing::debug!(%peer, "a connection was closed on which nothing happened");
                return Poll::Ready(());
            }
            timer.as_mut().reset((quiet_since.unwrap_or(now) + limits.idle_timeout).into());
        }
        while asks.is_some() && patience.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            let again = match silence.judge(now, heard.last()) {
                Verdict::Wait(until) => until,
                Verdict::Gone if calls.are_all(carrier.sessions()) => now + limits.ping_interval,
                Verdict::Gone => {
                    tracing::debug!(%peer, "a connection was closed whose other end answered no ping");
                    carrier.give_up();
                    return Poll::Ready(());
                }
            };
            patience.as_mut().reset(again.into());
        }
        Poll::Pending
    })
    .await;
}

/// hyper asks; `silence` judges.
const NEVER: Duration = Duration::from_hours(24 * 366);

/// The calls of a connection.
struct Calls(Mutex<Traffic>);

struct Traffic {
    open: usize,
    /// When the last one ended.
    quiet_since: Instant,
}

impl Calls {
    fn new() -> Self {
        Self(Mutex::new(Traffic { open: 0, quiet_since: Instant::now() }))
    }

    /// Since when there is none; none while there is one.
    fn quiet_since(&self) -> Option<Instant> {
        let traffic = self.0.lock();
        (traffic.open == 0).then_some(traffic.quiet_since)
    }

    /// Whether there are some, and no more than these.
    fn are_all(&self, these: usize) -> bool {
        let open = self.0.lock().open;
        open > 0 && open <= these
    }
}

/// A call, until its answer has ended or is lost.
struct Call(Arc<Calls>);

impl Call {
    fn of(calls: &Arc<Calls>) -> Self {
        calls.0.lock().open += 1;
        Self(Arc::clone(calls))
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let mut traffic = self.0.0.lock();
        traffic.open -= 1;
        traffic.quiet_since = Instant::now();
    }
}

/// A response's body, with whose end the call ends.
struct Answer {
    body: Body,
    #[expect(dead_code, reason = "held, never read")]
    call: Call,
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
