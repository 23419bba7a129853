//! [`Clock`]: the one place that reads the time.

use std::time::Duration;

use crate::machine::Tick;

/// Ticks from when it was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: tokio::time::Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { start: tokio::time::Instant::now() }
    }

    pub(crate) fn now(&self) -> Tick {
        Tick::from_start(self.start.elapsed())
    }

    /// For sleeping until then.
    pub(crate) fn instant(&self, tick: Tick) -> tokio::time::Instant {
        // Centuries are as good as for ever.
        let elapsed = tick.since(Tick::ZERO).min(Duration::from_secs(10_000_000_000));
        self.start + elapsed
    }
}

/// Time of day, since 1970: for what is shown or put on the wire, never compared.
#[cfg(feature = "eureka")]
#[expect(clippy::disallowed_methods, reason = "this is the one place")]
pub(crate) fn time_of_day() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}
