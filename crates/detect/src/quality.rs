//! [`Quality`]: how good the conclusions of a detector were, when one knows what was true.
//!
//! The metrics of Chen, Toueg and Aguilera 2002, section 2. Detection time: from the death to the suspicion that is not
//! taken back. Mistake recurrence: from one suspicion of a living peer to the next. Mistake duration: how long such a suspicion lasts. Query
//! accuracy: the probability that a living peer is trusted at a random instant.

use std::time::Duration;

use crate::tick::Tick;

/// Fewer mistakes than these say little of their mean recurrence.
const FEW: u64 = 30;

/// Counts what a detector concluded of one peer, and when that died. Tell everything in the order of time.
#[derive(Debug, Clone)]
pub struct Quality {
    from: Tick,
    crashed_at: Option<Tick>,
    suspected_since: Option<Tick>,
    last_mistake_at: Option<Tick>,
    figures: Figures,
    /// Microseconds between mistakes, of which there is one less than mistakes.
    recurrences: u64,
    recurrence_sum: u128,
    durations: u64,
    duration_sum: u128,
}

/// How good a detector was.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Figures {
    /// How long the peer was watched while it lived.
    pub alive: Duration,
    /// How often it was suspected then.
    pub mistakes: u64,
    /// `T_MR`, from one mistake to the next, on average; none with fewer than two mistakes.
    pub recurrence: Option<Duration>,
    /// `T_M`, how long a mistake lasted, on average; none where none was seen to its end. One that was still going on at the end
    /// counts as a mistake and for the accuracy, not here.
    pub duration: Option<Duration>,
    /// How long the living peer was suspected, in all.
    pub mistaken: Duration,
    /// `T_D`, from the death to the suspicion that was not taken back; none where the peer did not die, or was not
    /// suspected at the end.
    pub detection: Option<Duration>,
}

impl Quality {
    /// The peer lives and is trusted. Begin after the detector's first beats, or their uncertainty counts, too.
    pub fn new(from: Tick) -> Self {
        Self {
            from,
            crashed_at: None,
            suspected_since: None,
            last_mistake_at: None,
            figures: Figures::default(),
            recurrences: 0,
            recurrence_sum: 0,
            durations: 0,
            duration_sum: 0,
        }
    }

    /// The detector suspects the peer from now on.
    pub fn suspected(&mut self, now: Tick) {
        if self.suspected_since.is_some() {
            return;
        }
        self.suspected_since = Some(now);
        if self.crashed_at.is_none() {
            self.figures.mistakes += 1;
            if let Some(last) = self.last_mistake_at.replace(now) {
                self.recurrences += 1;
                self.recurrence_sum += u128::from(now.micros_since(last));
            }
        }
    }

    /// The detector trusts the peer again.
    pub fn trusted(&mut self, now: Tick) {
        let Some(since) = self.suspected_since.take() else { return };
        if self.crashed_at.is_none() {
            self.durations += 1;
            self.duration_sum += u128::from(now.micros_since(since));
            self.figures.mistaken = self.figures.mistaken.saturating_add(now.since(since));
        }
    }

    /// The peer dies. What is concluded of it from now on is no mistake.
    pub fn crashed(&mut self, now: Tick) {
        if self.crashed_at.is_none() {
            self.end_of_life(now);
            self.crashed_at = Some(now);
        }
    }

    /// Nothing more is seen.
    #[must_use]
    pub fn finish(mut self, now: Tick) -> Figures {
        match self.crashed_at {
            None => self.end_of_life(now),
            Some(crashed) => self.figures.detection = self.suspected_since.map(|since| since.since(crashed)),
        }
        let mean = |sum: u128, count: u64| {
            let mean = sum.checked_div(u128::from(count))?;
            Some(Duration::from_micros(u64::try_from(mean).unwrap_or(u64::MAX)))
        };
        self.figures.recurrence = mean(self.recurrence_sum, self.recurrences);
        self.figures.duration = mean(self.duration_sum, self.durations);
        self.figures
    }

