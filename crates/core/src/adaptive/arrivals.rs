//! [`Arrivals`]: what is remembered of one provider's beats, and what follows from it.

use std::time::Duration;

use lubdub_detect::{Phi, PhiConfig, Tail};
use smallvec::SmallVec;

use super::{AdaptiveConfig, Levels};
use crate::hearing::Hearing;
use crate::model::{LeaseTerms, PhiLevel};
use crate::tick::Tick;

/// So many intervals are learnt before they are judged by.
const ENOUGH: u32 = 8;
/// So many beats wait at most for it to be proven that they were heard in time: own beats come ten times a second.
const MOST_UNPROVEN: usize = 8;
/// A deviation counts as no less than this, and than a twentieth of the promised interval.
const LEAST_DEVIATION: Duration = Duration::from_millis(20);

/// What is remembered of one provider's beats. About 300 bytes, and four for each interval of the window.
#[derive(Debug)]
pub(crate) struct Arrivals {
    level: PhiLevel,
    /// None where the terms are none that can be judged so: then the time-to-live counts. That is for leases of an earlier run
    /// with other settings, and for intervals of no length.
    phi: Option<Phi>,
    ttl: Duration,
    interval: Duration,
    floor: Duration,
    ceiling: Duration,
    learnt: u32,
    /// The beat that the next interval begins with.
    from: Option<Tick>,
    /// Beats of which it is not proven yet that the registry was not deaf before them.
    unproven: SmallVec<[Tick; 2]>,
}

/// By what an adaptive lease was judged. All spans in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Learnt {
    /// The level.
    pub level: PhiLevel,
    /// The silence that it allows.
    pub allowed: u64,
    /// The mean of the intervals between its beats.
    pub mean: u64,
    /// Their deviation: at least the least that is counted.
    pub deviation: u64,
    /// How many intervals were learnt, in all; none that is not enough to judge by.
    pub intervals: u32,
    /// Whether that is enough. Else the time-to-live was what counted.
    pub enough: bool,
}

impl Arrivals {
    /// Nothing heard yet of a lease with these terms; none where it is not adaptive.
    pub(crate) fn of(terms: LeaseTerms, config: &AdaptiveConfig, levels: &mut Levels) -> Option<Self> {
        let level = terms.phi()?;
        let (ttl, interval) = (terms.ttl(), terms.interval());
        let bounds = config.bounds(ttl, interval);
        let (floor, ceiling) = bounds.unwrap_or((Duration::ZERO, ttl));
        let judged_by = PhiConfig {
            threshold: level.value(),
            window: config.window,
            least_deviation: (interval / 20).max(LEAST_DEVIATION),
            // A lost beat is accepted by what is made of the limit.
            accepted_pause: Duration::ZERO,
            first_interval: interval,
            longest_interval: Some(ceiling),
            tail: Tail::Normal,
        };
        Some(Self {
            level,
            phi: bounds.and_then(|_| levels.detector(level, judged_by)),
            ttl,
            interval,
            floor,
            ceiling,
            learnt: 0,
            from: None,
            unproven: SmallVec::new(),
        })
    }

    /// A beat was stamped, perhaps together with earlier ones that nobody told of: the interval is then longer than each of
    /// them, which errs on the patient side.
    pub(crate) fn heard(&mut self, at: Tick) {
        let last = self.unproven.last().copied().or(self.from);
        if last.is_some_and(|last| at.since(last) < self.interval / 2) {
            return;
        }
        if self.unproven.len() == MOST_UNPROVEN {
            self.unproven.pop();
        }
        self.unproven.push(at);
    }

    /// Learns from the beats up to `until`: what was sent before it has been read, and what was deaf is known.
    pub(crate) fn prove(&mut self, hearing: &Hearing, until: Tick) {
        let proven = self.unproven.iter().take_while(|at| **at <= until).count();
        for at in self.unproven.drain(..proven) {
            if let (Some(from), Some(phi)) = (self.from, &mut self.phi) {
                let interval = at.since(from);
                if interval <= self.ceiling && !hearing.was_deaf_around(from, at) {
                    phi.learn(interval);
                    self.learnt = self.learnt.saturating_add(1);
                }
            }
            self.from = Some(at);
        }
    }

