//! [`NfdS`]: Chen's detector for synchronised clocks (section 3 of the paper).

use std::time::Duration;

use crate::detector::Detector;
use crate::fault::Fault;
use crate::tick::{Tick, micros};

/// When beats are sent, and how late they may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NfdSConfig {
    /// When beat 0 is sent, on the clock of the detector's caller. This is what needs synchronised clocks.
    pub first_sent: Tick,
    /// From one beat to the next, η in the paper. From 1 µs.
    pub interval: Duration,
    /// How long after its sending a beat, or a later one, must have arrived: δ in the paper. A death is noticed within
    /// this and one interval. May be zero.
    pub margin: Duration,
}

/// Suspects at fixed points after the sending times: beat i, or a later one, is due at `first_sent + i · interval + margin`.
///
/// It judges from the first point on, also where nothing was heard at all: it knows when the first beat is sent.
#[derive(Debug, Clone)]
pub struct NfdS {
    config: NfdSConfig,
    newest: Option<u64>,
}

impl NfdS {
    /// One that heard nothing yet.
    ///
    /// # Errors
    ///
    /// A span is out of range.
    pub fn new(config: NfdSConfig) -> Result<Self, Fault> {
        Fault::unless_span("interval", config.interval)?;
        Fault::unless_span_or_none("margin", config.margin)?;
        Ok(Self { config, newest: None })
    }
}

impl Detector for NfdS {
    fn heard(&mut self, _now: Tick, sequence: u64) {
        self.newest = self.newest.max(Some(sequence));
    }

    fn deadline(&self) -> Option<Tick> {
        let NfdSConfig { first_sent, interval, margin } = self.config;
        let due = self.newest.map_or(0, |newest| i128::from(newest) + 1);
        Some(first_sent.moved(due * i128::from(micros(interval)) + i128::from(micros(margin))))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The paper's own words: at any time in [τ(i), τ(i+1)) it trusts if it has heard some beat j ≥ i.
        #[test]
        fn it_trusts_between_two_points_if_a_beat_from_the_first_on_was_heard(
            heard in prop::collection::vec(0..12u64, 0..6),
            now in 0..16_000u64,
        ) {
            let (interval, margin, first) = (1_000, 300, 2_000);
            let mut detector = NfdS::new(NfdSConfig {
                first_sent: Tick(first),
                interval: Duration::from_micros(interval),
                margin: Duration::from_micros(margin),
            }).unwrap();
            for &sequence in &heard {
                detector.heard(Tick(now), sequence);
            }
            let point = (0..20).rev().find(|i| first + i * interval + margin <= now);
            let trusts = point.is_none_or(|i| heard.iter().any(|&j| j >= i));
            prop_assert_eq!(detector.suspects(Tick(now)), !trusts);
        }
    }

    #[test]
    fn settings_that_cannot_be_meant_are_told_with_what_was_expected() {
        let config = NfdSConfig { first_sent: Tick(0), interval: Duration::ZERO, margin: Duration::ZERO };
        let fault = NfdS::new(config).err().unwrap();
        assert_eq!(fault.to_string(), "interval is 0ns; expected a span from 1 µs to 366 days");
    }
}
