//! [`Flow`]: one direction of a connection, and what came through it last.

use std::time::Duration;

use lubdub_detect::Tick;

/// One direction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    /// When something whole came through last; at first, when the connection began.
    whole: Tick,
    /// What is on its way.
    part: Option<Part>,
}

/// A frame that is not whole yet.
#[derive(Debug, Clone, Copy)]
struct Part {
    began: Tick,
    moved: Tick,
}

impl Flow {
    pub(super) const fn new(now: Tick) -> Self {
        Self { whole: now, part: None }
    }

    /// Something whole came through.
    pub(super) fn completed(&mut self, now: Tick) {
        self.whole = self.whole.max(now);
        self.part = None;
    }

    /// A few bytes of something came through.
    pub(super) fn moved(&mut self, now: Tick) {
        let part = self.part.get_or_insert(Part { began: now, moved: now });
        part.moved = part.moved.max(now);
    }

    /// Whether bytes of an unfinished frame came within this span, and the frame has not taken `longest` yet.
    pub(super) fn is_moving(&self, now: Tick, within: Duration, longest: Duration) -> bool {
        self.part.is_some_and(|part| part.moved.after(within).min(part.began.after(longest)) > now)
    }

    pub(super) const fn last_whole(&self) -> Tick {
        self.whole
    }

    /// When it has been idle for `limit`. The bytes of a frame postpone that until the frame has taken `longest`, and no further.
    pub(super) fn idle_at(&self, limit: Duration, longest: Duration) -> Tick {
        let whole = self.whole.after(limit);
        match self.part {
            Some(part) if !longest.is_zero() => {
                whole.max(part.moved.after(limit).min(part.began.after(longest)))
            }
            _ => whole,
        }
    }
}
