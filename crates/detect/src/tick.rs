//! [`Tick`]: the one kind of time that detectors know.

use std::fmt;
use std::time::Duration;

/// A point in time: microseconds since any beginning, on a clock that never steps back. The clock is the
/// caller's; wall time, which may be set, is none.
///
/// Arithmetic saturates instead of wrapping. Where a caller's time steps back all the same, a detector takes it for
/// no time at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(pub u64);

impl Tick {
    /// So many seconds after the beginning.
    pub const fn of_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// So many milliseconds after the beginning.
    pub const fn of_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// This point plus a span, rounded up to a whole microsecond.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span)))
    }

    /// Microseconds from `earlier` to here; zero when `earlier` is later.
    pub fn micros_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The span from `earlier` to here; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.micros_since(earlier))
    }

    /// This point moved by microseconds in either direction.
    #[must_use]
    pub(crate) fn moved(self, micros: i128) -> Self {
        let moved = i128::from(self.0).saturating_add(micros).max(0);
        Self(u64::try_from(moved).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for Tick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}s", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// A span in microseconds, rounded up.
pub(crate) fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX)
}

/// A number of microseconds, or of anything, as a whole one; what is below zero or no number counts as zero.
#[expect(clippy::cast_sign_loss, reason = "the cast saturates, and says zero of what is no number")]
pub(crate) fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_rounded_up_so_that_a_deadline_is_never_early() {
        assert_eq!(Tick(10).after(Duration::from_nanos(1)), Tick(11));
        assert_eq!(Tick(10).after(Duration::from_micros(3)), Tick(13));
    }

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        assert_eq!(Tick(5).micros_since(Tick(9)), 0);
        assert_eq!(Tick(u64::MAX).after(Duration::MAX), Tick(u64::MAX));
        assert_eq!(Tick(5).moved(-9), Tick(0));
        assert_eq!(Tick(5).moved(i128::MAX), Tick(u64::MAX));
        assert_eq!(Tick::of_secs(u64::MAX), Tick(u64::MAX));
    }
}
