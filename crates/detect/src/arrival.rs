//! [`ExpectedArrival`]: when a numbered beat is expected to arrive, from those that did.
//!
//! Chen, Toueg, Aguilera 2002, section 6.3: `EA(l) = (1/n) · Σ (A(i) − η · s(i)) + η · l` over the last n beats, with A(i) the arrival of
//! beat s(i) and η the interval. Each beat is moved back to where beat 0 would have arrived, so lost beats and bursts after a
//! pause bias nothing.

use std::time::Duration;

use crate::ring::Ring;
use crate::tick::{Tick, micros};

/// The bound of a shift, in microseconds: some 36 000 years, so that a window's sum stays far within its integer.
const FARTHEST: i128 = 1 << 60;

/// When a beat is expected.
#[derive(Debug, Clone)]
pub(crate) struct ExpectedArrival {
    interval: i128,
    /// How much later than the first beat each came, less its intervals.
    shifts: Ring<i64>,
    sum: i128,
    first: Option<(Tick, u64)>,
}

impl ExpectedArrival {
    pub(crate) fn new(interval: Duration, window: usize) -> Self {
        Self { interval: micros(interval).into(), shifts: Ring::new(window), sum: 0, first: None }
    }

    pub(crate) fn heard(&mut self, now: Tick, sequence: u64) {
        let (first, number) = *self.first.get_or_insert((now, sequence));
        let shift = i128::from(now.0) - i128::from(first.0) - self.intervals(number, sequence);
        let shift = i64::try_from(shift.clamp(-FARTHEST, FARTHEST)).unwrap_or_default();
        self.sum += i128::from(shift);
        if let Some(gone) = self.shifts.push(shift) {
            self.sum -= i128::from(gone);
        }
    }

    /// When this beat is expected, moved by microseconds; none where nothing was heard yet.
    pub(crate) fn of(&self, sequence: u64, margin: i128) -> Option<Tick> {
        let (first, number) = self.first?;
        let mean = self.sum.div_euclid(self.shifts.len().max(1) as i128);
        Some(first.moved(mean + self.intervals(number, sequence) + margin))
    }

    fn intervals(&self, from: u64, to: u64) -> i128 {
        // At most 2^45 microseconds times 2^64.
        self.interval * (i128::from(to) - i128::from(from))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_expected_is_the_formula_over_the_last_beats(
            window in 1..8usize,
            beats in prop::collection::vec((1..4u64, 0..400_000u64), 1..40),
        ) {
            let mut expected = ExpectedArrival::new(Duration::from_secs(1), window);
            let mut heard: Vec<(u64, u64)> = Vec::new();
            for (gap, delay) in beats {
                let sequence = heard.last().map_or(7, |(last, _)| last + gap);
                let at = 1_000_000 * sequence + delay;
                heard.push((sequence, at));
                expected.heard(Tick(at), sequence);
                let last = &heard[heard.len().saturating_sub(window)..];
                let mean = last.iter().map(|(sequence, at)| at - 1_000_000 * sequence).sum::<u64>() / last.len() as u64;
                let formula = mean + 1_000_000 * (sequence + 1);
                let found = expected.of(sequence + 1, 0).unwrap().0;
                prop_assert!(found.abs_diff(formula) <= 1, "{found} is not {formula}");
            }
        }
    }

    #[test]
    fn numbers_from_outside_overflow_nothing() {
        let mut expected = ExpectedArrival::new(Duration::from_secs(366 * 24 * 3600), 2);
        for (now, sequence) in [(Tick(u64::MAX), 0), (Tick(0), u64::MAX), (Tick(u64::MAX), u64::MAX)] {
            expected.heard(now, sequence);
            assert!(expected.of(u64::MAX, i128::from(u64::MAX)).is_some());
            assert!(expected.of(0, 0).is_some());
        }
    }
}
