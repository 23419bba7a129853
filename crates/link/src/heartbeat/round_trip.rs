//! [`RoundTrip`]: how long a ping and its pong take.
//!
//! Smoothed value and deviation are those of RFC 6298, section 2, without its clock granularity: the first sample `R` gives `SRTT = R` and
//! `RTTVAR = R/2`; each later one gives `RTTVAR = 3/4 · RTTVAR + 1/4 · |SRTT − R|`, then `SRTT = 7/8 · SRTT + 1/8 · R`. In whole microseconds,
//! rounded to the nearest.

use std::time::Duration;

/// What was measured of one connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoundTrip {
    samples: u64,
    last: u64,
    least: u64,
    most: u64,
    smoothed: u64,
    deviation: u64,
}

/// The longest sample, a year: sums of it fit their integers.
const LONGEST: u64 = 366 * 24 * 3600 * 1_000_000;

impl RoundTrip {
    /// Another sample.
    pub(super) fn took(&mut self, span: Duration) {
        let sample = u64::try_from(span.as_micros()).unwrap_or(LONGEST).min(LONGEST);
        if self.samples == 0 {
            *self = Self {
                samples: 1,
                last: sample,
                least: sample,
                most: sample,
                smoothed: sample,
                deviation: sample.div_ceil(2),
            };
            return;
        }
        self.samples = self.samples.saturating_add(1);
        self.last = sample;
        self.least = self.least.min(sample);
        self.most = self.most.max(sample);
        self.deviation = (3 * self.deviation + self.smoothed.abs_diff(sample) + 2) / 4;
        self.smoothed = (7 * self.smoothed + sample + 4) / 8;
    }

    /// How many there were.
    pub const fn samples(&self) -> u64 {
        self.samples
    }

    /// The newest.
    pub fn last(&self) -> Option<Duration> {
        self.some(self.last)
    }

    /// The least.
    pub fn least(&self) -> Option<Duration> {
        self.some(self.least)
    }

    /// The most.
    pub fn most(&self) -> Option<Duration> {
        self.some(self.most)
    }

    /// RFC 6298's `SRTT`: the newer samples count more.
    pub fn smoothed(&self) -> Option<Duration> {
        self.some(self.smoothed)
    }

    /// RFC 6298's `RTTVAR`: how far samples are from the smoothed value.
    pub fn deviation(&self) -> Option<Duration> {
        self.some(self.deviation)
    }

    fn some(&self, micros: u64) -> Option<Duration> {
        (self.samples > 0).then_some(Duration::from_micros(micros))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn before_the_first_pong_nothing_is_known() {
        let none = RoundTrip::default();
        assert_eq!((none.smoothed(), none.least(), none.last(), none.samples()), (None, None, None, 0));
    }

    #[test]
    fn the_first_samples_give_the_figures_of_the_rfc() {
        let mut found = RoundTrip::default();
        found.took(Duration::from_millis(100));
        assert_eq!(found.smoothed(), Some(Duration::from_millis(100)));
        assert_eq!(found.deviation(), Some(Duration::from_millis(50)));
        found.took(Duration::from_millis(180));
        assert_eq!(found.deviation(), Some(Duration::from_micros(57_500)), "3/4 · 50 + 1/4 · 80");
        assert_eq!(found.smoothed(), Some(Duration::from_millis(110)), "7/8 · 100 + 1/8 · 180");
        assert_eq!((found.least(), found.most()), (Some(Duration::from_millis(100)), found.last()));
    }

    proptest! {
        #[test]
        fn whole_numbers_follow_the_formula(samples in prop::collection::vec(0..u64::MAX, 1..60)) {
            let mut found = RoundTrip::default();
            let (mut smoothed, mut deviation) = (0.0, 0.0);
            for (at, sample) in samples.iter().enumerate() {
                let sample = (*sample % 10_u64.pow(1 + at as u32 % 12)).min(LONGEST);
                let exact = sample as f64;
                if at == 0 {
                    (smoothed, deviation) = (exact, exact / 2.0);
                } else {
                    deviation = 0.75 * deviation + 0.25 * (smoothed - exact).abs();
                    smoothed = 0.875 * smoothed + 0.125 * exact;
                }
                found.took(Duration::from_micros(sample));
                // What is rounded away is half a microsecond each time, and an eighth, a quarter less of it the next.
                prop_assert!((found.smoothed as f64 - smoothed).abs() < 5.0, "{found:?} is not {smoothed}");
                prop_assert!((found.deviation as f64 - deviation).abs() < 8.0, "{found:?} is not {deviation}");
            }
        }
    }
}
