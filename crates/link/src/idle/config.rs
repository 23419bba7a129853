//! [`IdleConfig`]: what counts as idle.

use std::time::Duration;

/// After how long who is idle. Zero disables a kind; all of them are zero by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdleConfig {
    /// Nothing was read for so long.
    pub reader: Duration,
    /// No write was completed for so long.
    pub writer: Duration,
    /// Neither, for so long: counted from the later of the two.
    pub all: Duration,
    /// For so long the bytes of one frame that is not whole yet count as activity. 5 minutes by default; a longer one lets whoever
    /// sends a byte now and then stay longer, a shorter one ends large frames on slow links. Zero: only whole frames count, as
    /// with Netty.
    pub frame: Duration,
    /// A check that comes later than it was due by more than this judges nobody: this program stood still, and what was sent
    /// meanwhile is still to be read. The next check, after so long again, judges. 5 seconds by default (Cassandra's); zero: each
    /// check judges, as with Netty.
    pub pause: Duration,
}

impl Default for IdleConfig {
    fn default() -> Self {
        Self {
            reader: Duration::ZERO,
            writer: Duration::ZERO,
            all: Duration::ZERO,
            frame: Duration::from_secs(300),
            pause: Duration::from_secs(5),
        }
    }
}
