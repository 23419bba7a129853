//! [`Trace`]: which beat arrives when.

use super::chance::{Chance, Concern};
use super::plan::{Delay, Loss, Pauses, Plan};
use crate::fault::Fault;
use crate::tick::{Tick, micros, whole};

/// A beat that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The number of its sending, from 0.
    pub sequence: u64,
    /// When it was sent.
    pub sent: Tick,
    /// When it arrived.
    pub received: Tick,
}

/// Which beats were sent, and which of them arrived when.
#[derive(Debug, Clone)]
pub struct Trace {
    /// When each beat was sent.
    pub(super) sent: Vec<Tick>,
    /// In the order of arrival.
    pub(super) arrivals: Vec<Arrival>,
}

/// When beat 0 is sent: late enough for a clock of the detector that is ahead.
const BEGIN: Tick = Tick::of_secs(1);

impl Trace {
    /// When beat 0 was sent.
    pub fn began(&self) -> Tick {
        BEGIN
    }

    /// How many beats were sent.
    pub fn beats(&self) -> usize {
        self.sent.len()
    }

    /// What arrived, in that order.
    pub fn arrivals(&self) -> &[Arrival] {
        &self.arrivals
    }
}

impl Plan {
    /// What happens by this plan.
    ///
    /// # Errors
    ///
    /// A figure is out of range.
    pub fn trace(&self) -> Result<Trace, Fault> {
        self.check()?;
        let (mut delays, mut losses) =
            (Chance::of(self.seed, Concern::Delays), Chance::of(self.seed, Concern::Losses));
        let mut lost_until = 0;
        let (mut sent, mut arrivals) = (Vec::new(), Vec::new());
        for sequence in 0..self.beats {
            let at = self.sent_at(sequence);
            sent.push(at);
            // Drawn for lost beats, too, so that the others are as late as without a loss.
            let delay = self.delay(&mut delays);
            if sequence >= lost_until {
                lost_until = sequence + self.lost_from_here(&mut losses);
            }
            let out = self.outage.is_some_and(|outage| {
                (outage.from..outage.from.saturating_add(outage.beats)).contains(&sequence)
            });
            if sequence >= lost_until && !out {
                arrivals.push(Arrival { sequence, sent: at, received: Tick(at.0.saturating_add(delay)) });
            }
        }
        arrivals.sort_by_key(|arrival| (arrival.received, arrival.sequence));
        Ok(Trace { sent, arrivals })
    }

    fn sent_at(&self, sequence: u64) -> Tick {
        let due = micros(self.interval).saturating_mul(sequence);
        let Some(Pauses { every, length }) = self.pauses else { return Tick(BEGIN.0.saturating_add(due)) };
        let (every, length) = (micros(every), micros(length));
        // A pause is the last part of each stretch, so the trace begins awake.
        let awake = every - length;
        let into = due % every;
        let sent = if into < awake { due } else { due - into + every };
        Tick(BEGIN.0.saturating_add(sent))
    }

    fn delay(&self, chance: &mut Chance) -> u64 {
        let drawn = match self.delay {
            Delay::Constant(delay) => micros(delay) as f64,
            Delay::Normal { mean, deviation } => {
                micros(mean) as f64 + micros(deviation) as f64 * chance.normal()
            }
            Delay::Exponential(mean) => micros(mean) as f64 * chance.exponential(),
        };
        whole(drawn.round())
    }

    /// How many beats are lost from this one on.
    fn lost_from_here(&self, chance: &mut Chance) -> u64 {
        match self.loss {
            Loss::Independent(probability) => u64::from(chance.happens(probability)),
            Loss::Bursts { begins, single_percent, mean_length } => {
                if !chance.happens(begins) {
                    return 0;
                }
                if chance.happens(single_percent / 100.0) { 1 } else { chance.run_length(mean_length) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::traces::{lossy, wide_area};

    #[test]
    fn a_seed_tells_the_same_story_and_another_a_different_one() {
        let story = |seed| lossy(seed, 1_000, 0.1).trace().unwrap().arrivals;
        assert_eq!(story(1), story(1));
        assert_ne!(story(1), story(2));
    }

    #[test]
    fn losses_come_as_often_and_in_as_many_bursts_as_planned() {
        let count = |plan: Plan| {
            let trace = plan.trace().unwrap();
            let heard: Vec<u64> = trace.arrivals.iter().map(|arrival| arrival.sequence).collect();
            let bursts = heard.windows(2).filter(|pair| pair[1] > pair[0] + 1).count();
            (trace.beats() - heard.len(), bursts)
        };
        let (lost, _) = count(lossy(1, 100_000, 0.1));
        assert!((9_700..10_300).contains(&lost), "{lost}");
        // The whole week: 814 bursts, in which 0.40 % are lost.
        let plan = Plan { delay: Delay::Constant(Duration::ZERO), ..wide_area(1, 5_845_713) };
        let (lost, bursts) = count(plan);
        assert!((730..900).contains(&bursts), "{bursts} bursts");
        assert!((15_000..32_000).contains(&lost), "{lost} lost");
    }

    #[test]
    fn a_peer_that_stood_still_sends_all_at_once_when_it_goes_on() {
        let pauses = Some(Pauses { every: Duration::from_secs(10), length: Duration::from_secs(4) });
        let plan = Plan { pauses, delay: Delay::Constant(Duration::ZERO), ..lossy(1, 12, 0.0) };
        let sent: Vec<u64> = plan.trace().unwrap().sent.iter().map(|at| at.0 / 1_000_000 - 1).collect();
        assert_eq!(sent, [0, 1, 2, 3, 4, 5, 10, 10, 10, 10, 10, 11]);
    }

    #[test]
    fn a_plan_that_cannot_be_meant_is_told_with_what_was_expected() {
        let told = lossy(1, 10, f64::NAN).trace().unwrap_err().to_string();
        assert_eq!(told, "loss is NaN; expected a number from 0 to 1");
    }
}
