//! [`PeakEwma`]: how slow an endpoint is, with a memory that is quick to learn of a rise and slow to believe in a fall.
//!
//! An average of latencies that are weighted by e to the minus age over the decay; a latency above the average takes its place at once.
//! Without news it falls towards zero, so that who was slow once is asked again. Source: Finagle's `PeakEwma`; tower's
//! `PeakEwma` is the same.

use std::sync::atomic::{AtomicU64, Ordering};

use lubdub_detect::Tick;
use parking_lot::Mutex;

/// The decayed peak latency of one endpoint.
///
/// Readers take no lock. They may see the average of one latency with the time of the next: it is off by what it
/// decayed between two calls, and right again with the next look.
#[derive(Debug, Default)]
pub(crate) struct PeakEwma {
    /// Microseconds, as the bits of a float. Zero where nothing was measured.
    average: AtomicU64,
    at: AtomicU64,
    writing: Mutex<()>,
}

impl PeakEwma {
    /// A call took so many microseconds.
    pub(crate) fn record(&self, micros: u64, now: Tick, decay_micros: f64) {
        let _writing = self.writing.lock();
        let at = Tick(self.at.load(Ordering::Relaxed)).max(now);
        let average = f64::from_bits(self.average.load(Ordering::Relaxed));
        // A call that took no measurable time is a measurement all the same.
        let latency = micros.max(1) as f64;
        let next = if latency >= average {
            latency
        } else {
            let kept = self.kept(at, decay_micros);
            latency + (average - latency) * kept
        };
        self.average.store(next.to_bits(), Ordering::Relaxed);
        self.at.store(at.0, Ordering::Relaxed);
    }

    /// Microseconds; zero where nothing was measured.
    pub(crate) fn micros(&self, now: Tick, decay_micros: f64) -> f64 {
        f64::from_bits(self.average.load(Ordering::Relaxed)) * self.kept(now, decay_micros)
    }

    fn kept(&self, now: Tick, decay_micros: f64) -> f64 {
        let age = now.micros_since(Tick(self.at.load(Ordering::Relaxed)));
        if age == 0 { 1.0 } else { (-(age as f64) / decay_micros).exp() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECAY: f64 = 10_000_000.0;

    fn near(value: f64, expected: f64) {
        assert!((value - expected).abs() < expected * 1e-9, "{value} is not {expected}");
    }

    #[test]
    fn a_rise_is_believed_at_once_and_a_fall_by_and_by() {
        let latency = PeakEwma::default();
        assert!(latency.micros(Tick::of_secs(5), DECAY) < f64::EPSILON, "nothing was measured");
        latency.record(1_000, Tick::of_secs(10), DECAY);
        latency.record(50_000, Tick::of_secs(10), DECAY);
        near(latency.micros(Tick::of_secs(10), DECAY), 50_000.0);
        latency.record(1_000, Tick::of_secs(20), DECAY);
        near(latency.micros(Tick::of_secs(20), DECAY), 1_000.0 + 49_000.0 * (-1.0_f64).exp());
    }

    #[test]
    fn who_is_not_asked_is_forgiven_and_time_that_steps_back_is_none() {
        let latency = PeakEwma::default();
        latency.record(80_000, Tick::of_secs(10), DECAY);
        near(latency.micros(Tick::of_secs(30), DECAY), 80_000.0 * (-2.0_f64).exp());
        near(latency.micros(Tick::of_secs(3), DECAY), 80_000.0);
        latency.record(80_000, Tick::of_secs(3), DECAY);
        near(latency.micros(Tick::of_secs(10), DECAY), 80_000.0);
        latency.record(0, Tick::of_secs(10_000), DECAY);
        assert!(latency.micros(Tick::of_secs(10_000), DECAY) >= 1.0, "measured, however fast");
    }
}
