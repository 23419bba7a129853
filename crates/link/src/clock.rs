//! [`Clock`]: the one place that reads the time.

use std::time::Duration;

use lubdub_detect::Tick;
use tokio::time::Instant;

/// Longer than any span that is waited for: centuries are as good as for ever.
const FOR_EVER: Duration = Duration::from_secs(10_000_000_000);

/// Ticks from when it was made, on tokio's clock: it never steps back, and stands where tokio's is paused.
///
/// It is copied, and all copies tell the same ticks. Ticks of two clocks that were made apart mean nothing to each other.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock that begins now.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// The time, rounded down to a whole microsecond.
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    pub fn now(&self) -> Tick {
        self.tick(Instant::now())
    }

    /// An instant of tokio's clock, rounded down; the beginning where it is earlier than that.
    pub fn tick(&self, instant: Instant) -> Tick {
        let elapsed = instant.saturating_duration_since(self.start);
        Tick(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX))
    }

    /// The instant of a tick, for sleeping until then.
    pub fn instant(&self, tick: Tick) -> Instant {
        self.start + tick.since(Tick(0)).min(FOR_EVER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn ticks_are_those_of_tokios_clock_and_stand_where_it_is_paused() {
        let clock = Clock::start();
        assert_eq!(clock.now(), Tick(0));
        tokio::time::advance(Duration::from_millis(1_500)).await;
        assert_eq!(clock.now(), Tick::of_millis(1_500));
        assert_eq!(clock.now(), Tick::of_millis(1_500));
        assert_eq!(clock.tick(clock.instant(Tick(17))), Tick(17));
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_that_never_comes_overflows_nothing() {
        let clock = Clock::start();
        assert!(clock.instant(Tick(u64::MAX)) > clock.instant(Tick::of_secs(3_000_000_000)));
        let earlier = Clock { start: clock.instant(Tick::of_secs(9)) };
        assert_eq!(earlier.tick(clock.instant(Tick::of_secs(3))), Tick(0));
    }
}
