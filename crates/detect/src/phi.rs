//! [`Phi`]: suspected when so long a silence is too unlikely, after the intervals seen so far.
//!
//! Hayashibara, Défago, Yared, Katayama: *The φ accrual failure detector*, SRDS 2004. The level φ of a silence is
//! `−log10` of the probability that a living peer is silent for longer still; a peer is suspected while φ is above a threshold. If
//! intervals are as assumed, a beat is then taken for a death once in 10^threshold.
//!
//! Deviations from the paper, each because of what others met: a least deviation (regular beats would else be suspected for
//! a hair), a pause that is accepted, a first estimate (as Akka's: two intervals around it), and no asking again and again: the
//! threshold is turned into a number of deviations once, and the deadline of each beat follows from mean and deviation.
//!
//! Its merit and its trap are one: lost beats are long intervals, so the deviation grows and a death is noticed
//! later (3 s at 10 % of loss, 6 s at 30 %, for beats each second).

use std::time::Duration;

use crate::detector::{Detector, Newest, Unnumbered};
use crate::fault::Fault;
use crate::ring::Ring;
use crate::tail::Tail;
use crate::tick::{Tick, micros};

/// What is too unlikely, and how that is estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhiConfig {
    /// A peer is suspected above this level. More than 0, up to 1000; 8 is usual, 10 to 12 where networks are busy. Each 1 more makes a
    /// mistake ten times rarer if intervals are as assumed, and deaths noticed later.
    pub threshold: f64,
    /// Intervals that are remembered, 1 to 1 000 000, four bytes each. The paper tried 20 and more, and found little gain above
    /// 1000; 200 is plenty where there are many peers.
    pub window: usize,
    /// The deviation counts as no less than this, from 1 µs. A tenth of the interval is usual.
    pub least_deviation: Duration,
    /// So much silence more is accepted, for pauses of the peer. May be zero.
    pub accepted_pause: Duration,
    /// What the interval is taken to be at first, with a quarter of it for deviation. From 1 µs.
    pub first_interval: Duration,
    /// A longer interval is not remembered: it was an outage, not a way to beat. None remembers all. A peer that beats more rarely
    /// than this from some day on is never learnt: make it a new detector.
    pub longest_interval: Option<Duration>,
    /// The shape that is assumed of intervals.
    pub tail: Tail,
}

impl PhiConfig {
    /// For beats of this interval: a threshold of 8, 200 intervals, a least deviation of a tenth (20 ms at least), two more intervals
    /// accepted, and nothing remembered above fifteen.
    #[must_use]
    pub fn of_interval(interval: Duration) -> Self {
        Self {
            threshold: 8.0,
            window: 200,
            least_deviation: (interval / 10).max(Duration::from_millis(20)),
            accepted_pause: interval.saturating_mul(2),
            first_interval: interval,
            longest_interval: Some(interval.saturating_mul(15)),
            tail: Tail::Normal,
        }
    }

    fn check(&self) -> Result<(), Fault> {
        if self.threshold.is_nan() || self.threshold <= 0.0 || self.threshold > 1_000.0 {
            return Err(Fault::new("threshold", self.threshold, "a number above 0, at most 1000"));
        }
        Fault::unless_window("window", self.window)?;
        Fault::unless_span("least_deviation", self.least_deviation)?;
        Fault::unless_span_or_none("accepted_pause", self.accepted_pause)?;
        Fault::unless_span("first_interval", self.first_interval)?;
        match self.longest_interval {
            None => Ok(()),
            Some(longest) => {
                Fault::unless_longer("longest_interval", longest, ("first_interval", self.first_interval))
            }
        }
    }
}

/// Suspects when so long a silence is too unlikely.
#[derive(Debug, Clone)]
pub struct Phi {
    config: PhiConfig,
    /// The threshold as a number of deviations, or of means where the tail is exponential.
    point: f64,
    intervals: Intervals,
    newest: Option<Newest>,
    deadline: Option<Tick>,
}

impl Phi {
    /// One that heard nothing yet.
    ///
    /// # Errors
    ///
    /// A number is none or out of range, a window is empty, or the longest interval is not longer than the first.
    pub fn new(config: PhiConfig) -> Result<Self, Fault> {
        config.check()?;
        Ok(Self::at(config.tail.point(config.threshold), config))
    }