    /// The next interval begins with the next beat: what lies before it was not the provider's doing.
    pub(crate) fn interrupt(&mut self) {
        self.from = None;
        self.unproven.clear();
    }

    /// The silence that is allowed after a beat.
    pub(crate) fn allowance(&self) -> Duration {
        let learnt = self.phi.as_ref().filter(|_| self.learnt >= ENOUGH).map(|phi| {
            let mean = phi.mean().max(self.interval);
            let beyond = phi.limit().saturating_sub(phi.mean());
            mean.saturating_mul(2).saturating_add(beyond).min(self.ceiling)
        });
        learnt.unwrap_or(self.ttl).max(self.floor)
    }

    /// What it is judged by now.
    pub(crate) fn learnt(&self) -> Learnt {
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let of_phi = |read: fn(&Phi) -> Duration| self.phi.as_ref().map_or(0, |phi| millis(read(phi)));
        Learnt {
            level: self.level,
            allowed: millis(self.allowance()),
            mean: of_phi(Phi::mean),
            deviation: of_phi(Phi::deviation),
            intervals: self.learnt,
            enough: self.learnt >= ENOUGH && self.phi.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hearing::HearingConfig;
    use crate::model::PhiLevel;

    fn arrivals(config: &AdaptiveConfig) -> Arrivals {
        let terms = LeaseTerms::adaptive(Duration::from_secs(3), Duration::from_secs(1), PhiLevel::USUAL);
        Arrivals::of(terms, config, &mut Levels::default()).unwrap()
    }

    fn steady(beats: u64) -> Arrivals {
        let mut arrivals = arrivals(&AdaptiveConfig::default());
        for beat in 1..=beats {
            arrivals.heard(Tick(beat * 1_000));
            arrivals.prove(&deaf(&[]), Tick(beat * 1_000));
        }
        arrivals
    }

    fn deaf(stretches: &[(u64, u64)]) -> Hearing {
        let mut hearing = Hearing::new(HearingConfig::default());
        for (from, to) in stretches {
            hearing.paused(Tick(*from), Tick(*to));
        }
        hearing
    }

    fn told(beats: impl IntoIterator<Item = u64>, hearing: &Hearing) -> Learnt {
        let mut arrivals = arrivals(&AdaptiveConfig::default());
        for beat in beats {
            arrivals.heard(Tick(beat));
            arrivals.prove(hearing, Tick(beat));
        }
        arrivals.learnt()
    }

    #[test]
    fn the_time_to_live_counts_until_eight_intervals_are_learnt() {
        let of = |beats: u64| told((1..=beats).map(|beat| beat * 1_000), &deaf(&[]));
        assert_eq!((of(8).allowed, of(8).enough), (3_000, false));
        // Two imagined intervals, a quarter off, are still remembered.
        assert_eq!((of(9).allowed, of(9).enough), (2_627, true));
        assert_eq!((of(80).allowed, of(80).mean, of(80).deviation), (2_280, 1_000, 50));
    }

    #[test]
    fn jitter_is_allowed_for_beyond_the_time_to_live_up_to_the_ceiling() {
        let jittered = |off: u64| {
            told((0..200).map(|beat| beat * 1_000 + 10_000 + off * (beat % 2) - off / 2), &deaf(&[])).allowed
        };
        let allowed = [0, 50, 200, 400].map(jittered);
        assert!(allowed.is_sorted() && allowed[2] > 3_000 && allowed[3] < 6_000, "{allowed:?}");
        let outages = told((0..200).map(|beat| beat * 1_000 + 2_000 * (beat / 4)), &deaf(&[]));
        assert_eq!(outages.allowed, 6_000, "{outages:?}");
    }

    #[test]
    fn what_was_deaf_or_delayed_by_it_is_not_remembered() {
        // Deaf from 50.5 to 53.2 s: the beats of that time are read at its end.
        let beats =
            (0..50).map(|beat| beat * 1_000 + 1_000).chain([53_210]).chain((54..60).map(|beat| beat * 1_000));
        let learnt = told(beats.clone(), &deaf(&[(50_500, 53_200)]));
        assert_eq!((learnt.mean, learnt.deviation), (1_000, 50), "{learnt:?}");
        assert!(told(beats, &deaf(&[])).deviation > 200, "unexcused it would be");
    }

    #[test]
    fn a_rush_of_messages_does_not_look_like_a_faster_beat() {
        let rush = (0..40).flat_map(|beat| (0..20).map(move |message| beat * 1_000 + 1_000 + message));
        let learnt = told(rush, &deaf(&[]));
        assert_eq!((learnt.mean, learnt.intervals), (1_000, 39), "{learnt:?}");
    }

    #[test]
    fn a_beat_says_nothing_until_it_is_proven_that_it_was_heard_in_time() {
        let mut arrivals = steady(20);
        arrivals.heard(Tick(60_000));
        arrivals.prove(&deaf(&[]), Tick(59_000));
        assert_eq!(arrivals.learnt().intervals, 19);
        arrivals.prove(&deaf(&[(20_500, 59_990)]), Tick(60_000));
        assert_eq!(arrivals.learnt().intervals, 19);
    }

    #[test]
    fn beats_that_are_not_proven_for_long_take_no_more_room_and_make_it_patient() {
        let mut arrivals = steady(80);
        for beat in 81..1_021 {
            arrivals.heard(Tick(beat * 1_000));
        }
        assert_eq!(arrivals.unproven.len(), MOST_UNPROVEN);
        let before = arrivals.allowance();
        arrivals.prove(&deaf(&[]), Tick(2_000_000));
        assert!(arrivals.allowance() >= before);
    }

    #[test]
    fn what_is_remembered_takes_no_more_room_than_is_told() {
        assert!(size_of::<Arrivals>() <= 320, "{} bytes", size_of::<Arrivals>());
    }

    /// A Eureka client that promises a beat each hour and a time-to-live of 90 s was kept for two hours after its death.
    #[test]
    fn a_floor_beyond_the_ceiling_leaves_the_time_to_live() {
        let (ttl, config) = (Duration::from_secs(90), AdaptiveConfig::default());
        let of = |interval| {
            let terms = LeaseTerms::adaptive(ttl, Duration::from_secs(interval), PhiLevel::USUAL);
            let mut arrivals = Arrivals::of(terms, &config, &mut Levels::default()).unwrap();
            for beat in 1..=40 {
                arrivals.heard(Tick(beat * interval * 1_000));
                arrivals.prove(&deaf(&[]), Tick(beat * interval * 1_000));
            }
            (arrivals.allowance(), arrivals.learnt().enough)
        };
        assert_eq!(of(90), (2 * ttl, true));
        assert_eq!((of(91), of(3_600)), ((ttl, false), (ttl, false)));
    }

    /// It took some microseconds for each registration, and seconds to restore a million.
    #[test]
    fn what_a_level_stands_for_is_found_once() {
        let (config, mut levels) = (AdaptiveConfig::default(), Levels::default());
        let mut of = |level: u16, interval: u64| {
            let level = PhiLevel::of_hundredths(level).unwrap();
            let terms = LeaseTerms::adaptive(Duration::from_secs(90), Duration::from_secs(interval), level);
            let arrivals = Arrivals::of(terms, &config, &mut levels).unwrap();
            let expected = Arrivals::of(terms, &config, &mut Levels::default()).unwrap();
            let limit = |arrivals: &Arrivals| arrivals.phi.as_ref().map(Phi::limit);
            assert_eq!(limit(&arrivals), limit(&expected));
            levels.len()
        };
        assert_eq!([of(800, 30), of(800, 10), of(800, 1), of(400, 1), of(800, 30)], [1, 1, 1, 2, 2]);
    }

    #[test]
    fn an_interval_of_no_length_leaves_the_time_to_live() {
        let terms = LeaseTerms::adaptive(Duration::from_secs(3), Duration::ZERO, PhiLevel::USUAL);
        let arrivals = Arrivals::of(terms, &AdaptiveConfig::default(), &mut Levels::default()).unwrap();
        assert_eq!(arrivals.allowance(), Duration::from_secs(3));
    }
}
