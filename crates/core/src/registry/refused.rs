//! A process whose address refuses a connection is gone: its lease need not run out.

use std::net::SocketAddr;
use std::sync::Arc;

use super::state::Registry;
use crate::change::{Cause, Change, Refusal, Suspicion};
use crate::guard::Judgement;
use crate::lease::cell::LeaseState;
use crate::lease::{LeaseId, Standing};
use crate::tick::Tick;

impl Registry {
    /// An address that had answered when its instance registered was tried at `asked_at`, and
    /// refused. Ends the lease unless a beat came since, a command about it waits for the disk,
    /// or the guard says that this happens to too many at once: then the deadline decides.
    /// Answers what is concluded, to be applied at once.
    pub fn refused(
        &mut self,
        now: Tick,
        lease: LeaseId,
        asked_at: Tick,
        address: SocketAddr,
        suspicion: Suspicion,
    ) -> Vec<Change> {
        let Some(lease) = self.leases.get(lease).map(Arc::clone) else { return Vec::new() };
        let Some(listed) = self.catalog.listed(lease.key()) else { return Vec::new() };
        let instance = Arc::clone(&listed.instance);
        let mut word = lease.read();
        let is_newer = word.beat() >= asked_at || word.state() != LeaseState::Live;
        if is_newer || self.staged.contains_key(lease.key()) {
            return Vec::new();
        }
        match lease.standing() {
            Standing::Unheard | Standing::Held => return Vec::new(),
            Standing::Silent => {}
            Standing::Heard => {
                let Ok(watched) = lease.watch(word) else { return Vec::new() };
                word = watched;
                self.fell_silent(&lease);
            }
        }
        if let Judgement::Hold(..) = self.guard.judge(now, &lease, &instance) {
            return Vec::new();
        }
        if lease.expire(word).is_err() {
            return Vec::new();
        }
        let silent = now.millis_since(word.beat());
        let refusal = Refusal { address, suspicion, silent, intervals: lease.intervals() };
        vec![Change::Removed {
            key: lease.key().clone(),
            generation: lease.generation(),
            cause: Cause::Refused(refusal),
        }]
    }
}