    /// The same as [`new`](Self::new), for who has many: a threshold and a tail that this one has, too, are not turned into a number
    /// of deviations again, which is nearly all that a new one costs.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn alike(&self, config: PhiConfig) -> Result<Self, Fault> {
        // Exactly the same number: a near one has another point.
        let is_same =
            config.threshold.to_bits() == self.config.threshold.to_bits() && config.tail == self.config.tail;
        if !is_same {
            return Self::new(config);
        }
        config.check()?;
        Ok(Self::at(self.point, config))
    }

    fn at(point: f64, config: PhiConfig) -> Self {
        let mut intervals = Intervals::new(config.window);
        let first = micros(config.first_interval);
        intervals.push(first - first / 4);
        intervals.push(first + first / 4);
        Self { config, point, intervals, newest: None, deadline: None }
    }

    /// The level of the present silence, for those who want more than yes or no. None where nothing was heard yet. It never falls
    /// while nothing is heard.
    pub fn level(&self, now: Tick) -> Option<f64> {
        let silence = now.micros_since(self.newest?.at) as f64 - micros(self.config.accepted_pause) as f64;
        let mean = self.intervals.mean();
        let point = match self.config.tail {
            Tail::Normal | Tail::Logistic => (silence - mean) / self.counted_deviation(),
            // A span is at least a microsecond and so is a mean, except where all beats come at once.
            Tail::Exponential => silence / mean.max(1.0),
        };
        Some(self.config.tail.level(point))
    }

    /// The mean interval.
    pub fn mean(&self) -> Duration {
        Duration::from_secs_f64(self.intervals.mean() / 1e6)
    }

    /// The deviation of the intervals: at least the least.
    pub fn deviation(&self) -> Duration {
        Duration::from_secs_f64(self.counted_deviation() / 1e6)
    }

    /// An interval that was seen, for those who keep the time of the last beat themselves, and judge which intervals say something of
    /// the peer. One that is longer than the longest is not remembered.
    pub fn learn(&mut self, interval: Duration) {
        if self.config.longest_interval.is_none_or(|longest| interval <= longest) {
            self.intervals.push(micros(interval));
        }
    }

    /// The silence after a beat from which the level is above the threshold.
    pub fn limit(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.limit_micros()).unwrap_or(u64::MAX))
    }

    fn counted_deviation(&self) -> f64 {
        self.intervals.deviation().max(micros(self.config.least_deviation) as f64)
    }

    /// The first tick after the last beat at which the level is above the threshold.
    fn limit_micros(&self) -> i128 {
        let mean = self.intervals.mean();
        let limit = match self.config.tail {
            Tail::Normal | Tail::Logistic => mean + self.point * self.counted_deviation(),
            Tail::Exponential => self.point * mean.max(1.0),
        };
        (limit + micros(self.config.accepted_pause) as f64).max(0.0).floor() as i128 + 1
    }
}

impl Detector for Phi {
    fn heard(&mut self, now: Tick, sequence: u64) {
        let Some(newest) = Newest::after(self.newest, now, sequence) else { return };
        if let Some(last) = self.newest {
            self.learn(Duration::from_micros(newest.at.micros_since(last.at)));
        }
        self.newest = Some(newest);
        self.deadline = Some(newest.at.moved(self.limit_micros()));
    }

    fn deadline(&self) -> Option<Tick> {
        self.deadline
    }
}

impl Unnumbered for Phi {}

/// The last intervals with their sums, which are integers so that what goes leaves no trace.
#[derive(Debug, Clone)]
struct Intervals {
    ring: Ring<u32>,
    sum: u64,
    squares: u128,
}

impl Intervals {
    fn new(window: usize) -> Self {
        Self { ring: Ring::new(window), sum: 0, squares: 0 }
    }

    /// One more, in microseconds. More than 71 minutes counts as that, which keeps the sums in bounds.
    fn push(&mut self, interval: u64) {
        let interval = u32::try_from(interval).unwrap_or(u32::MAX);
        let square = |interval: u32| u128::from(interval) * u128::from(interval);
        self.sum += u64::from(interval);
        self.squares += square(interval);
        if let Some(gone) = self.ring.push(interval) {
            self.sum -= u64::from(gone);
            self.squares -= square(gone);
        }
    }

