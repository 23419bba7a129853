//! [`Flow`]: one direction of a connection, and what came through it last.

use std::time::Duration;

use lubdub_detect::Tick;

/// A span in microseconds, rounded up; zero for none. A link keeps many of them, and is to be small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span(u64);

impl Span {
    pub(super) fn of(span: Duration) -> Self {
        Self(Tick(0).after(span).0)
    }

    pub(super) const fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn after(self, tick: Tick) -> Tick {
        Tick(tick.0.saturating_add(self.0))
    }
}

/// One direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    /// When something whole came through last; at first, when the connection began.
    whole: Tick,
    /// When the frame began that is not whole yet, and when bytes of it came last; [`NOTHING`] where there is none.
    began: Tick,
    moved: Tick,
}

const NOTHING: Tick = Tick(u64::MAX);

impl Flow {
    pub(super) const fn new(now: Tick) -> Self {
        Self { whole: now, began: NOTHING, moved: NOTHING }
    }

    /// Something whole came through.
    pub(super) fn completed(&mut self, now: Tick) {
        self.whole = self.whole.max(now);
        (self.began, self.moved) = (NOTHING, NOTHING);
    }

    /// A few bytes of something came through.
    pub(super) fn moved(&mut self, now: Tick) {
        if self.began == NOTHING {
            (self.began, self.moved) = (now, now);
        }
        self.moved = self.moved.max(now);
    }

    pub(super) const fn last_whole(&self) -> Tick {
        self.whole
    }

    /// When it has been idle for `limit`. The bytes of a frame postpone that until the frame has taken `longest`, and no further.
    pub(super) fn idle_at(&self, limit: Span, longest: Span) -> Tick {
        let whole = limit.after(self.whole);
        if self.began == NOTHING || longest.is_none() {
            return whole;
        }
        whole.max(limit.after(self.moved).min(longest.after(self.began)))
    }

    /// Whether bytes of an unfinished frame came within this span, and the frame has not taken `longest` yet.
    pub(super) fn is_moving(&self, now: Tick, within: Span, longest: Span) -> bool {
        self.began != NOTHING && within.after(self.moved).min(longest.after(self.began)) > now
    }
}
