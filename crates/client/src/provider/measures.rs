//! What is measured of an instance, for whatever recorder the program has installed (`metrics`). Without
//! one this costs next to nothing.
//!
//! | name | kind | |
//! | --- | --- | --- |
//! | `lubdub_client_exchanges_total` | counter | by `task` (`register`, `announce`, `renew`, `deregister`) and `outcome` (`done`, `unknown`, `failed`); broken off for something urgent: none |
//! | `lubdub_client_exchange_seconds` | histogram | how long those took, by `task` |
//! | `lubdub_client_registered` | gauge | 1 while the last thing that was told was heard, else 0 |
//! | `lubdub_client_failures_in_a_row` | gauge | since the last success |
//!
//! All are by `registry`, `service` and `instance`.

use std::time::Duration;

use super::status::{State, Status};
use crate::instance::Instance;
use crate::machine::{Outcome, Task};

/// Of one instance in one registry.
pub(super) struct Measures<'a> {
    pub(super) registry: &'a str,
    pub(super) instance: &'a Instance,
}

impl Measures<'_> {
    /// An exchange ended, after `took`.
    pub(super) fn exchanged(&self, task: Task, outcome: Outcome, took: Duration) {
        let task = match task {
            Task::Register(_) => "register",
            Task::Announce(_) => "announce",
            Task::Renew(_) => "renew",
            Task::Deregister => "deregister",
        };
        let outcome = match outcome {
            Outcome::Done => "done",
            Outcome::Unknown => "unknown",
            Outcome::Missed(_) => "failed",
            Outcome::Interrupted => return,
        };
        let mut labels = self.labels();
        labels.push(metrics::Label::new("task", task));
        metrics::histogram!("lubdub_client_exchange_seconds", labels.clone()).record(took.as_secs_f64());
        labels.push(metrics::Label::new("outcome", outcome));
        metrics::counter!("lubdub_client_exchanges_total", labels).increment(1);
    }

    /// How it stands now.
    pub(super) fn stands(&self, status: &Status) {
        let registered = if status.state == State::Registered { 1.0 } else { 0.0 };
        metrics::gauge!("lubdub_client_registered", self.labels()).set(registered);
        let failures = f64::from(status.failures_in_a_row);
        metrics::gauge!("lubdub_client_failures_in_a_row", self.labels()).set(failures);
    }

    fn labels(&self) -> Vec<metrics::Label> {
        vec![
            metrics::Label::new("registry", self.registry.to_owned()),
            metrics::Label::new("service", self.instance.service.clone()),
            metrics::Label::new("instance", self.instance.id.clone()),
        ]
    }
}
