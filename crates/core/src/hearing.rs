//! [`Hearing`]: when the registry could hear, and when it was deaf.
//!
//! The incident: a registry is stopped for a minute (a suspended machine, a full accept
//! queue, a starved process). When it goes on, every lease is a minute overdue, and the
//! beats that prove the opposite lie unread in its sockets. It must not hold its own deafness
//! against anyone.
//!
//! Silence counts only while we listened. Deaf intervals come from two witnesses:
//!
//! - the pacer's own pauses ([`Hearing::paused`]);
//! - *own beats*, which the registry sends to itself through its own listeners, on the workers
//!   that take everybody's beats. A gap between two arrivals is time in which input was not
//!   served. And no lease is judged beyond the sending time of the last own beat that arrived
//!   ([`Hearing::heard_until`]): what was sent before it has been read.
//!
//! A lease's deadline moves by the deaf part of its silence; after a deaf interval it has at
//! least one of its own intervals left; all such grace for one silence is at most one
//! time-to-live. Worked example, time-to-live 90 s, interval 30 s, last beat at 0: deaf from 50
//! to 110 moves the deadline from 90 to 150; 150 is 40 s after the end, more than one
//! interval, so it stays. Deaf from 80 to 140: the deadline moves to 150, 10 s after the end, so
//! 20 s of grace make it 170. A pause of L delays a real death by L, at most by L and one
//! time-to-live, and hiccups however often repeated cannot hide it: the grace is spent once.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::LeaseTerms;
use crate::tick::Tick;

/// A stretch of time in which the registry could not hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deaf {
    /// From here
    pub from: Tick,
    /// to here.
    pub to: Tick,
}

/// How far own beats may be apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HearingConfig {
    /// A gap of more than this between two own beats is deaf time. Default 350 ms: own beats
    /// come every 100 ms. Less turns ordinary scheduling hiccups into deaf time; more lets a
    /// short stall count as silence.
    pub longest_gap: Duration,
}

impl Default for HearingConfig {
    fn default() -> Self {
        Self { longest_gap: Duration::from_millis(350) }
    }
}

/// One of the registry's own listeners, as a witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ear(usize);

/// When the registry could hear, and when it was deaf.
#[derive(Debug)]
pub struct Hearing {
    config: HearingConfig,
    ears: Vec<Witness>,
    /// Ordered, apart from each other.
    deaf: VecDeque<Deaf>,
}

#[derive(Debug, Clone, Copy)]
struct Witness {
    heard_until: Tick,
    last_arrival: Tick,
}

/// More than these are joined at the old end: a lease of days may then be excused a little
/// too much, never too little.
const MOST_INTERVALS: usize = 4096;

/// When a silence loses its lease, and how much of that the registry takes upon itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// The lease is lost at this tick.
    pub at: Tick,
    /// How much later that is than without deaf time, in milliseconds.
    pub excused: u64,
}

impl Hearing {
    /// Never deaf so far. Without ears (a simulation) everything is heard at once.
    pub fn new(config: HearingConfig) -> Self {
        Self { config, ears: Vec::new(), deaf: VecDeque::new() }
    }

    /// A listener starts to be a witness.
    pub fn add_ear(&mut self, now: Tick) -> Ear {
        self.ears.push(Witness { heard_until: now, last_arrival: now });
        Ear(self.ears.len() - 1)
    }

    /// An own beat that was sent at `sent` arrived at `arrived`.
    pub fn own_beat(&mut self, ear: Ear, sent: Tick, arrived: Tick) {
        let Some(witness) = self.ears.get_mut(ear.0) else { return };
        let silent_from = witness.last_arrival;
        witness.last_arrival = witness.last_arrival.max(arrived);
        // Never further than it arrived: a sender with a wrong clock proves nothing.
        witness.heard_until = witness.heard_until.max(sent.min(arrived));
        if arrived.since(silent_from) > self.config.longest_gap {
            self.note(Deaf { from: silent_from, to: arrived });
        }
    }

    /// The process itself did not run.
    pub fn paused(&mut self, from: Tick, to: Tick) {
        if from < to {
            self.note(Deaf { from, to });
        }
    }

