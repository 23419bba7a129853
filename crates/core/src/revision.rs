//! [`Revision`]: the place of a change in the one order of everything.

use std::fmt;

use crate::tick::WallTime;

/// The place of a change in the one order of everything, and the one clock of the
/// outside world: Eureka's delta version, the resume token of a watch.
///
/// Revisions grow and are not dense. They start at the wall clock in microseconds (or a
/// million after the last durable one, if that is later), so that they never go back
/// across a restart, also when the disk was lost or the clock was set back; they fit into
/// 2^53, so that every JSON reader keeps them exact (until the year 2255).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// No more revisions than these are taken to have been given out between the last commit and the
/// end of the process. What the registry concludes by itself is told before it is written, so there are
/// some; far fewer, unless the disk was unavailable through a million changes.
const UNWRITTEN: u64 = 1_000_000;

impl Revision {
    /// Before every change.
    pub const ZERO: Self = Self(0);

    /// Where a server starts: beyond whatever was given out after the last durable revision, and
    /// not before the wall clock in microseconds.
    pub fn start(last_durable: Self, wall: WallTime) -> Self {
        Self(last_durable.0.saturating_add(UNWRITTEN).max(wall.0.saturating_mul(1000)))
    }

    /// The revision after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_beyond_what_may_have_been_given_out_and_not_before_the_wall_clock() {
        assert_eq!(Revision::start(Revision(7), WallTime(2_000)), Revision(2_000_000));
        assert_eq!(Revision::start(Revision(9_000), WallTime(2)), Revision(1_009_000));
    }

    #[test]
    fn a_start_in_this_century_fits_into_a_json_number() {
        // 2100-01-01
        let start = Revision::start(Revision::ZERO, WallTime(4_102_444_800_000));
        assert!(start.0 < 1 << 53);
    }
}
