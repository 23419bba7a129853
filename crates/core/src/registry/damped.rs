//! Who is kept out for having come and gone too often, and until when.

use std::sync::Arc;

use super::expire::{STAGED_PAUSE, Ticked};
use super::state::Registry;
use crate::change::{Cause, Change};
use crate::damping::{Flap, FlapOutcome, Undamped};
use crate::lease::LeaseRef;
use crate::model::{Instance, InstanceKey, ServiceName, Status};
use crate::tick::{Moment, Tick};

impl Registry {
    /// What it costs an instance that is not listed to register, if it is one that was lost and
    /// is the same process.
    pub(super) fn flap(&self, now: Moment, instance: &Instance) -> Option<Flap> {
        let key = &instance.key;
        if !self.damping.is_lost(key) {
            return None;
        }
        let knocked = |check| self.leases.table.has_knocked(LeaseRef::of(key, check));
        if !instance.checks.iter().any(|check| knocked(&check.id)) {
            return None;
        }
        let (up, kept_out) = self.offered(key.service());
        let up = up + usize::from(instance.status == Status::Up);
        Some(self.damping.flap(now.tick, key, (kept_out + 1) * 2 <= up))
    }

    /// How many instances of a service are `UP`, and how many of these are kept out.
    fn offered(&self, service: &ServiceName) -> (usize, usize) {
        let Some(view) = self.catalog.service(service.as_str()) else { return (0, 0) };
        let up = view.iter().filter(|row| row.instance.status == Status::Up);
        up.fold((0, 0), |(up, kept_out), row| (up + 1, kept_out + usize::from(row.instance.damped)))
    }

    /// What damping makes of an applied change.
    pub(super) fn note_damping(&mut self, now: Tick, change: &Change) {
        let key = change.key();
        if !self.damping.is_on(key.service()) {
            return;
        }
        match (change, change.cause()) {
            (Change::Removed { .. }, _) => self.damping.offer(key),
            (_, Cause::CameBack { flap, .. }) => {
                self.forget_departure(key);
                self.damping.record(now, key, flap);
            }
            (_, Cause::Joined(_)) => {
                self.forget_departure(key);
                self.damping.stop_waiting(key);
            }
            (_, Cause::Undamped(Undamped::ByHand(_))) => self.damping.forget(key),
            (_, Cause::Undamped(_)) => self.damping.offer(key),
            _ => {}
        }
        self.damping.unsettle(key.service());
    }

    /// An instance was lost by the registry's own conclusion: from now on it is noted whether it
    /// still beats.
    pub(super) fn note_loss(&mut self, now: Tick, lost: &crate::view::Listed) {
        let key = &lost.instance.key;
        if self.damping.is_on(key.service()) && self.damping.lose(now, key) {
            for lease in &lost.leases {
                self.leases.table.note_departure(lease);
            }
        }
    }

    fn forget_departure(&self, key: &InstanceKey) {
        // Named checks of an instance that does not come back are forgotten with the process.
        self.leases.table.forget_departure(LeaseRef::of(key, &crate::model::CheckId::HEARTBEAT));
    }

    /// Offers again whose time is over, and whom a service cannot spare.
    pub(super) fn damping_tick(&mut self, now: Tick, ticked: &mut Ticked) {
        while let Some(key) = self.damping.given_up(now) {
            self.forget_departure(&key);
        }
        for key in self.damping.due(now) {
            let penalty = self.damping.penalty(now, &key);
            ticked.changes.extend(self.undamp(now, &key, Undamped::Decayed { penalty }));
        }
        for service in std::mem::take(&mut self.damping.unsettled) {
            let (up, mut kept_out) = self.offered(&service);
            if kept_out * 2 <= up {
                continue;
            }
            let Some(view) = self.catalog.service(service.as_str()) else { continue };
            let damped = view.iter().filter(|row| row.instance.damped && row.instance.status == Status::Up);
            let mut damped: Vec<_> = damped
                .map(|row| (self.damping.penalty(now, &row.instance.key), row.instance.key.clone()))
                .collect();
            damped.sort();
            for (_, key) in damped {
                if kept_out * 2 <= up {
                    break;
                }
                kept_out -= 1;
                ticked.changes.extend(self.undamp(now, &key, Undamped::ForLack));
            }
        }
    }

    fn undamp(&mut self, now: Tick, key: &InstanceKey, why: Undamped) -> Option<Change> {
        if self.staged.contains_key(key) {
            // A command about it waits for the disk, and says nothing of this.
            self.damping.postpone(key, now.after(STAGED_PAUSE));
            return None;
        }
        let listed = self.catalog.listed(key).filter(|listed| listed.instance.damped);
        let Some(listed) = listed else {
            self.damping.offer(key);
            return None;
        };
        let instance = Instance { damped: false, ..Instance::clone(&listed.instance) };
        Some(Change::Updated { instance: Arc::new(instance), cause: Cause::Undamped(why) })
    }

    /// Whether a flap keeps its instance out.
    pub(super) fn is_kept_out(flap: &Flap) -> bool {
        matches!(flap.outcome, FlapOutcome::KeptOut { .. })
    }
}
