//! [`Client`]: how real clients keep their leases: when they beat, what they do when an answer
//! fails, and how they come back. A state machine that knows no world: outcomes go in, the next
//! request and its time come out.
//!
//! | kind | beats | no answer in | then | told that it is unknown |
//! | --- | --- | --- | --- | --- |
//! | `Java` | an interval after the last answer | one interval | waits twice as long, up to ten intervals | registers at once, with a new time stamp |
//! | `Python` | an interval after the last answer | 5 s | beats again after an interval | registers at once |
//! | `Node` | at a fixed rate | 5 s | three times more, after 0.5, 1 and 1.5 s | registers at once |
//! | `Sdk` | three to a time-to-live, spread by a tenth | 2 s | backs off from 250 ms to an interval, spread by half | registers at once |
//!
//! `Java` is Netflix's and Spring's (its `TimedSupervisorTask` doubles on time-outs alone; a
//! connection that is refused costs nothing but the beat), `Python` is `py_eureka_client`,
//! `Node` `eureka-js-client`, and `Sdk` what a client written for lubdub does.

use crate::chance::Chance;
use crate::time::{MILLI, SECOND};

/// Which client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Eureka's Java client.
    Java,
    /// Python's.
    Python,
    /// Node's.
    Node,
    /// One that beats three times in each time-to-live.
    Sdk,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Java, Self::Python, Self::Node, Self::Sdk];

    /// Time-to-live and interval that it usually has, in microseconds.
    pub fn usual_terms(self) -> (u64, u64) {
        match self {
            Self::Java | Self::Python | Self::Node => (90 * SECOND, 30 * SECOND),
            Self::Sdk => (15 * SECOND, 5 * SECOND),
        }
    }
}

/// What a client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Register,
    Renew,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was done.
    Done,
    /// The lease is not known.
    Unknown,
    /// The connection was refused, or broke.
    Refused,
    /// No answer came in time.
    TimedOut,
    /// A session is open; what resumes it, and how much it keeps already.
    Granted { token: u64, kept: usize },
    /// A session is renewed, with all that it keeps: so many.
    Kept(usize),
}

/// What a client does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Next {
    /// After so many microseconds of its own clock.
    pub(crate) after: u64,
    pub(crate) ask: Ask,
}

/// One client's state.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    kind: Kind,
    interval: u64,
    /// How long it waits between two beats now.
    delay: u64,
    /// How often in a row it failed.
    failures: u32,
    registered: bool,
}

impl Client {
    pub(crate) fn new(kind: Kind, interval: u64) -> Self {
        Self { kind, interval, delay: interval, failures: 0, registered: false }
    }

    /// How long it waits for an answer.
    pub(crate) fn patience(&self) -> u64 {
        match self.kind {
            Kind::Java => self.interval,
            Kind::Python | Kind::Node => 5 * SECOND,
            Kind::Sdk => 2 * SECOND,
        }
    }

    /// What it does after an outcome. `took` is how long it waited for it.
    pub(crate) fn after(&mut self, ask: Ask, outcome: Outcome, took: u64, chance: &mut Chance) -> Next {
        if outcome == Outcome::Done {
            self.registered = true;
            (self.delay, self.failures) = (self.interval, 0);
            let after = match self.kind {
                Kind::Java | Kind::Python => self.interval,
                Kind::Node => self.interval.saturating_sub(took),
                Kind::Sdk => self.interval - chance.below(self.interval / 10),
            };
            return Next { after, ask: Ask::Renew };
        }
        if ask == Ask::Renew && outcome == Outcome::Unknown {
            return Next { after: 0, ask: Ask::Register };
        }
        self.failures = self.failures.saturating_add(1);
        let after = match self.kind {
            Kind::Java => {
                if outcome == Outcome::TimedOut {
                    self.delay = (self.delay * 2).min(self.interval * 10);
                }
                self.delay
            }
            Kind::Python => self.interval,
            Kind::Node if !self.failures.is_multiple_of(4) => 500 * MILLI * u64::from(self.failures % 4),
            Kind::Node => self.interval.saturating_sub(took),
            Kind::Sdk => {
                let longest = ((250 * MILLI) << self.failures.min(10)).min(self.interval);
                longest / 2 + chance.below(longest / 2)
            }
        };
        // Java's registers by way of the beat that is answered "unknown".
        let registers = self.kind != Kind::Java && (!self.registered || ask == Ask::Register);
        Next { after, ask: if registers { Ask::Register } else { Ask::Renew } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Concern;

    fn waits(kind: Kind, outcomes: &[Outcome]) -> Vec<u64> {
        let mut chance = Chance::of(1, Concern::Providers);
        let mut client = Client::new(kind, 30 * SECOND);
        let waits = outcomes.iter().map(|outcome| client.after(Ask::Renew, *outcome, 0, &mut chance).after);
        waits.map(|micros| micros / MILLI).collect()
    }

    #[test]
    fn javas_backs_off_on_time_outs_alone_up_to_ten_intervals_and_recovers_at_once() {
        use Outcome::{Done, Refused, TimedOut};
        let outcomes = [TimedOut, TimedOut, TimedOut, TimedOut, TimedOut, Done, Refused, Refused];
        let expected = [60_000, 120_000, 240_000, 300_000, 300_000, 30_000, 30_000, 30_000];
        assert_eq!(waits(Kind::Java, &outcomes), expected);
    }

    #[test]
    fn nodes_tries_three_times_more_before_it_waits() {
        assert_eq!(waits(Kind::Node, &[Outcome::Refused; 5]), [500, 1_000, 1_500, 30_000, 500]);
    }

    #[test]
    fn the_sdks_backs_off_no_further_than_its_interval() {
        let waits = waits(Kind::Sdk, &[Outcome::TimedOut; 20]);
        assert!(waits[0] < 500 && waits.iter().all(|wait| *wait <= 30_000), "{waits:?}");
    }

    #[test]
    fn whoever_is_told_that_it_is_unknown_registers_at_once() {
        let mut chance = Chance::of(1, Concern::Providers);
        for kind in Kind::ALL {
            let mut client = Client::new(kind, 30 * SECOND);
            let next = client.after(Ask::Renew, Outcome::Unknown, 0, &mut chance);
            assert_eq!(next, Next { after: 0, ask: Ask::Register }, "{kind:?}");
        }
    }
}
