//! [`Chance`]: accidents from a seed.
//!
//! What is drawn is computed without the system's mathematics, so that a seed tells the same story on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::tick::whole;

/// What draws from a stream of its own, so that another loss shifts no delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Concern {
    Delays,
    Losses,
}

/// A source of accidents.
#[derive(Debug, Clone)]
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    pub(super) fn of(seed: u64, concern: Concern) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(concern as u64);
        Self(source)
    }

    /// Evenly from 0 to 1, without 1.
    pub(super) fn share(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn happens(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// Of mean 1.
    pub(super) fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.share())
    }

    /// Of mean 0 and deviation 1, after Box and Muller: with the tails that a detector is about.
    pub(super) fn normal(&mut self) -> f64 {
        let length = (2.0 * self.exponential()).sqrt();
        length * libm::cos(std::f64::consts::TAU * self.share())
    }

    /// How often something happens until it stops, which it does with probability `1 / mean` each time: at least once.
    pub(super) fn run_length(&mut self, mean: f64) -> u64 {
        if mean <= 1.0 {
            return 1;
        }
        1 + whole(self.exponential() / -libm::log(1.0 - 1.0 / mean))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(mut draw: impl FnMut(&mut Chance) -> f64) -> f64 {
        let mut chance = Chance::of(7, Concern::Delays);
        (0..200_000).map(|_| draw(&mut chance)).sum::<f64>() / 200_000.0
    }

    #[test]
    fn distributions_have_the_mean_that_they_are_said_to_have() {
        assert!((mean(Chance::share) - 0.5).abs() < 0.01);
        assert!((mean(Chance::exponential) - 1.0).abs() < 0.01);
        assert!(mean(Chance::normal).abs() < 0.01);
        assert!((mean(|chance| chance.normal().powi(2)) - 1.0).abs() < 0.02);
        assert!((mean(|chance| chance.run_length(28.5) as f64) - 28.5).abs() < 0.3);
    }

    #[test]
    fn concerns_draw_apart() {
        let drawn = |concern| Chance::of(1, concern).share();
        assert!((drawn(Concern::Delays) - drawn(Concern::Losses)).abs() > 1e-6);
    }
}
