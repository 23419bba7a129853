//! [`Time`]: the world's own time, which no clock within it shows exactly.

use std::fmt;

/// Microseconds since the world began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

/// A second, in microseconds.
pub const SECOND: u64 = 1_000_000;
/// A millisecond, in microseconds.
pub const MILLI: u64 = 1_000;
/// A minute, in microseconds.
pub const MINUTE: u64 = 60 * SECOND;

impl Time {
    /// So many microseconds later.
    #[must_use]
    pub fn plus(self, micros: u64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds since an earlier time; none where it is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} s", self.0 / SECOND, self.0 % SECOND / MILLI)
    }
}