    fn mean(&self) -> f64 {
        self.sum as f64 / self.ring.len().max(1) as f64
    }

    /// Of the population.
    fn deviation(&self) -> f64 {
        let count = self.ring.len().max(1);
        let spread = count as u128 * self.squares - u128::from(self.sum) * u128::from(self.sum);
        (spread as f64).sqrt() / count as f64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_that_are_kept_are_those_of_the_last_intervals(window in 1..20usize, all in prop::collection::vec(0..u64::from(u32::MAX), 1..60)) {
            let mut intervals = Intervals::new(window);
            for (done, &interval) in all.iter().enumerate() {
                intervals.push(interval);
                let seen = &all[..=done];
                let last = &seen[seen.len().saturating_sub(window)..];
                let count = last.len() as f64;
                let mean = last.iter().map(|&interval| interval as f64).sum::<f64>() / count;
                let variance = last.iter().map(|&interval| (interval as f64 - mean).powi(2)).sum::<f64>() / count;
                prop_assert!((intervals.mean() - mean).abs() < 1.0);
                prop_assert!((intervals.deviation() - variance.sqrt()).abs() < 1.0);
            }
        }
    }

    #[test]
    fn intervals_that_are_told_count_as_those_between_beats_that_are_heard() {
        let config = PhiConfig::of_interval(Duration::from_secs(1));
        let (mut heard, mut told) = (Phi::new(config).unwrap(), Phi::new(config).unwrap());
        let mut now = 5_000_000;
        heard.heard(Tick(now), 0);
        // The last is an outage, which neither remembers.
        for (beat, interval) in (1..).zip([900_000, 1_300_000, 1_000_000, 16_000_000]) {
            now += interval;
            heard.heard(Tick(now), beat);
            told.learn(Duration::from_micros(interval));
            let deadline = Tick(now).moved(i128::try_from(told.limit().as_micros()).unwrap());
            assert_eq!(heard.deadline(), Some(deadline));
        }
        assert_eq!(told.deviation(), heard.deviation());
    }

    #[test]
    fn one_that_is_alike_is_as_one_that_is_new() {
        let config = PhiConfig::of_interval(Duration::from_secs(1));
        let first = Phi::new(config).unwrap();
        for threshold in [8.0, 8.01, 12.0] {
            for tail in [Tail::Normal, Tail::Logistic, Tail::Exponential] {
                let asked = PhiConfig { threshold, tail, first_interval: Duration::from_secs(2), ..config };
                let (new, alike) = (Phi::new(asked).unwrap(), first.alike(asked).unwrap());
                assert_eq!((alike.limit(), alike.mean()), (new.limit(), new.mean()), "{threshold} {tail:?}");
            }
        }
        assert!(first.alike(PhiConfig { window: 0, ..config }).is_err());
        // It is taken from there, which costs nothing.
        let odd = Phi { point: 77.0, ..first.clone() };
        assert_eq!(odd.alike(config).unwrap().point.to_bits(), 77.0_f64.to_bits());
    }

    #[test]
    fn settings_that_cannot_be_meant_are_told_with_what_was_expected() {
        let sound = PhiConfig::of_interval(Duration::from_secs(1));
        let fault = |config| Phi::new(config).err().map(|fault: Fault| fault.to_string());
        assert_eq!(fault(sound), None);
        let expected = "threshold is NaN; expected a number above 0, at most 1000";
        assert_eq!(fault(PhiConfig { threshold: f64::NAN, ..sound }).unwrap(), expected);
        assert!(fault(PhiConfig { threshold: 0.0, ..sound }).is_some());
        assert!(fault(PhiConfig { threshold: f64::INFINITY, ..sound }).is_some());
        let expected = "window is 0; expected a number from 1 to 1000000";
        assert_eq!(fault(PhiConfig { window: 0, ..sound }).unwrap(), expected);
        assert!(fault(PhiConfig { least_deviation: Duration::ZERO, ..sound }).is_some());
        assert!(fault(PhiConfig { first_interval: Duration::ZERO, ..sound }).is_some());
        let short = Some(Duration::from_secs(1));
        let expected = "longest_interval is 1s; expected more than first_interval, which is 1s";
        assert_eq!(fault(PhiConfig { longest_interval: short, ..sound }).unwrap(), expected);
    }
}
