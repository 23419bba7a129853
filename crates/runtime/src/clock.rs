//! [`Clock`]: the one place that reads time.

use std::time::{SystemTime, UNIX_EPOCH};

use lubdub_core::{Moment, Tick, WallTime};
use rustix::time::{ClockId, clock_gettime};

/// Reads time, counted from when it was made.
///
/// Ticks come from the clock that goes on while the machine is suspended (`CLOCK_BOOTTIME`
/// where there is one), so that a suspension is a pause like any other, seen by the pacer and
/// excused, rather than time that never was.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start_millis: u64,
}

impl Clock {
    /// A clock whose [`Tick::START`] is now.
    pub fn start() -> Self {
        Self { start_millis: monotonic_millis() }
    }

    /// The tick now.
    pub fn tick(&self) -> Tick {
        Tick(monotonic_millis().saturating_sub(self.start_millis))
    }

    /// Nanoseconds by the same clock from any beginning, for what takes less than a tick.
    pub(crate) fn nanos() -> u64 {
        let now = clock_gettime(CLOCK);
        let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
        seconds * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or_default()
    }

    /// Tick and wall time now.
    pub fn now(&self) -> Moment {
        Moment { tick: self.tick(), wall: wall() }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
const CLOCK: ClockId = ClockId::Boottime;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const CLOCK: ClockId = ClockId::Monotonic;

fn monotonic_millis() -> u64 {
    let now = clock_gettime(CLOCK);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    let nanos = u64::try_from(now.tv_nsec).unwrap_or_default();
    seconds * 1000 + nanos / 1_000_000
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
fn wall() -> WallTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    WallTime(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
