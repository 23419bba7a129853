//! [`Link`]: what the application holds.

use std::fmt;
use std::fmt::Display;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_util::{Sink, Stream};
use parking_lot::Mutex;

use super::beats::Beats;
use super::config::LinkConfig;
use super::ended::{Ended, LinkError};
use super::guard::Guard;
use super::inward::Read;
use super::outward::Written;
use super::progress::Progress;
use super::pulse::Pulse;
use super::shared::Shared;
use super::signals::{Signals, Who};
use super::state::{Fault, State};
use crate::heartbeat::HeartbeatFault;

/// A framed transport with heartbeats. To the application it is the same stream and sink, without the beats.
///
/// Pings are answered before the application sees what came behind them, also while it does not read: then a second, or a quarter of
/// the interval if that is less, after they came; those that follow at once. Up to [`LinkConfig::parked`] frames wait for it. This
/// holds as long as the runtime has a thread left; who blocks its threads blocks the link, as any other task.
///
/// As a stream it ends after the last frame: with nothing more where the other end closed the connection, or this one, and otherwise
/// with one error that says why. Beyond the end of the other end's frames it can still be written to. Dropping it closes the
/// connection.
///
/// A write that waits for the other end holds up neither reading nor the timers. Beats go before whatever has not been handed
/// to the transport.
pub struct Link<T, B>
where
    T: Stream<Item = Result<B::Received, Fault<T, B>>> + Sink<B::Sent> + Unpin,
    Fault<T, B>: Display,
    B: Beats,
{
    shared: Arc<Shared<T, B>>,
}

impl<T, B> Link<T, B>
where
    T: Stream<Item = Result<B::Received, Fault<T, B>>> + Sink<B::Sent> + Unpin + Send + 'static,
    Fault<T, B>: Display + Send + 'static,
    B: Beats + Send + 'static,
    B::Received: Send,
    B::Sent: Send,
{
    /// Watches over a transport from now on.
    ///
    /// # Errors
    ///
    /// The configuration cannot be used; the transport is dropped.
    ///
    /// # Panics
    ///
    /// There is no tokio runtime, or it has no timers.
    pub fn new(transport: T, beats: B, config: impl Into<LinkConfig>) -> Result<Self, HeartbeatFault> {
        Self::over(transport, beats, &config.into(), None)
    }

    /// The same, with an eye on the bytes of frames that are not whole yet: they excuse silence, so that a large frame on
    /// a slow link is not taken for it.
    ///
    /// # Errors
    ///
    /// The configuration cannot be used; the transport is dropped.
    ///
    /// # Panics
    ///
    /// There is no tokio runtime, or it has no timers.
    pub fn with_progress(
        transport: T,
        beats: B,
        config: impl Into<LinkConfig>,
        progress: Progress,
    ) -> Result<Self, HeartbeatFault> {
        Self::over(transport, beats, &config.into(), Some(progress))
    }

    fn over(
        transport: T,
        beats: B,
        config: &LinkConfig,
        progress: Option<Progress>,
    ) -> Result<Self, HeartbeatFault> {
        let signals = Arc::new(Signals::default());
        let state = State::new(transport, beats, config, progress, Waker::from(signals.clone()))?;
        let shared = Arc::new(Shared { signals, state: Mutex::new(state) });
        // Nobody has polled the transport yet, so nobody would be woken.
        shared.signals.unsettled();
        tokio::spawn(Guard::new(shared.clone()));
        // tokio keeps the newest task for this very thread, which the application may be about to block. The guard is not to be that one.
        tokio::spawn(async {});
        Ok(Self { shared })
    }

    /// A look at it from outside.
    pub fn pulse(&self) -> Pulse {
        Pulse::of(self.shared.clone())
    }

    /// Why it is over; none while it is not.
    pub fn ended(&self) -> Option<Ended> {
        self.shared.state.lock().ended().cloned()
    }
}

impl<T, B> Stream for Link<T, B>
where
    T: Stream<Item = Result<B::Received, Fault<T, B>>> + Sink<B::Sent> + Unpin,
    Fault<T, B>: Display,
    B: Beats,
{
    type Item = Result<B::Received, LinkError<Fault<T, B>>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Read<T, B>> {
        let signals = &self.shared.signals;
        let wakes = signals.wakes();
        let polled = self.shared.poll(Who::Reader, cx, State::poll_read);
        if polled.is_pending() {
            signals.settled(wakes);
        } else {
            // There may be more.
            signals.unsettled();
        }
        polled
    }
}

impl<T, B> Sink<B::Sent> for Link<T, B>
where
    T: Stream<Item = Result<B::Received, Fault<T, B>>> + Sink<B::Sent> + Unpin,
    Fault<T, B>: Display,
    B: Beats,
{
    type Error = LinkError<Fault<T, B>>;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Written<T, B>> {
        self.shared.poll(Who::Writer, cx, State::poll_ready)
    }

    fn start_send(self: Pin<&mut Self>, frame: B::Sent) -> Written<T, B> {
        self.shared.state.lock().start_send(frame)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Written<T, B>> {
        self.shared.poll(Who::Writer, cx, State::poll_flush)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Written<T, B>> {
        self.shared.poll(Who::Writer, cx, State::poll_close)
    }
}

impl<T, B> Drop for Link<T, B>
where
    T: Stream<Item = Result<B::Received, Fault<T, B>>> + Sink<B::Sent> + Unpin,
    Fault<T, B>: Display,
    B: Beats,
{
    fn drop(&mut self) {
        self.shared.abandon();
    }
}

impl<T, B> fmt::Debug for Link<T, B>
where
    T: Stream<Item = Result<B::Received, Fault<T, B>>> + Sink<B::Sent> + Unpin,
    Fault<T, B>: Display,
    B: Beats,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = self.shared.state.lock().ended().cloned();
        f.debug_struct("Link").field("ended", &ended).finish_non_exhaustive()
    }
}