    fn end_of_life(&mut self, now: Tick) {
        self.figures.alive = now.since(self.from);
        if let Some(since) = self.suspected_since {
            self.figures.mistaken = self.figures.mistaken.saturating_add(now.since(since));
        }
    }
}

impl Figures {
    /// `λ_M`, mistakes in an hour of the peer's life.
    pub fn mistakes_per_hour(&self) -> f64 {
        self.mistakes as f64 / self.hours()
    }

    /// What the rate of mistakes is below, with 95 % of confidence or more: about `m + 2√m + 3` in the time that `m`
    /// were seen in (Poisson).
    pub fn most_mistakes_per_hour(&self) -> f64 {
        let mistakes = self.mistakes as f64;
        (mistakes + 2.0 * mistakes.sqrt() + 3.0) / self.hours()
    }

    /// Whether there were too few mistakes, fewer than 30, to speak of their mean recurrence.
    pub fn few_mistakes(&self) -> bool {
        self.mistakes < FEW
    }

    /// `P_A`, the probability that the living peer was trusted at a random instant.
    pub fn accuracy(&self) -> f64 {
        1.0 - self.inaccuracy()
    }

    /// 1 − `P_A`, which has digits where the accuracy has nines.
    pub fn inaccuracy(&self) -> f64 {
        if self.alive.is_zero() {
            return 0.0;
        }
        self.mistaken.as_secs_f64() / self.alive.as_secs_f64()
    }

    /// In hours; a microsecond where nothing was watched, so that a rate is a number.
    fn hours(&self) -> f64 {
        self.alive.max(Duration::from_micros(1)).as_secs_f64() / 3600.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn mistakes_are_counted_from_one_to_the_next_and_to_their_end() {
        let mut quality = Quality::new(Tick::of_secs(100));
        for (suspected, trusted) in [(110, 112), (150, 156), (170, 171)] {
            quality.suspected(Tick::of_secs(suspected));
            quality.trusted(Tick::of_secs(trusted));
        }
        let figures = quality.finish(Tick::of_secs(200));
        assert_eq!((figures.mistakes, figures.alive), (3, secs(100)));
        assert_eq!((figures.recurrence, figures.duration), (Some(secs(30)), Some(secs(3))));
        assert!((figures.accuracy() - 0.91).abs() < 1e-9);
        assert!((figures.mistakes_per_hour() - 108.0).abs() < 1e-9);
        assert_eq!(figures.detection, None);
    }

    #[test]
    fn a_mistake_that_goes_on_at_the_end_counts_but_has_no_duration() {
        let mut quality = Quality::new(Tick(0));
        quality.suspected(Tick::of_secs(6));
        let figures = quality.finish(Tick::of_secs(10));
        assert_eq!((figures.mistakes, figures.duration), (1, None));
        assert!((figures.inaccuracy() - 0.4).abs() < 1e-9);
    }

    #[test]
    fn detection_ends_with_the_suspicion_that_is_not_taken_back() {
        let mut quality = Quality::new(Tick(0));
        quality.crashed(Tick::of_secs(10));
        quality.suspected(Tick::of_secs(11));
        // A beat that was under way.
        quality.trusted(Tick::of_secs(12));
        quality.suspected(Tick::of_secs(15));
        let figures = quality.finish(Tick::of_secs(60));
        assert_eq!((figures.detection, figures.mistakes, figures.alive), (Some(secs(5)), 0, secs(10)));
    }

    #[test]
    fn who_dies_while_it_is_suspected_is_detected_at_once() {
        let mut quality = Quality::new(Tick(0));
        quality.suspected(Tick::of_secs(8));
        quality.crashed(Tick::of_secs(10));
        let figures = quality.finish(Tick::of_secs(20));
        assert_eq!((figures.detection, figures.mistaken), (Some(Duration::ZERO), secs(2)));
    }

    #[test]
    fn nothing_watched_is_a_number_all_the_same() {
        let figures = Quality::new(Tick(5)).finish(Tick(5));
        assert!(figures.most_mistakes_per_hour().is_finite());
        assert!((figures.accuracy() - 1.0).abs() < f64::EPSILON);
    }
}
