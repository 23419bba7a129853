//! [`Chance`]: every accident of a run, from one seed.
//!
//! Each concern draws from a stream of its own, so that one more fault does not shift the
//! accidents of all others. Only additions, multiplications, divisions and square roots are
//! used, which every machine rounds alike: the same seed tells the same story everywhere.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What draws from a stream of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concern {
    /// What the network does to messages.
    Network,
    /// When providers start and how they spread their beats.
    Providers,
    /// What the registry's process and disk do.
    Registry,
    /// Which faults happen when.
    Faults,
    /// Whose leases are adaptive.
    Leases,
}

/// A source of accidents.
#[derive(Debug, Clone)]
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    /// The stream of a concern.
    pub(crate) fn of(seed: u64, concern: Concern) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream(concern as u64);
        Self(source)
    }

    /// From 0 up to, and not including, `end`; 0 where that is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(end);
        (wide >> 64) as u64
    }

    /// From `low` to `high`, both included.
    pub(crate) fn within(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// An index below `len`.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// Whether something of this probability happens.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        // Nothing is drawn for what cannot happen, so that a fault that is off costs nothing.
        probability > 0.0 && self.share() < probability
    }

    /// Evenly from 0 to 1, without 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Exponentially distributed, of this mean. After von Neumann: only comparisons.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        let mut whole = 0.0;
        loop {
            let first = self.share();
            let (mut before, mut run) = (first, 1_u32);
            loop {
                let next = self.share();
                if next >= before {
                    break;
                }
                (before, run) = (next, run + 1);
            }
            if run % 2 == 1 {
                return mean * (whole + first);
            }
            whole += 1.0;
        }
    }

    /// About normally distributed, of mean 0 and deviation 1: a sum of twelve even shares.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }

    /// Pareto-distributed with a tail of 4/3 and this least value: endless variance, a mean of four
    /// times the least.
    pub(crate) fn heavy(&mut self, least: f64) -> f64 {
        let root = (1.0 - self.share()).sqrt();
        least / (root * root.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(mut draw: impl FnMut(&mut Chance) -> f64) -> f64 {
        let mut chance = Chance::of(7, Concern::Network);
        (0..200_000).map(|_| draw(&mut chance)).sum::<f64>() / 200_000.0
    }

    #[test]
    fn a_seed_tells_the_same_story_and_concerns_tell_different_ones() {
        let story = |seed, concern| {
            let mut chance = Chance::of(seed, concern);
            (0..8).map(|_| chance.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(story(1, Concern::Network), story(1, Concern::Network));
        assert_ne!(story(1, Concern::Network), story(2, Concern::Network));
        assert_ne!(story(1, Concern::Network), story(1, Concern::Faults));
    }

    #[test]
    fn distributions_have_the_mean_that_they_are_said_to_have() {
        assert!((mean(Chance::share) - 0.5).abs() < 0.01);
        assert!((mean(|chance| chance.exponential(3.0)) - 3.0).abs() < 0.03);
        assert!(mean(Chance::normal).abs() < 0.01);
        assert!((mean(|chance| chance.heavy(1.0).min(1e6)) - 4.0).abs() < 0.5);
        assert!((mean(|chance| f64::from(u8::from(chance.happens(0.2)))) - 0.2).abs() < 0.01);
    }

    #[test]
    fn bounds_are_kept() {
        let mut chance = Chance::of(1, Concern::Faults);
        assert!((0..1_000).all(|_| (3..=5).contains(&chance.within(3, 5))));
        assert_eq!(chance.below(0), 0);
    }
}
