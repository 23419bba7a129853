//! [`Silence`]: whether the other end of an HTTP/2 connection is still there when nothing comes from it.
//!
//! hyper asks it by a ping after each interval without a frame, but its own time-out is not used:
//! it looks at the clock before it reads what has come meanwhile, so that after a pause of
//! this process everybody would be gone. Here whatever came counts, not the ping's answer
//! alone, and a time-out begins only when this process was awake to see that nothing had come.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use lubdub_grpc::Carrier;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// What is known of a peer from whom nothing comes.
#[derive(Debug)]
pub(crate) struct Silence {
    interval: Duration,
    timeout: Duration,
    /// Since when an answer is waited for.
    asked: Option<Instant>,
}

/// What a silence means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing yet: it is to be looked at again then.
    Wait(Instant),
    /// The peer answers nothing.
    Gone,
}

impl Silence {
    pub(crate) fn new(interval: Duration, timeout: Duration) -> Self {
        Self { interval, timeout, asked: None }
    }

    /// Judges at `now`, after everything was read that had come; the last of it at `heard`.
    pub(crate) fn judge(&mut self, now: Instant, heard: Instant) -> Verdict {
        if self.asked.is_some_and(|asked| heard > asked) {
            self.asked = None;
        }
        match self.asked {
            None if now < heard + self.interval => Verdict::Wait(heard + self.interval),
            None => {
                self.asked = Some(now);
                Verdict::Wait(now + self.timeout)
            }
            Some(asked) if now < asked + self.timeout => Verdict::Wait(asked + self.timeout),
            Some(_) => Verdict::Gone,
        }
    }
}

/// When something came last.
#[derive(Debug)]
pub(crate) struct Heard {
    opened: Instant,
    /// Nanoseconds since then. Written and read by the connection's own task, as in `pulse`.
    last: AtomicU64,
}

impl Heard {
    pub(crate) fn new() -> Self {
        Self { opened: Instant::now(), last: AtomicU64::new(0) }
    }

    pub(crate) fn last(&self) -> Instant {
        self.opened + Duration::from_nanos(self.last.load(Ordering::Relaxed))
    }

    fn now(&self) {
        let nanos = u64::try_from(self.opened.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.last.store(nanos, Ordering::Relaxed);
    }
}

/// A socket that notes what it hears, and how it breaks.
#[derive(Debug)]
pub(crate) struct Listened {
    pub(crate) stream: TcpStream,
    pub(crate) heard: Arc<Heard>,
    pub(crate) carrier: Carrier,
}

impl Listened {
    /// Notes an error. A peer that closes is heard of: its system says so. Whatever else breaks a
    /// connection (the kernel's own patience, a lost route) is a conclusion on this side.
    fn noted<T>(&self, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        if let Poll::Ready(Err(error)) = &outcome
            && !matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
        {
            self.carrier.give_up();
        }
        outcome
    }
}

impl AsyncRead for Listened {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.heard.now();
        }
        self.noted(outcome)
    }
}

impl AsyncWrite for Listened {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.noted(outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.noted(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn who_answers_nothing_is_gone_an_interval_and_a_timeout_after_the_last_word() {
        let mut silence = Silence::new(secs(3), secs(2));
        let heard = Instant::now();
        assert_eq!(silence.judge(heard, heard), Verdict::Wait(heard + secs(3)));
        assert_eq!(silence.judge(heard + secs(3), heard), Verdict::Wait(heard + secs(5)));
        assert_eq!(silence.judge(heard + secs(4), heard), Verdict::Wait(heard + secs(5)));
        assert_eq!(silence.judge(heard + secs(5), heard), Verdict::Gone);
    }

    #[test]
    fn any_word_after_the_question_is_an_answer() {
        let mut silence = Silence::new(secs(3), secs(2));
        let start = Instant::now();
        silence.judge(start + secs(3), start);
        let heard = start + secs(4);
        assert_eq!(silence.judge(start + secs(5), heard), Verdict::Wait(heard + secs(3)));
    }

    #[test]
    fn a_pause_of_this_process_is_no_silence_of_its_peers() {
        let mut silence = Silence::new(secs(3), secs(2));
        let heard = Instant::now();
        let awake = heard + secs(600);
        assert_eq!(silence.judge(awake, heard), Verdict::Wait(awake + secs(2)), "it was never asked");
    }

    #[test]
    fn who_comes_back_after_all_is_asked_anew() {
        let mut silence = Silence::new(secs(3), secs(2));
        let start = Instant::now();
        silence.judge(start + secs(3), start);
        assert_eq!(silence.judge(start + secs(5), start), Verdict::Gone);
        let heard = start + secs(6);
        assert_eq!(silence.judge(heard, heard), Verdict::Wait(heard + secs(3)));
    }
}
