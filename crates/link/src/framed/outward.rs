//! What goes out: beats first, then what the application writes.
//!
//! A beat overtakes whatever has not been handed to the transport. What is in the codec's buffer already goes first: at most its
//! backpressure boundary and one frame.

use std::fmt::Display;
use std::task::{Context, Poll};

use futures_util::{Sink, SinkExt, Stream};

use super::beats::Beats;
use super::ended::{Ended, LinkError};
use super::state::{Fault, State, Unflushed};

/// What becomes of something that the application writes.
pub(super) type Written<T, B> = Result<(), LinkError<Fault<T, B>>>;

impl<T, B> State<T, B>
where
    T: Stream<Item = Result<B::Received, Fault<T, B>>> + Sink<B::Sent> + Unpin,
    Fault<T, B>: Display,
    B: Beats,
{
    /// Whether something of our own waits for the transport.
    pub(super) fn has_urgent(&self) -> bool {
        !self.urgent.is_empty() || self.unflushed == Unflushed::Beats
    }

    /// Sends a beat before anything else; at once where the transport takes it, and else when it says so.
    pub(super) fn send(&mut self, beat: B::Sent) {
        if self.is_closing || self.write_failure.is_some() {
            return;
        }
        let cx = &mut Context::from_waker(&self.waker);
        let Some(transport) = &mut self.transport else { return };
        let ready = if self.urgent.is_empty() { transport.poll_ready_unpin(cx) } else { Poll::Pending };
        let sent = match ready {
            Poll::Ready(Ok(())) => transport.start_send_unpin(beat),
            Poll::Ready(Err(failure)) => Err(failure),
            Poll::Pending => {
                self.urgent.push_back(beat);
                return;
            }
        };
        match sent {
            Ok(()) => self.unflushed = Unflushed::Beats,
            Err(failure) => drop(self.failed(failure)),
        }
        let _ = self.poll_urgent();
    }

    /// Writes the beats that wait, and flushes them. A transport that fails here is read to its end all the same.
    pub(super) fn poll_urgent(&mut self) -> Poll<()> {
        let cx = &mut Context::from_waker(&self.waker);
        let Some(transport) = &mut self.transport else { return Poll::Ready(()) };
        let outcome = loop {
            if self.urgent.is_empty() {
                break match self.unflushed {
                    Unflushed::Beats => transport.poll_flush_unpin(cx),
                    Unflushed::Nothing | Unflushed::Frames => return Poll::Ready(()),
                };
            }
            match transport.poll_ready_unpin(cx) {
                Poll::Ready(Ok(())) => {}
                other => break other,
            }
            let Some(beat) = self.urgent.pop_front() else { continue };
            if let Err(failure) = transport.start_send_unpin(beat) {
                break Poll::Ready(Err(failure));
            }
            self.unflushed = Unflushed::Beats;
        };
        match outcome {
            Poll::Ready(Ok(())) => self.flushed(),
            // Who reads will learn it, or the application when it writes.
            Poll::Ready(Err(failure)) => drop(self.failed(failure)),
            Poll::Pending => return Poll::Pending,
        }
        Poll::Ready(())
    }

    /// Ready when the application may write a frame: no beat waits before it.
    pub(super) fn poll_ready(&mut self) -> Poll<Written<T, B>> {
        if !self.urgent.is_empty() && self.poll_urgent().is_pending() && !self.urgent.is_empty() {
            return Poll::Pending;
        }
        self.poll_write(T::poll_ready_unpin)
    }

    pub(super) fn start_send(&mut self, frame: B::Sent) -> Written<T, B> {
        let sent = self.writable()?.start_send_unpin(frame);
        if self.unflushed == Unflushed::Nothing {
            self.unflushed = Unflushed::Frames;
        }
        sent.map_err(|failure| self.failed(failure))
    }

    pub(super) fn poll_flush(&mut self) -> Poll<Written<T, B>> {
        if !self.urgent.is_empty() {
            // What does not fit now goes out when the transport says so.
            let _ = self.poll_urgent();
        }
        let flushed = self.poll_write(T::poll_flush_unpin);
        if let Poll::Ready(Ok(())) = flushed {
            self.flushed();
        }
        flushed
    }

    pub(super) fn poll_close(&mut self) -> Poll<Written<T, B>> {
        self.is_closing = true;
        self.urgent.clear();
        if self.transport.is_none() {
            return Poll::Ready(Ok(()));
        }
        let closed = self.poll_write(T::poll_close_unpin);
        if let Poll::Ready(Ok(())) = closed {
            self.flushed();
        }
        closed
    }

    fn poll_write(
        &mut self,
        poll: impl FnOnce(&mut T, &mut Context<'_>) -> Poll<Result<(), Fault<T, B>>>,
    ) -> Poll<Written<T, B>> {
        self.writable()?;
        let Some(transport) = &mut self.transport else { return Poll::Pending };
        let polled = poll(transport, &mut Context::from_waker(&self.waker));
        polled.map_err(|failure| self.failed(failure))
    }

    /// The transport, unless it is gone or failed to write.
    fn writable(&mut self) -> Result<&mut T, LinkError<Fault<T, B>>> {
        if let Some(reason) = &self.write_failure {
            return Err(LinkError::Ended(Ended::Transport { reason: reason.to_string() }));
        }
        let ended = &self.ended;
        self.transport.as_mut().ok_or_else(|| LinkError::Ended(ended.clone().unwrap_or(Ended::ByUs)))
    }

    /// Everything that was handed to the transport is written.
    fn flushed(&mut self) {
        if std::mem::replace(&mut self.unflushed, Unflushed::Nothing) != Unflushed::Nothing {
            self.heartbeat.written(self.clock.now());
        }
    }

    /// Nothing more is written, by nobody.
    fn failed(&mut self, failure: Fault<T, B>) -> LinkError<Fault<T, B>> {
        self.write_failure.get_or_insert_with(|| failure.to_string().into());
        self.urgent.clear();
        self.unflushed = Unflushed::Nothing;
        LinkError::Transport(failure)
    }
}
