//! [`Pulse`]: what a connection is doing and since when, so that a slow one can be told from
//! one that is merely quiet.
//!
//! hyper's own timeout for heads also runs while a connection is quiet between two requests
//! (hyper 1.12, `Conn::idle`), so it would close the connection of every client that beats
//! less often; and it arms a timer for each request. Here a request costs two readings of
//! the clock, and a timer is only ever armed for a head that came in part.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No request yet, since then.
    Fresh(Instant),
    /// Nothing since a request ended then.
    Quiet(Instant),
    /// A request's head began to come then.
    Head(Instant),
    /// A request is being answered; it has limits of its own.
    Request,
}

/// A moment of a connection, in nanoseconds since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Beat(u64);

impl Beat {
    /// How many nanoseconds after `earlier` this is.
    pub(crate) fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// One word: nanoseconds since the connection was opened, and the phase in the low bits.
///
/// It is read and written by the connection's own task alone, so nothing depends on its
/// ordering; it is atomic because its owners cannot know that.
#[derive(Debug)]
pub(crate) struct Pulse {
    opened: Instant,
    word: AtomicU64,
}

const FRESH: u64 = 0;
const HEAD: u64 = 1;
const REQUEST: u64 = 2;
const QUIET: u64 = 3;
const PHASE_BITS: u32 = 2;

impl Pulse {
    pub(crate) fn new() -> Self {
        Self { opened: Instant::now(), word: AtomicU64::new(FRESH) }
    }

    pub(crate) fn phase(&self) -> Phase {
        let word = self.word.load(Ordering::Relaxed);
        let since = self.opened + Duration::from_nanos(word >> PHASE_BITS);
        match word & ((1 << PHASE_BITS) - 1) {
            FRESH => Phase::Fresh(since),
            HEAD => Phase::Head(since),
            QUIET => Phase::Quiet(since),
            _ => Phase::Request,
        }
    }

    /// A request's head is complete; answers when it began to come. The clock was read then and
    /// need not be read again, unless the head came together with a request before it.
    pub(crate) fn request_begins(&self) -> Beat {
        let word = self.word.swap(REQUEST, Ordering::Relaxed);
        match word & ((1 << PHASE_BITS) - 1) {
            HEAD | QUIET => Beat(word >> PHASE_BITS),
            _ => self.now(),
        }
    }

    fn request_ends(&self, at: Beat) {
        self.word.store(at.0 << PHASE_BITS | QUIET, Ordering::Relaxed);
    }

    /// Bytes came: in a quiet connection, the beginning of a head.
    fn bytes_came(&self) {
        if let Phase::Fresh(_) | Phase::Quiet(_) = self.phase() {
            self.word.store(self.now().0 << PHASE_BITS | HEAD, Ordering::Relaxed);
        }
    }

    /// This moment.
    pub(crate) fn now(&self) -> Beat {
        Beat(self.opened.elapsed().as_nanos() as u64)
    }
}

/// A connection's stream, which tells its pulse when bytes come.
#[derive(Debug)]
pub(crate) struct Felt {
    pub(crate) stream: TcpStream,
    pub(crate) pulse: Arc<Pulse>,
}

impl AsyncRead for Felt {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.pulse.bytes_came();
        }
        read
    }
}

impl AsyncWrite for Felt {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // An answer without a body is one piece, and the kernel takes one piece with less ado: a
        // vector of one costs a renewal 2 % of its processor time.
        match bufs {
            [only] => Pin::new(&mut self.stream).poll_write(cx, only),
            _ => Pin::new(&mut self.stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A response's body, with whose end (or loss) the request ends.
#[derive(Debug)]
pub(crate) struct Answer {
    body: Body,
    pulse: Arc<Pulse>,
    /// Of an answer without a body, when it was ready: its end is the same, and the clock need not
    /// be read again.
    ended: Option<Beat>,
}

impl Answer {
    /// The answer that was ready at this moment.
    pub(crate) fn new(body: Body, pulse: Arc<Pulse>, ready: Beat) -> Self {
        let ended = http_body::Body::is_end_stream(&body).then_some(ready);
        Self { body, pulse, ended }
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.pulse.request_ends(self.ended.unwrap_or_else(|| self.pulse.now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_counts_from_its_first_byte_and_a_request_until_its_answer_ends() {
        let pulse = Arc::new(Pulse::new());
        assert!(matches!(pulse.phase(), Phase::Fresh(_)));
        pulse.bytes_came();
        let Phase::Head(began) = pulse.phase() else { panic!("a head should have begun") };
        pulse.bytes_came();
        assert_eq!(pulse.phase(), Phase::Head(began));
        let head = pulse.request_begins();
        assert_eq!(pulse.opened + Duration::from_nanos(head.0), began);
        pulse.bytes_came();
        assert_eq!(pulse.phase(), Phase::Request);
        let ready = pulse.now();
        drop(Answer::new(Body::empty(), Arc::clone(&pulse), ready));
        let quiet = Phase::Quiet(pulse.opened + Duration::from_nanos(ready.0));
        assert_eq!(pulse.phase(), quiet, "an answer without a body ends when it is ready");
        assert!(ready.since(head) > 0 && head.since(ready) == 0);
    }
}
