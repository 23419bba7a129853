//! [`Ramp`]: how much of its share a newcomer gets by now.

use std::sync::atomic::{AtomicU64, Ordering};

use lubdub_detect::Tick;

use crate::config::Config;

/// When an endpoint began to start slowly.
#[derive(Debug)]
pub(crate) struct Ramp(AtomicU64);

/// It is not starting slowly. No clock reaches it.
const SETTLED: u64 = u64::MAX;

impl Ramp {
    pub(crate) fn settled() -> Self {
        Self(AtomicU64::new(SETTLED))
    }

    pub(crate) fn begin(&self, now: Tick) {
        self.0.store(now.0.min(SETTLED - 1), Ordering::Relaxed);
    }

    /// The part of its share that it gets; none where it gets all.
    pub(crate) fn share(&self, now: Tick, config: &Config) -> Option<f64> {
        let began = self.0.load(Ordering::Relaxed);
        if began == SETTLED {
            return None;
        }
        let window = config.slow_start.as_micros() as f64;
        let passed = now.micros_since(Tick(began)) as f64;
        if passed >= window {
            // Where it began anew meanwhile, that stays.
            let _ = self.0.compare_exchange(began, SETTLED, Ordering::Relaxed, Ordering::Relaxed);
            return None;
        }
        let least = config.slow_start_share;
        Some(least + (1.0 - least) * passed / window)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_newcomers_share_grows_evenly_from_the_least_to_all_of_it() {
        let config =
            Config { slow_start: Duration::from_secs(10), slow_start_share: 0.5, ..Config::default() };
        let ramp = Ramp::settled();
        assert_eq!(ramp.share(Tick::of_secs(1), &config), None);
        ramp.begin(Tick::of_secs(100));
        let share = |secs| ramp.share(Tick::of_secs(secs), &config);
        assert_eq!(share(90), Some(0.5), "time that steps back is none");
        assert_eq!(share(100), Some(0.5));
        assert_eq!(share(105), Some(0.75));
        assert_eq!(share(110), None);
        assert_eq!(share(105), None, "once it has all, it keeps it");
        ramp.begin(Tick::of_secs(200));
        assert_eq!(share(205), Some(0.75));
    }

    #[test]
    fn without_a_window_nobody_starts_slowly() {
        let ramp = Ramp::settled();
        ramp.begin(Tick::of_secs(100));
        assert_eq!(
            ramp.share(Tick::of_secs(100), &Config { slow_start: Duration::ZERO, ..Config::default() }),
            None
        );
    }
}