    /// No lease is judged beyond this: everything sent before it has been read.
    pub fn heard_until(&self, now: Tick) -> Tick {
        self.ears.iter().map(|ear| ear.heard_until).min().unwrap_or(now).min(now)
    }

    /// When a silence that began at `beat` loses a lease of these terms. `allowance` is the silence that
    /// is allowed; what the lease has left at least after a deaf interval is its own interval.
    pub fn deadline(&self, beat: Tick, allowance: Duration, terms: LeaseTerms) -> Deadline {
        let promised = beat.after(allowance);
        let mut deadline = promised;
        // Not what is learnt or left by a restart: an adaptive lease may be allowed much more than its time-to-live.
        let mut grace_left = beat.after(allowance.min(terms.ttl())).millis_since(beat);
        let first = self.deaf.partition_point(|deaf| deaf.to <= beat);
        for deaf in self.deaf.range(first..) {
            let from = deaf.from.max(beat);
            if from >= deadline {
                break;
            }
            deadline = deadline.plus_millis(deaf.to.millis_since(from));
            let lacking = deaf.to.after(terms.interval()).millis_since(deadline).min(grace_left);
            deadline = deadline.plus_millis(lacking);
            grace_left -= lacking;
        }
        Deadline { at: deadline, excused: deadline.millis_since(promised) }
    }

    /// How many milliseconds between two ticks were deaf.
    pub fn deaf_between(&self, from: Tick, to: Tick) -> u64 {
        let part = |deaf: &Deaf| deaf.to.min(to).millis_since(deaf.from.max(from));
        self.deaf.iter().map(part).sum()
    }

    /// Whether any of the time between two ticks was deaf, or so short a time before that what was sent then may have been
    /// read no sooner than at `from`.
    pub fn was_deaf_around(&self, from: Tick, to: Tick) -> bool {
        let delayed = u64::try_from(self.config.longest_gap.as_millis()).unwrap_or(u64::MAX);
        let from = Tick(from.0.saturating_sub(delayed));
        let first = self.deaf.partition_point(|deaf| deaf.to < from);
        self.deaf.get(first).is_some_and(|deaf| deaf.from < to)
    }

    /// The deaf intervals, oldest first.
    pub fn intervals(&self) -> impl Iterator<Item = &Deaf> {
        self.deaf.iter()
    }

