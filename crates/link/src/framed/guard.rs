//! [`Guard`]: the timers of a link, and who stands in for an application that does not read.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Sink, Stream};
use lubdub_detect::Tick;
use parking_lot::MutexGuard;
use pin_project_lite::pin_project;
use tokio::time::Sleep;

use super::beats::Beats;
use super::shared::{NEVER, Shared};
use super::state::{Fault, State};

/// The longest time that the guard leaves unread what came in.
const PATIENCE: Duration = Duration::from_secs(1);

pin_project! {
    /// A task of its own for each link. It is woken
    ///
    /// - by its one timer, at the machine's deadline; a deadline that moves later moves no timer, the guard just looks again;
    /// - when something came in and it does not look soon anyway: a [`PATIENCE`] later, or a quarter of the interval, it sees whether the application has read. If not it
    ///   reads in its place, and from then on at once, until the application comes back. So a busy link wakes it once in that time;
    /// - by the transport, while beats wait to be written, or while it stands in.
    pub(super) struct Guard<T: Sink<B::Sent>, B: Beats> {
        shared: Arc<Shared<T, B>>,
        #[pin]
        sleep: Sleep,
        wakes_at: Tick,
        watch: Watch,
    }
}

/// What the guard thinks of the application.
#[derive(Debug, Clone, Copy)]
enum Watch {
    /// It has read what there was.
    Trusting,
    /// There is something to read; it had read so often, and has until then to do it again.
    Watching { reads: u32, until: Tick },
    /// It had read so often, and does not any more.
    StandingIn { reads: u32 },
}

impl<T: Sink<B::Sent>, B: Beats> Guard<T, B> {
    pub(super) fn new(shared: Arc<Shared<T, B>>) -> Self {
        let clock = shared.state.lock().clock;
        Self {
            shared,
            sleep: tokio::time::sleep_until(clock.instant(NEVER)),
            wakes_at: NEVER,
            watch: Watch::Trusting,
        }
    }
}

impl<T, B> Future for Guard<T, B>
where
    T: Stream<Item = Result<B::Received, Fault<T, B>>> + Sink<B::Sent> + Unpin,
    Fault<T, B>: Display,
    B: Beats,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let Shared { signals, state } = &**this.shared;
        signals.register_guard(cx);
        loop {
            let mut state: MutexGuard<'_, State<T, B>> = state.lock();
            if state.ended().is_some() {
                return Poll::Ready(());
            }
            let clock = state.clock;
            let now = clock.now();
            let patience = (state.heartbeat.interval() / 4).min(PATIENCE);
            *this.watch = this.watch.at(now, state.reads, patience, signals);
            let is_standing_in = matches!(this.watch, Watch::StandingIn { .. });
            let is_due = state.deadline().is_some_and(|due| due <= now);
            // Before it reads, so that what comes meanwhile wakes it.
            signals.await_transport(is_standing_in || state.has_urgent());
            if is_standing_in || is_due {
                let wakes = signals.wakes();
                if state.read_ahead() {
                    signals.wake_application();
                } else {
                    signals.settled(wakes);
                }
                state.note_progress();
                state.beat(now);
            }
            // Twice: what cannot be written now is to wake the guard, also where it could be until a moment ago.
            if state.has_urgent() && state.poll_urgent().is_pending() {
                signals.await_transport(true);
                let _ = state.poll_urgent();
            }
            if state.ended().is_some() {
                drop(state);
                signals.wake_application();
                return Poll::Ready(());
            }
            let deadline = state.deadline().unwrap_or(NEVER);
            drop(state);
            let until = match this.watch {
                Watch::Watching { until, .. } => deadline.min(*until),
                Watch::Trusting | Watch::StandingIn { .. } => deadline,
            };
            if until == NEVER {
                return Poll::Pending;
            }
            // An earlier timer is left as it is: it costs one more look, and moving it with every frame costs more.
            if until < *this.wakes_at || *this.wakes_at <= now {
                *this.wakes_at = until;
                this.sleep.as_mut().reset(clock.instant(until));
            }
            if this.sleep.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            *this.wakes_at = Tick(0);
        }
    }
}

impl Watch {
    fn at(self, now: Tick, reads: u32, patience: Duration, signals: &super::signals::Signals) -> Self {
        let watching = Self::Watching { reads, until: now.after(patience) };
        match self {
            Self::StandingIn { reads: before } if before == reads => self,
            Self::Watching { until, .. } if now < until => self,
            Self::Watching { reads: before, .. } if before == reads && signals.is_unsettled() => {
                Self::StandingIn { reads }
            }
            _ if signals.is_unsettled() => watching,
            Self::Trusting if !signals.is_armed() => Self::Trusting,
            _ => {
                signals.disarm();
                if signals.is_armed() { watching } else { Self::Trusting }
            }
        }
    }
}
