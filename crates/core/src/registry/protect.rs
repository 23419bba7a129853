//! What the protections say, and what operators say to them.

use super::state::Registry;
use crate::command::Sender;
use crate::damping::DampingReport;
use crate::guard::{GuardReport, Released, Scope};
use crate::reject::Reject;
use crate::tick::Moment;

impl Registry {
    /// What the guard does and why.
    pub fn guard_report(&mut self, now: Moment) -> GuardReport {
        self.guard.report(now, self.leases.promised_per_minute())
    }

    /// Every instance with a penalty, ordered by service and id.
    pub fn damping_report(&self, now: Moment) -> Vec<DampingReport> {
        self.damping.report(now)
    }

    /// An operator lets go what the guard holds in a scope. It leaves with the next
    /// [`tick`](Self::tick), which is to come at once.
    ///
    /// # Errors
    ///
    /// Where the guard does not hold it.
    pub fn release(&mut self, scope: &Scope, by: &Sender) -> Result<Released, Reject> {
        self.guard
            .release(scope, by)
            .ok_or_else(|| Reject::NothingToRelease(format!("the guard does not hold {scope}")))
    }
}