    /// Puts an interval in its place and joins it with those that it touches.
    fn note(&mut self, mut new: Deaf) {
        let first = self.deaf.partition_point(|deaf| deaf.to < new.from);
        let last = self.deaf.partition_point(|deaf| deaf.from <= new.to);
        for touched in self.deaf.range(first..last) {
            new = Deaf { from: new.from.min(touched.from), to: new.to.max(touched.to) };
        }
        self.deaf.drain(first..last);
        self.deaf.insert(first, new);
        if self.deaf.len() > MOST_INTERVALS
            && let Some(oldest) = self.deaf.pop_front()
            && let Some(next) = self.deaf.front_mut()
        {
            next.from = oldest.from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(90);
    const INTERVAL: Duration = Duration::from_secs(30);

    fn deaf(stretches: &[(u64, u64)]) -> Hearing {
        let mut hearing = Hearing::new(HearingConfig::default());
        for (from, to) in stretches {
            hearing.paused(Tick(from * 1000), Tick(to * 1000));
        }
        hearing
    }

    fn deadline_secs(hearing: &Hearing, beat: u64) -> u64 {
        hearing.deadline(Tick(beat * 1000), TTL, LeaseTerms::renewed(TTL, INTERVAL)).at.0 / 1000
    }

    #[test]
    fn the_deadline_moves_by_the_deaf_part_of_the_silence() {
        for (stretches, beat, expected) in [
            (&[][..], 0, 90),
            // The two worked examples of the module.
            (&[(50, 110)], 0, 150),
            (&[(80, 140)], 0, 170),
            // Only the part after the beat counts.
            (&[(50, 110)], 100, 200),
            (&[(50, 110)], 110, 200),
            // Due before the deafness began: not excused.
            (&[(95, 155)], 0, 90),
        ] {
            assert_eq!(deadline_secs(&deaf(stretches), beat), expected, "{stretches:?} from {beat}");
        }
    }

    #[test]
    fn grace_is_spent_once_so_hiccups_cannot_hide_a_death() {
        // A pause of one second every ten, for an hour.
        let hiccups: Vec<_> = (0..360).map(|n| (n * 10, n * 10 + 1)).collect();
        let hearing = deaf(&hiccups);
        let at = deadline_secs(&hearing, 5);
        // 90 s of hearing take 100 s; grace adds at most 90 s of hearing, or 100 s.
        assert!((100..=205).contains(&at), "{at}");
    }

    #[test]
    fn grace_is_at_most_one_time_to_live_however_much_is_allowed() {
        // A second of hearing in each minute: grace is wanted after every pause.
        let pauses: Vec<_> = (0..600).map(|n| (n * 60 + 1, n * 60 + 60)).collect();
        let hearing = deaf(&pauses);
        let heard_by = |allowance: Duration| {
            let terms = LeaseTerms::renewed(TTL, INTERVAL);
            let at = hearing.deadline(Tick(0), allowance, terms).at;
            at.0 - hearing.deaf_between(Tick(0), at)
        };
        // What is allowed, and one time-to-live, in time that was heard; the last grace may begin in a pause.
        let (once, thrice) = (heard_by(TTL), heard_by(3 * TTL));
        assert!(once <= 2 * 90_000 + 1_000, "{once}");
        assert!(thrice <= 4 * 90_000 + 1_000, "{thrice}");
    }

    #[test]
    fn a_gap_between_own_beats_is_deaf_time() {
        let mut hearing = Hearing::new(HearingConfig::default());
        let ear = hearing.add_ear(Tick(1_000));
        hearing.own_beat(ear, Tick(1_100), Tick(1_101));
        assert_eq!(hearing.intervals().count(), 0);
        hearing.own_beat(ear, Tick(1_200), Tick(61_000));
        assert_eq!(hearing.intervals().collect::<Vec<_>>(), [&Deaf { from: Tick(1_101), to: Tick(61_000) }]);
        assert_eq!(hearing.deaf_between(Tick(0), Tick(31_101)), 30_000);
    }

    #[test]
    fn a_stretch_that_touches_deaf_time_or_follows_it_at_once_is_told() {
        let hearing = deaf(&[(10, 20), (40, 50)]);
        for (from, to, expected) in [
            (0, 10_000, false),
            (0, 10_001, true),
            (12_000, 13_000, true),
            (20_350, 39_000, true),
            (20_351, 40_000, false),
            (20_351, 41_000, true),
            (50_351, 90_000, false),
        ] {
            assert_eq!(hearing.was_deaf_around(Tick(from), Tick(to)), expected, "{from} to {to}");
        }
    }

    #[test]
    fn nothing_is_judged_beyond_the_own_beat_that_every_ear_heard() {
        let mut hearing = Hearing::new(HearingConfig::default());
        assert_eq!(hearing.heard_until(Tick(7)), Tick(7));
        let (left, right) = (hearing.add_ear(Tick(10)), hearing.add_ear(Tick(10)));
        hearing.own_beat(left, Tick(50), Tick(51));
        assert_eq!(hearing.heard_until(Tick(90)), Tick(10));
        hearing.own_beat(right, Tick(40), Tick(52));
        assert_eq!(hearing.heard_until(Tick(90)), Tick(40));
        hearing.own_beat(right, Tick(4_000), Tick(60));
        assert_eq!(hearing.heard_until(Tick(90)), Tick(50));
    }

    #[test]
    fn overlapping_intervals_become_one() {
        let hearing = deaf(&[(10, 20), (40, 50), (15, 42)]);
        assert_eq!(hearing.intervals().collect::<Vec<_>>(), [&Deaf { from: Tick(10_000), to: Tick(50_000) }]);
    }

    #[test]
    fn old_intervals_are_joined_beyond_the_bound() {
        let many: Vec<_> = (0..2 * MOST_INTERVALS as u64).map(|n| (n * 10, n * 10 + 1)).collect();
        let hearing = deaf(&many);
        assert_eq!(hearing.intervals().count(), MOST_INTERVALS);
        assert_eq!(hearing.intervals().next().unwrap().from, Tick(0));
    }
}
