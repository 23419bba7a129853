//! What the protections say, and what operators say to them.

use super::state::Registry;
use crate::command::Sender;
use crate::damping::DampingReport;
use crate::guard::{GuardReport, Released, Scope};
use crate::reject::Reject;
use crate::tick::Moment;

impl Registry {
    /// What the guard does and why.
    pub fn guard_report(&self, _now: Moment) -> GuardReport {
        GuardReport { rules: self.config.guard.clone(), ..GuardReport::default() }
    }

    /// Every instance with a penalty, ordered by service and id.
    pub fn damping_report(&self, _now: Moment) -> Vec<DampingReport> {
        Vec::new()
    }

    /// An operator lets go what the guard holds in a scope.
    ///
    /// # Errors
    ///
    /// Where the guard does not hold it.
    pub fn release(&mut self, _now: Moment, scope: &Scope, _by: &Sender) -> Result<Released, Reject> {
        Err(Reject::NothingToRelease(format!("the guard does not hold {scope}")))
    }
}
