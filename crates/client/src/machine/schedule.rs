//! [`Schedule`]: when the next beat is due.
//!
//! | after | the next beat comes |
//! | --- | --- |
//! | the start | one interval later: registering counted as a beat |
//! | a success | one interval after the beat was *sent*, so that slow answers do not stretch the rhythm |
//! | a refusal | soon, an eighth of an interval later, then twice as long each time, at most one interval: asking a registry that answers "no" is cheap, and one that restarts is back before leases end |
//! | a time-out | two intervals later, then twice as long each time, at most [`MOST_INTERVALS`]: whoever does not answer is not helped by more questions |
//!
//! What waits after a failure is jittered by a tenth, so that those who lost their registry at the same
//! moment do not return at the same moment. The rule of time-outs is that of Netflix's client
//! (`TimedSupervisorTask`).

use std::time::Duration;

use crate::machine::Tick;

/// How many intervals a schedule backs off to.
pub const MOST_INTERVALS: u32 = 10;

/// Why a beat did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Miss {
    /// It was answered, or failed, at once: a refused connection, an error of the registry.
    Refused,
    /// Nothing came in time.
    TimedOut,
}

/// When the next beat is due.
#[derive(Debug, Clone)]
pub struct Schedule {
    interval: Duration,
    next: Tick,
    /// In a row.
    refusals: u32,
    /// In a row.
    time_outs: u32,
    jitter: fastrand::Rng,
}

impl Schedule {
    /// One whose first beat is due one interval from `now`. The same seed gives the same jitter.
    pub fn new(now: Tick, interval: Duration, seed: u64) -> Self {
        let jitter = fastrand::Rng::with_seed(seed);
        Self { interval, next: now + interval, refusals: 0, time_outs: 0, jitter }
    }

    /// When the next beat is due.
    pub const fn next(&self) -> Tick {
        self.next
    }

    /// How many beats have failed since the last success.
    pub const fn misses(&self) -> u32 {
        self.refusals.saturating_add(self.time_outs)
    }

    /// A beat that was sent at `sent` succeeded.
    pub fn succeeded(&mut self, sent: Tick) {
        self.refusals = 0;
        self.time_outs = 0;
        self.next = sent + self.interval;
    }

    /// A beat failed, which became known at `now`.
    pub fn missed(&mut self, now: Tick, miss: Miss) {
        let pause = match miss {
            Miss::Refused => {
                self.refusals = self.refusals.saturating_add(1);
                let doubled = (self.interval / 8).saturating_mul(doublings(self.refusals - 1));
                doubled.min(self.interval)
            }
            Miss::TimedOut => {
                self.time_outs = self.time_outs.saturating_add(1);
                let most = self.interval.saturating_mul(MOST_INTERVALS);
                self.interval.saturating_mul(doublings(self.time_outs)).min(most)
            }
        };
        // Down only, so that the bounds stay bounds.
        self.next = now + pause.mul_f64(1.0 - self.jitter.f64() / 10.0);
    }

    /// Something is to be sent at once, without a change of what waits after the next failure.
    pub fn hasten(&mut self, now: Tick) {
        self.next = now;
    }
}

/// 2ⁿ.
fn doublings(n: u32) -> u32 {
    1_u32.checked_shl(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INTERVAL: Duration = Duration::from_secs(30);

    fn at(seconds: u64) -> Tick {
        Tick::from_start(Duration::from_secs(seconds))
    }

    /// The pauses after `count` failures in a row, each sent when it is due, in seconds rounded up.
    fn pauses(miss: Miss, count: usize) -> Vec<f64> {
        let mut schedule = Schedule::new(Tick::ZERO, INTERVAL, 7);
        let pause = |schedule: &mut Schedule| {
            let now = schedule.next();
            schedule.missed(now, miss);
            // The jitter is a tenth at most.
            let pause = schedule.next().since(now).as_secs_f64();
            [3.75, 7.5, 15.0, 30.0, 60.0, 120.0, 240.0, 300.0]
                .into_iter()
                .find(|full| pause <= *full && pause > full * 0.9)
                .unwrap_or_default()
        };
        (0..count).map(|_| pause(&mut schedule)).collect()
    }

    #[test]
    fn the_first_beat_is_due_after_one_interval_and_each_other_one_interval_after_it_was_sent() {
        let mut schedule = Schedule::new(at(5), INTERVAL, 1);
        assert_eq!(schedule.next(), at(35));
        schedule.succeeded(at(35));
        assert_eq!(schedule.next(), at(65));
    }

    #[test]
    fn time_outs_double_the_pause_up_to_ten_intervals() {
        assert_eq!(pauses(Miss::TimedOut, 6), [60.0, 120.0, 240.0, 300.0, 300.0, 300.0]);
    }

    #[test]
    fn refusals_are_asked_again_soon_and_never_less_often_than_each_interval() {
        assert_eq!(pauses(Miss::Refused, 6), [3.75, 7.5, 15.0, 30.0, 30.0, 30.0]);
    }

    #[test]
    fn a_success_restores_the_interval() {
        let mut schedule = Schedule::new(Tick::ZERO, INTERVAL, 1);
        for _ in 0..20 {
            schedule.missed(schedule.next(), Miss::TimedOut);
        }
        let sent = schedule.next();
        schedule.succeeded(sent);
        assert_eq!((schedule.next(), schedule.misses()), (sent + INTERVAL, 0));
        schedule.missed(schedule.next(), Miss::TimedOut);
        assert!(schedule.next().since(sent + INTERVAL) <= INTERVAL * 2);
    }

    #[test]
    fn those_who_lose_their_registry_together_do_not_return_together() {
        let next = |seed| {
            let mut schedule = Schedule::new(Tick::ZERO, INTERVAL, seed);
            schedule.missed(at(30), Miss::TimedOut);
            schedule.next()
        };
        let all: std::collections::BTreeSet<_> = (0..100).map(next).collect();
        assert!(all.len() > 90, "{} different of 100", all.len());
    }

    proptest! {
        #[test]
        fn whatever_fails_the_next_beat_is_in_the_future_and_at_most_ten_intervals_away(
            interval in 1_u64..100_000, seed: u64, misses in prop::collection::vec(any::<bool>(), 0..60),
        ) {
            let interval = Duration::from_millis(interval);
            let mut schedule = Schedule::new(Tick::ZERO, interval, seed);
            for timed_out in misses {
                let now = schedule.next();
                schedule.missed(now, if timed_out { Miss::TimedOut } else { Miss::Refused });
                prop_assert!(schedule.next() > now);
                prop_assert!(schedule.next().since(now) <= interval * MOST_INTERVALS);
            }
        }
    }
}
