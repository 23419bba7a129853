//! [`Registration`]: what the registry must be told next about one instance.
//!
//! The driver asks [`Registration::next`], does what it is told, and reports how it went. Everything
//! that may happen in between (the switch is moved, the lease is lost, the registry is gone) changes
//! what the next answer is, never what is under way.
//!
//! | situation | next |
//! | --- | --- |
//! | not registered, or the registry forgot it | [`Task::Register`], with the availability that is wanted *now*: so whoever was available before a lost session is so again |
//! | registered as something else than wanted | [`Task::Announce`], at once |
//! | a beat is due | [`Task::Renew`] |
//! | it is to leave | [`Task::Deregister`], once, and no beat any more |
//!
//! Sources: Motan's switch, without its rule that a second client turns everything off; Eureka's
//! renewal (404: register again at once).

use std::time::Duration;

use crate::availability::Availability;
use crate::machine::{Miss, Schedule, Tick};

/// What is to be told to the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Task {
    /// Register, as available or not, in one step.
    Register(Availability),
    /// Tell the availability, which changed.
    Announce(Availability),
    /// Beat.
    Renew(Availability),
    /// Leave.
    Deregister,
}

/// What the driver does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Next {
    /// This, now.
    Do(Task),
    /// Nothing before this time, unless something happens.
    Wait(Tick),
    /// Nothing any more: it left.
    Done,
}

/// How a task went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The registry did it.
    Done,
    /// The registry does not know the instance (any more).
    Unknown,
    /// It failed.
    Missed(Miss),
    /// It was broken off half-way: whether the registry did it is not known.
    Interrupted,
}

/// What the registry was told last, as far as we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Nothing that it still knows.
    Nothing,
    /// Registered; of its availability only what was answered for sure.
    Registered(Option<Availability>),
}

/// One instance in one registry.
#[derive(Debug, Clone)]
pub struct Registration {
    wanted: Availability,
    told: Told,
    /// To leave, or already gone.
    leaving: bool,
    gone: bool,
    /// Whether the registry was ever asked to register it: then it may have.
    asked: bool,
    schedule: Schedule,
}

impl Registration {
    /// An instance that is to be registered at once, as `wanted`, and to beat each `interval`. The seed
    /// is that of the jitter.
    pub fn new(now: Tick, wanted: Availability, interval: Duration, seed: u64) -> Self {
        let mut schedule = Schedule::new(now, interval, seed);
        schedule.hasten(now);
        Self { wanted, told: Told::Nothing, leaving: false, gone: false, asked: false, schedule }
    }

    /// The switch was moved. A change is due at once, also where the registry failed just before.
    pub fn switch(&mut self, now: Tick, wanted: Availability) {
        if self.wanted != wanted {
            self.wanted = wanted;
            self.schedule.hasten(now);
        }
    }

    /// It is to leave, at once.
    pub fn leave(&mut self) {
        self.leaving = true;
        self.gone |= !self.asked;
    }

    /// What is next.
    pub fn next(&self, now: Tick) -> Next {
        if self.gone {
            return Next::Done;
        }
        if self.leaving {
            return Next::Do(Task::Deregister);
        }
        let (due, task) = match self.told {
            Told::Nothing => (self.schedule.next(), Task::Register(self.wanted)),
            Told::Registered(Some(told)) if told == self.wanted => {
                (self.schedule.next(), Task::Renew(self.wanted))
            }
            Told::Registered(_) => (self.schedule.next(), Task::Announce(self.wanted)),
        };
        if due <= now { Next::Do(task) } else { Next::Wait(due) }
    }

    /// A task that was begun at `sent` ended at `now`.
    pub fn ended(&mut self, sent: Tick, now: Tick, task: Task, outcome: Outcome) {
        if task == Task::Deregister {
            // Best effort: a registry that cannot be reached will notice the silence.
            self.gone = true;
            return;
        }
        self.asked = true;
        match outcome {
            Outcome::Done => {
                let told = match task {
                    Task::Register(told) | Task::Announce(told) | Task::Renew(told) => Some(told),
                    Task::Deregister => None,
                };
                self.told = Told::Registered(told);
                self.schedule.succeeded(sent);
                if told != Some(self.wanted) {
                    self.schedule.hasten(now);
                }
            }
            Outcome::Unknown => {
                // A registry that forgets what it is told this moment is not asked in a circle.
                let again = matches!(task, Task::Register(_));
                self.told = Told::Nothing;
                if again {
                    self.schedule.missed(now, Miss::Refused);
                } else {
                    self.schedule.hasten(now);
                }
            }
            Outcome::Missed(miss) => {
                if !matches!(task, Task::Renew(_)) {
                    self.doubt();
                }
                self.schedule.missed(now, miss);
            }
            Outcome::Interrupted => {
                if !matches!(task, Task::Renew(_)) {
                    self.doubt();
                }
                self.schedule.hasten(now);
            }
        }
    }

    /// What the registry knows of the availability is not sure any more.
    fn doubt(&mut self) {
        if let Told::Registered(availability) = &mut self.told {
            *availability = None;
        }
    }

    /// What the registry was last told, where it was told and knows it still.
    pub fn told(&self) -> Option<Availability> {
        match self.told {
            Told::Registered(availability) => availability,
            Told::Nothing => None,
        }
    }

    /// Whether the registry knows it, as far as we know.
    pub fn is_registered(&self) -> bool {
        !self.gone && self.told != Told::Nothing
    }

    /// Whether it left.
    pub const fn is_gone(&self) -> bool {
        self.gone
    }

    /// How many tasks have failed since the last success.
    pub const fn misses(&self) -> u32 {
        self.schedule.misses()
    }
}

#[cfg(test)]
mod tests;
