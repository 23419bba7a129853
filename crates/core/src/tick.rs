//! The two kinds of time: [`Tick`], by which everything is decided, and
//! [`WallTime`], which is only displayed.
//!
//! Nothing in this crate reads a clock. A caller reads one, once, and passes a
//! [`Moment`].

use std::fmt;
use std::time::Duration;

/// A point in time: milliseconds since the process began, on a clock that never
/// steps back.
///
/// If the clock that feeds it leaps forward (a suspended machine), the leap is
/// reported as deaf time (see [`crate::hearing`]); it cannot step back, and
/// arithmetic saturates instead of wrapping.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub u64);

impl Tick {
    /// The start of the process.
    pub const START: Self = Self(0);

    /// This point plus a span, rounded up to a whole millisecond.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        let millis = u64::try_from(span.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to here; zero when `earlier` is later.
    pub fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This point plus milliseconds.
    #[must_use]
    pub fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The span from `earlier` to here; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.millis_since(earlier))
    }
}

impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}s", self.0 / 1000, self.0 % 1000)
    }
}

/// A span in whole milliseconds, up to 49 days: what a lease lasts, in a quarter of the room of a
/// [`Duration`], as there may be millions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u32);

impl Millis {
    /// The longest: 49 days, 17 hours and 2 minutes.
    pub const MAX: Self = Self(u32::MAX);

    /// A span, rounded up to a whole millisecond; the longest for what is longer.
    pub fn of(span: Duration) -> Self {
        Self(u32::try_from(span.as_nanos().div_ceil(1_000_000)).unwrap_or(u32::MAX))
    }

    /// As a duration.
    pub fn duration(self) -> Duration {
        Duration::from_millis(self.0.into())
    }
}

/// Wall-clock time, in milliseconds since 1970-01-01 UTC. Displayed and put on the
/// wire, never compared for a decision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime(pub u64);

impl WallTime {
    /// This time moved back by milliseconds; saturates at 1970.
    #[must_use]
    pub fn minus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_sub(millis))
    }
}

/// One reading of the clock: the same instant for decisions and for display.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// For decisions.
    pub tick: Tick,
    /// For display.
    pub wall: WallTime,
}

impl Moment {
    /// The wall time at which `tick` was, seen from this moment.
    pub fn wall_at(self, tick: Tick) -> WallTime {
        if tick >= self.tick {
            WallTime(self.wall.0.saturating_add(tick.millis_since(self.tick)))
        } else {
            self.wall.minus_millis(self.tick.millis_since(tick))
        }
    }

    /// This moment, `millis` later on both clocks.
    #[must_use]
    pub fn plus_millis(self, millis: u64) -> Self {
        Self { tick: self.tick.plus_millis(millis), wall: WallTime(self.wall.0.saturating_add(millis)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_rounded_up_so_that_a_deadline_is_never_early() {
        assert_eq!(Tick(10).after(Duration::from_micros(1)), Tick(11));
        assert_eq!(Tick(10).after(Duration::from_millis(3)), Tick(13));
    }

    #[test]
    fn a_span_that_is_kept_in_millis_is_rounded_up_and_bounded() {
        assert_eq!(Millis::of(Duration::from_micros(1_001)), Millis(2));
        assert_eq!(Millis::of(Duration::from_secs(90)).duration(), Duration::from_secs(90));
        assert_eq!(Millis::of(Duration::MAX), Millis::MAX);
    }

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        assert_eq!(Tick(5).millis_since(Tick(9)), 0);
        assert_eq!(Tick(u64::MAX).after(Duration::from_secs(1)), Tick(u64::MAX));
        assert_eq!(WallTime(5).minus_millis(9), WallTime(0));
    }

    #[test]
    fn a_moment_places_earlier_and_later_ticks_on_the_wall() {
        let now = Moment { tick: Tick(1_000), wall: WallTime(50_000) };
        assert_eq!(now.wall_at(Tick(400)), WallTime(49_400));
        assert_eq!(now.wall_at(Tick(1_600)), WallTime(50_600));
    }
}
