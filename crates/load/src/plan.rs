//! [`Plan`]: what is to be measured, and for how long.

use std::time::Duration;

use serde::Serialize;

use crate::{Action, Error};

/// Most connections: each is a file, and more would measure the system instead of the server.
const MOST_CONNECTIONS: usize = 16_384;

/// What is to be measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What is sent.
    pub work: Work,
    /// How many instances are registered; at least 1.
    pub instances: u64,
    /// How many connections are kept open; 1 to 16 384.
    pub connections: usize,
    /// Requests per second; none is a closed loop. [`Work::Mixed`] has a rate of its own.
    pub rate: Option<f64>,
    /// How long to measure.
    pub duration: Duration,
    /// The server's process on this machine, whose processor time and memory are told too.
    pub pid: Option<i32>,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Each instance registers once; ends when all have, or when the time is over.
    Register,
    /// The instances renew, one after the other, round and round.
    Renew,
    /// One document is read again and again.
    Read(Reading),
    /// Each instance renews once in each interval, and readers read the delta once in each.
    Mixed {
        /// Between two renewals of one instance, and between two readings of one reader.
        interval: Duration,
        /// How many poll the delta.
        readers: u64,
    },
}

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading {
    /// All that is registered.
    Apps,
    /// What changed lately.
    Delta,
    /// One application after the other.
    App,
}

impl Plan {
    /// This work with 10 000 instances and 64 connections, in a closed loop for ten seconds.
    pub const fn of(work: Work) -> Self {
        Self {
            work,
            instances: 10_000,
            connections: 64,
            rate: None,
            duration: Duration::from_secs(10),
            pid: None,
        }
    }

    /// Requests per second; none is a closed loop.
    pub fn pace(&self) -> Option<f64> {
        match self.work {
            Work::Mixed { interval, readers } => {
                Some(self.instances.saturating_add(readers) as f64 / interval.as_secs_f64())
            }
            Work::Register | Work::Renew | Work::Read(_) => self.rate,
        }
    }

    /// What the request of this number is for.
    pub(crate) fn action(&self, number: u64) -> Action {
        let instances = self.instances.max(1);
        match self.work {
            Work::Register => Action::Register(number % instances),
            Work::Renew => Action::Renew(number % instances),
            Work::Read(what) => Action::Read(what, number),
            Work::Mixed { readers, .. } => {
                // Readings stand evenly between renewals.
                let before = readings(number, readers, instances);
                if readings(number + 1, readers, instances) > before {
                    Action::Read(Reading::Delta, before)
                } else {
                    Action::Renew((number - before) % instances)
                }
            }
        }
    }

    /// How long a lease must be for no instance to be lost while this runs: none is renewed more
    /// rarely than once from beginning to end.
    pub(crate) fn lease(&self) -> Duration {
        const PREPARATION: Duration = Duration::from_secs(600);
        self.duration.saturating_add(PREPARATION)
    }

    /// # Errors
    ///
    /// It asks for what cannot be.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let faults = [
            (self.instances == 0, "there must be at least 1 instance (--instances)"),
            (
                !(1..=MOST_CONNECTIONS).contains(&self.connections),
                "there must be 1 to 16384 connections (--connections)",
            ),
            (self.duration.is_zero(), "the duration must be more than nothing (--duration)"),
            (
                self.pace().is_some_and(|pace| !(pace.is_finite() && pace > 0.0 && pace <= 1e7)),
                "the rate must be above 0 and at most 10000000 requests per second (--rate, --interval)",
            ),
        ];
        Error::unless_right(&faults)
    }
}

impl Work {
    /// What it is called on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Renew => "renew",
            Self::Read(_) => "read",
            Self::Mixed { .. } => "mixed",
        }
    }
}

/// How many of the first `requests` of a mix are readings.
fn readings(requests: u64, readers: u64, instances: u64) -> u64 {
    let share = u128::from(requests) * u128::from(readers) / (u128::from(readers) + u128::from(instances));
    u64::try_from(share).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_each_interval_of_a_mix_every_instance_renews_once_and_every_reader_reads_once() {
        let plan =
            Plan { instances: 7, ..Plan::of(Work::Mixed { interval: Duration::from_secs(1), readers: 3 }) };
        for first in [0, 10, 20, 1_000_000] {
            let actions: Vec<_> = (first..first + 10).map(|number| plan.action(number)).collect();
            for instance in 0..7 {
                let renewals = actions.iter().filter(|action| **action == Action::Renew(instance));
                assert_eq!(renewals.count(), 1, "instance {instance} in {actions:?}");
            }
            let readings = actions.iter().filter(|action| matches!(action, Action::Read(Reading::Delta, _)));
            assert_eq!(readings.count(), 3, "{actions:?}");
        }
    }

    #[test]
    fn a_mix_has_the_pace_that_its_instances_and_readers_make_together() {
        let work = Work::Mixed { interval: Duration::from_secs(30), readers: 60 };
        let plan = Plan { instances: 3_000, rate: Some(7.0), ..Plan::of(work) };
        assert_eq!(plan.pace(), Some(102.0));
        assert_eq!(Plan { rate: Some(7.0), ..Plan::of(Work::Renew) }.pace(), Some(7.0));
        assert_eq!(Plan::of(Work::Renew).pace(), None);
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_flag_that_asked_for_it() {
        let renew = Plan::of(Work::Renew);
        let never = Work::Mixed { interval: Duration::ZERO, readers: 1 };
        for (plan, flag) in [
            (Plan { instances: 0, ..renew.clone() }, "--instances"),
            (Plan { connections: 0, ..renew.clone() }, "--connections"),
            (Plan { connections: 20_000, ..renew.clone() }, "--connections"),
            (Plan { duration: Duration::ZERO, ..renew.clone() }, "--duration"),
            (Plan { rate: Some(-1.0), ..renew.clone() }, "--rate"),
            (Plan { rate: Some(f64::NAN), ..renew.clone() }, "--rate"),
            (Plan::of(never), "--interval"),
        ] {
            let told = plan.check().expect_err("it cannot be").to_string();
            assert!(told.contains(flag), "{told}");
        }
        renew.check().expect("the usual plan can be");
    }
}
