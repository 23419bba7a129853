//! [`Shared`]: what link, guard and pulse share.

use std::fmt::Display;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Sink, Stream};
use lubdub_detect::Tick;
use parking_lot::Mutex;

use super::beats::Beats;
use super::ended::Ended;
use super::pulse::Vital;
use super::signals::{Signals, Who};
use super::state::{Fault, State};
use crate::heartbeat::RoundTrip;

/// One link. Its lock is held while the transport is polled, never while anybody waits; the transport's waker takes no lock.
pub(super) struct Shared<T: Sink<B::Sent>, B: Beats> {
    pub(super) signals: Arc<Signals>,
    pub(super) state: Mutex<State<T, B>>,
}

impl<T, B> Shared<T, B>
where
    T: Stream<Item = Result<B::Received, Fault<T, B>>> + Sink<B::Sent> + Unpin,
    Fault<T, B>: Display,
    B: Beats,
{
    /// Polls for the application's reader or writer. What that leaves for others is told to them: a beat that cannot be written now to the
    /// guard, the end of the link to everybody.
    pub(super) fn poll<R>(
        &self,
        who: Who,
        cx: &Context<'_>,
        poll: impl FnOnce(&mut State<T, B>) -> Poll<R>,
    ) -> Poll<R> {
        self.signals.wait_for(who, cx, || {
            let mut state = self.state.lock();
            let was_over = state.ended().is_some();
            let polled = poll(&mut state);
            let has_ended = !was_over && state.ended().is_some();
            let has_urgent = state.has_urgent();
            drop(state);
            if has_ended {
                self.signals.wake_application();
            }
            if has_urgent || has_ended {
                self.signals.wake_guard();
            }
            polled
        })
    }

    /// Closes the connection at once.
    pub(super) fn abandon(&self) {
        self.state.lock().abandon();
        self.signals.wake_application();
        self.signals.wake_guard();
    }
}

impl<T, B> Vital for Shared<T, B>
where
    T: Stream<Item = Result<B::Received, Fault<T, B>>> + Sink<B::Sent> + Unpin + Send + 'static,
    Fault<T, B>: Display + Send + 'static,
    B: Beats + Send + 'static,
    B::Received: Send,
    B::Sent: Send,
{
    fn ended(&self) -> Option<Ended> {
        self.state.lock().ended().cloned()
    }

    fn silent_for(&self) -> Duration {
        let state = self.state.lock();
        state.heartbeat.silent_for(state.clock.now())
    }

    fn round_trip(&self) -> RoundTrip {
        *self.state.lock().heartbeat.round_trip()
    }

    fn unanswered(&self) -> u32 {
        self.state.lock().heartbeat.unanswered()
    }

    fn strays(&self) -> u64 {
        self.state.lock().heartbeat.strays()
    }

    fn close(&self) {
        self.abandon();
    }
}

/// The time a guard sleeps until where it has nothing to do.
pub(super) const NEVER: Tick = Tick(u64::MAX);
