//! Whom a suspicion is about: from a lease's id to its instance.

use std::sync::Arc;

use super::state::Registry;
use crate::lease::cell::LeaseState;
use crate::lease::{Lease, LeaseId};
use crate::model::{Instance, InstanceKey};
use crate::tick::Tick;

/// An instance whose one lease decides whether it stays.
#[derive(Debug, Clone)]
pub struct Suspect {
    /// The lease.
    pub lease: Arc<Lease>,
    /// Whose it is.
    pub instance: Arc<Instance>,
    /// Its last beat.
    pub beat: Tick,
}

impl Registry {
    /// The instance of a lease that is not over. None for one with several checks: another
    /// process may keep each of them, and one address says nothing about all.
    pub fn suspect(&self, lease: LeaseId) -> Option<Suspect> {
        let key = self.leases.get(lease)?.key();
        self.registrant(key).filter(|suspect| suspect.lease.id() == lease)
    }

    /// The same, by its instance's key.
    pub fn registrant(&self, key: &InstanceKey) -> Option<Suspect> {
        let listed = self.catalog.listed(key)?;
        let [lease] = &*listed.leases else { return None };
        let word = lease.read();
        (word.state() != LeaseState::Gone).then(|| Suspect {
            lease: Arc::clone(lease),
            instance: Arc::clone(&listed.instance),
            beat: word.beat(),
        })
    }
}
