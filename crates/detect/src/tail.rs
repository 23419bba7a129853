//! [`Tail`]: how unlikely a silence is, and how long one of a given unlikeliness.
//!
//! The level of a silence is `−log10 P(the next beat of a living peer comes later still)`. It is computed in log space:
//! a probability would be 0, and so the level infinite, from 38 deviations on (and from 8, were it written as `1 − P(earlier)`).

use std::f64::consts::{LN_10, PI, SQRT_2};

/// The shape that is assumed of the intervals between beats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tail {
    /// Normal, exactly (Hayashibara, Défago, Yared, Katayama, SRDS 2004, section 4.2). The default.
    #[default]
    Normal,
    /// The approximation of the normal one by a logistic function that Akka, Pekko and Hazelcast use. At a
    /// level of 8 it suspects 7 % of the deviations earlier than the exact one. For comparison with those.
    Logistic,
    /// Exponential, as Cassandra has it: knows the mean alone, no deviation. At a level of 8 it waits for 18 means.
    Exponential,
}

/// The logistic approximation's two constants.
const LINEAR: f64 = 1.5976;
const CUBIC: f64 = 0.070_566;

impl Tail {
    /// The level of a point so many deviations above the mean; for the exponential tail, of so many means of silence.
    pub(crate) fn level(self, point: f64) -> f64 {
        match self {
            Self::Normal => -ln_normal_tail(point) / LN_10,
            Self::Logistic => {
                let z = point * (LINEAR + CUBIC * point * point);
                // ln(1 + e^z), without e^z for a z that is large.
                (z.max(0.0) + libm::log1p(libm::exp(-z.abs()))) / LN_10
            }
            Self::Exponential => point.max(0.0) / LN_10,
        }
    }

    /// The point at which the level is this one: the inverse of [`level`](Self::level).
    pub(crate) fn point(self, level: f64) -> f64 {
        if self == Self::Exponential {
            return level * LN_10;
        }
        // The level rises with the point, so halving finds it, until no number lies between; this is done once for a detector, not
        // for each beat.
        let (mut below, mut above) = (-40.0, 100.0);
        loop {
            let middle = f64::midpoint(below, above);
            if middle <= below || middle >= above {
                return above;
            }
            if self.level(middle) < level {
                below = middle;
            } else {
                above = middle;
            }
        }
    }
}

/// The natural logarithm of the probability that a normal variable is more than `y` deviations above its mean.
fn ln_normal_tail(y: f64) -> f64 {
    if y < 0.0 {
        return libm::log1p(-libm::erfc(-y / SQRT_2) / 2.0);
    }
    if y < 6.0 {
        return libm::log(libm::erfc(y / SQRT_2) / 2.0);
    }
    // Laplace's continued fraction y + 1/(y + 2/(y + 3/(y + ...))), which 40 steps give to all digits from here on.
    let fraction = (1..=40).rev().fold(y, |rest, step| y + f64::from(step) / rest);
    -y * y / 2.0 - libm::log(2.0 * PI) / 2.0 - libm::log(fraction)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assert_near(found: f64, expected: f64, by: f64) {
        assert!((found - expected).abs() <= by, "{found} is not within {by} of {expected}");
    }

    #[test]
    fn points_are_those_of_the_tables() {
        for (level, y) in [(1.0, 1.28), (3.0, 3.09), (5.0, 4.27), (8.0, 5.61), (10.0, 6.36), (12.0, 7.03)] {
            assert_near(Tail::Normal.point(level), y, 0.006);
        }
        for (level, y) in [(5.0, 4.12), (8.0, 5.23), (10.0, 5.80), (12.0, 6.29)] {
            assert_near(Tail::Logistic.point(level), y, 0.006);
        }
        assert_near(Tail::Exponential.point(8.0), 18.42, 0.001);
    }

    #[test]
    fn the_logistic_approximation_is_off_by_what_is_known_of_it() {
        for (y, off) in [(5.0, 0.76), (6.0, 1.8), (8.0, 6.0)] {
            assert_near(Tail::Logistic.level(y) - Tail::Normal.level(y), off, off * 0.05);
        }
    }

    #[test]
    fn nothing_underflows_far_out_and_the_two_ways_to_compute_it_meet() {
        assert_near(Tail::Normal.level(6.0 - 1e-9), Tail::Normal.level(6.0), 1e-7);
        // ln Q(y) is −y²/2 − ln(y √(2π)) up to 1/y².
        for y in [40.0_f64, 100.0, 10_000.0] {
            let expected = (y * y / 2.0 + (y * (2.0 * PI).sqrt()).ln()) / LN_10;
            assert_near(Tail::Normal.level(y), expected, 1.0 / (y * y));
        }
        assert!(Tail::Logistic.level(1_000.0).is_finite());
    }

    proptest! {
        #[test]
        fn the_level_never_falls_and_the_point_is_its_inverse(y in -30.0..90.0f64, more in 0.0..5.0f64, level in 0.01..900.0f64) {
            for tail in [Tail::Normal, Tail::Logistic, Tail::Exponential] {
                prop_assert!(tail.level(y) <= tail.level(y + more) + 1e-12);
                prop_assert!((tail.level(tail.point(level)) - level).abs() < 1e-9 * level.max(1.0));
            }
        }
    }
}
