//! [`Bertier`]: Chen's expected arrival with a margin that the detector estimates itself.
//!
//! Bertier, Marin, Sens: *Implementation and performance evaluation of an adaptable failure detector*, DSN 2002, section 3. The margin
//! follows the error of the expectation as a round-trip timeout follows round trips (Jacobson): `error = A − EA − delay`,
//! `delay += γ · error`, `variation += γ · (|error| − variation)`, `margin = β · delay + φ · variation`, with γ = 0.1, β = 1, φ = 4.
//!
//! It has nothing to set and no patience: each lost beat is a mistake. Good for hints in a quiet network, not for verdicts. One
//! deviation: a margin below zero counts as zero, so that nobody is suspected before a beat is expected.

use std::time::Duration;

use crate::arrival::ExpectedArrival;
use crate::detector::{Detector, Newest};
use crate::fault::Fault;
use crate::tick::Tick;

const GAIN: f64 = 0.1;
const DELAY_WEIGHT: f64 = 1.0;
const VARIATION_WEIGHT: f64 = 4.0;

/// How regular beats are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BertierConfig {
    /// From one beat to the next, as the peer sends them. From 1 µs.
    pub interval: Duration,
    /// Beats that the expectation is made of, 1 to 1 000 000, eight bytes each; the paper uses 1000.
    pub window: usize,
}

/// Suspects at a margin of its own after the expected arrival of the next beat. Needs beats with the number of their
/// sending.
#[derive(Debug, Clone)]
pub struct Bertier {
    arrival: ExpectedArrival,
    delay: f64,
    variation: f64,
    newest: Option<Newest>,
    deadline: Option<Tick>,
}

impl Bertier {
    /// One that heard nothing yet.
    ///
    /// # Errors
    ///
    /// The interval is out of range, or the window is empty.
    pub fn new(config: BertierConfig) -> Result<Self, Fault> {
        Fault::unless_span("interval", config.interval)?;
        Fault::unless_window("window", config.window)?;
        let arrival = ExpectedArrival::new(config.interval, config.window);
        Ok(Self { arrival, delay: 0.0, variation: 0.0, newest: None, deadline: None })
    }
}

impl Detector for Bertier {
    fn heard(&mut self, now: Tick, sequence: u64) {
        let Some(newest) = Newest::after(self.newest, now, sequence) else { return };
        if let Some(expected) = self.arrival.of(sequence, 0) {
            let late = newest.at.micros_since(expected) as f64 - expected.micros_since(newest.at) as f64;
            let error = late - self.delay;
            self.delay += GAIN * error;
            self.variation += GAIN * (error.abs() - self.variation);
        }
        self.newest = Some(newest);
        self.arrival.heard(newest.at, sequence);
        let margin = (DELAY_WEIGHT * self.delay + VARIATION_WEIGHT * self.variation).max(0.0);
        self.deadline = self.arrival.of(sequence.saturating_add(1), margin.ceil() as i128);
    }

    fn deadline(&self) -> Option<Tick> {
        self.deadline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margin_follows_how_wrong_the_expectation_was() {
        let config = BertierConfig { interval: Duration::from_secs(1), window: 1 };
        let mut detector = Bertier::new(config).unwrap();
        detector.heard(Tick::of_secs(0), 0);
        assert_eq!(detector.deadline(), Some(Tick::of_secs(1)));
        // Late by 100 ms: delay 10 ms and variation 10 ms make a margin of 50 ms after 2.1 s.
        detector.heard(Tick::of_millis(1_100), 1);
        assert_eq!(detector.deadline(), Some(Tick::of_millis(2_150)));
    }

    #[test]
    fn settings_that_cannot_be_meant_are_told_with_what_was_expected() {
        let config = BertierConfig { interval: Duration::from_secs(1), window: 0 };
        let fault = Bertier::new(config).err().unwrap();
        assert_eq!(fault.to_string(), "window is 0; expected a number from 1 to 1000000");
    }
}
