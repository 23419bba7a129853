//! [`Tick`]: a point in time, as far from an arbitrary beginning.

use std::ops::Add;
use std::time::Duration;

/// A point in monotonic time. Setting a machine's clock does not move it; all arithmetic saturates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tick(Duration);

impl Tick {
    /// The beginning.
    pub const ZERO: Self = Self(Duration::ZERO);

    /// So long after the beginning.
    pub const fn from_start(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// How long after `earlier` this is; nothing where it is not after it.
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Tick {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }
}
