//! From changes to the next state. Writes, never decides, never fails: a change for
//! something absent, or done already, does nothing.

use std::sync::Arc;
use std::time::Duration;

use super::sessions::Departure;
use super::state::Registry;
use crate::change::{Cause, Change, GuardWord};
use crate::delta::{Action, DeltaEntry};
use crate::feed::FeedEntry;
use crate::history::HistoryEntry;
use crate::lease::{Lease, LeaseId, LeaseParts};
use crate::model::{Check, Instance, InstanceKey, LeaseTerms};
use crate::revision::Revision;
use crate::tick::{Moment, Tick};
use crate::view::{LeasesOfOne, Listed};

/// How a lease starts.
#[derive(Clone, Copy)]
enum Start {
    /// With a beat: the registration itself.
    Heard,
    /// With the registry's own start; until the first beat it has this much more.
    Restored { outage: Duration },
}

impl Registry {
    /// Makes changes the truth, in order: staged ones once the journal has answered, and what
    /// `tick` concluded. All get the same revision.
    pub fn apply(&mut self, now: Moment, revision: Revision, changes: &[Change]) {
        for change in changes {
            if self.apply_one(now, revision, change) {
                self.note_damping(now.tick, change);
                self.record(now, revision, change);
            }
        }
        self.catalog.advance_to(revision);
    }

    /// Settles changes that were staged: they are applied now, or given up.
    pub fn unstage(&mut self, changes: &[Change]) {
        for change in changes {
            if let Some(staged) = self.staged.get_mut(change.key()) {
                staged.waiting -= 1;
                if staged.waiting == 0 {
                    self.staged.remove(change.key());
                }
            }
        }
    }

    /// Takes an instance from an earlier run. Its leases start now, unconfirmed, with their
    /// time-to-live and `outage` (at most ten of their intervals) to be heard again. Not a
    /// change: neither in delta nor feed nor history. Many are restored faster by a
    /// [`Restoration`](crate::Restoration).
    pub fn restore(&mut self, now: Moment, instance: Arc<Instance>, outage: Duration) {
        let revision = self.catalog.revision();
        let mut instance = Arc::unwrap_or_clone(instance);
        let service = self.spelling(instance.key.service());
        instance.key = instance.key.spelled(service);
        instance.profile = self.profiles.shared(&instance.profile);
        let instance = Arc::new(instance);
        self.list(now, revision, instance, Start::Restored { outage });
    }

    /// Whether the change did anything.
    fn apply_one(&mut self, now: Moment, revision: Revision, change: &Change) -> bool {
        match change {
            Change::Registered { instance, .. } => {
                let listed = self.list(now, revision, Arc::clone(instance), Start::Heard);
                self.note_delta(now, listed);
                true
            }
            Change::Updated { instance, .. } => {
                let Some(known) = self.current(&instance.key, instance) else { return false };
                let listed = Listed {
                    instance: Arc::clone(instance),
                    leases: known.leases.clone(),
                    modified: revision,
                    action: Action::Modified,
                };
                for lease in &listed.leases {
                    lease.set_precedence(instance.precedence);
                    if instance.profile.zone != known.instance.profile.zone {
                        self.guard.moved(lease, &known.instance, instance);
                    }
                    if instance.ask_again != known.instance.ask_again {
                        lease.cell().set_refused(instance.ask_again);
                        self.leases.interrupt(lease);
                    }
                }
                self.catalog.put(listed.clone());
                self.note_delta(now, listed);
                true
            }
            Change::Removed { key, generation, cause } => {
                match self.catalog.listed(key) {
                    Some(known) if known.instance.generation == *generation => {}
                    _ => return false,
                }
                let Some(mut gone) = self.catalog.take(key, revision) else { return false };
                let lost = is_a_loss(cause);
                if matches!(cause, Cause::Expired(_) | Cause::Refused(_) | Cause::ConnectionLost(_)) {
                    self.note_loss(now.tick, &gone);
                }
                for lease in &gone.leases {
                    self.guard.left(now.tick, lease, &gone.instance, lost);
                    self.leases.end(lease);
                    self.left_session(lease, Departure::Removed(cause));
                }
                gone.modified = revision;
                gone.action = Action::Deleted;
                self.note_delta(now, gone);
                true
            }
        }
    }

    /// What is listed under a key, if it is the incarnation that a change is about.
    fn current(&self, key: &InstanceKey, instance: &Instance) -> Option<Listed> {
        self.catalog.listed(key).filter(|known| known.instance.generation == instance.generation).cloned()
    }

    /// Lists an incarnation with new leases, in the place of the one before.
    fn list(&mut self, now: Moment, revision: Revision, instance: Arc<Instance>, start: Start) -> Listed {
        self.profiles.note(&instance.profile);
        let known = self.catalog.listed(&instance.key).cloned();
        let before: &[Arc<Lease>] = match &known {
            Some(known) => {
                for lease in &known.leases {
                    self.guard.left(now.tick, lease, &known.instance, false);
                }
                &known.leases
            }
            None => &[],
        };
        let leases = instance.checks.iter().map(|check| {
            let old = before.iter().find(|lease| *lease.check() == check.id);
            let lease = self.grant(now, &instance, check, old.map(Arc::as_ref), start);
            if matches!(start, Start::Heard) {
                self.guard.heard(&instance);
            }
            if let Some(old) = old {
                self.leases.forget(old);
                self.left_session(old, Departure::Replaced(&instance));
            }
            lease
        });
        let leases: LeasesOfOne = leases.collect();
        for old in before {
            if !instance.checks.iter().any(|check| check.id == *old.check()) {
                self.leases.end(old);
                self.left_session(old, Departure::Replaced(&instance));
            }
        }
        self.joined_session(&leases);
        let listed = Listed { instance, leases, modified: revision, action: Action::Added };
        self.catalog.put(listed.clone());
        listed
    }

    fn grant(
        &mut self,
        now: Moment,
        instance: &Instance,
        check: &Check,
        before: Option<&Lease>,
        start: Start,
    ) -> Arc<Lease> {
        let (grace, unconfirmed) = match start {
            Start::Heard => (Duration::ZERO, false),
            Start::Restored { outage } => (grace_after(outage, check.lease), true),
        };
        let allowance = self.config.adaptive.allowed_at_first(check.lease).saturating_add(grace);
        let heart = self.heart_of(check.lease);
        let lease = self.leases.grant(first_look(now.tick, check.lease), |id| {
            let parts = LeaseParts { allowance, unconfirmed, heart, ..parts(id, instance, check) };
            Lease::new(parts, now.tick, before)
        });
        if instance.ask_again {
            lease.cell().set_refused(true);
        }
        lease
    }

    fn note_delta(&mut self, now: Moment, listed: Listed) {
        let key = listed.instance.key.clone();
        let before = self.delta_places.get(&key).copied();
        let place = self.catalog.delta_mut().push(DeltaEntry { listed, at: now }, before);
        self.delta_places.insert(key, place);
    }

    fn record(&mut self, now: Moment, revision: Revision, change: &Change) {
        let instance = change.instance();
        self.history.push(HistoryEntry {
            revision,
            at: now.wall,
            key: change.key().clone(),
            cause: change.cause().clone(),
            status: instance.map(|instance| instance.effective_status()),
            address: instance.map(|instance| instance.address.clone()),
        });
        self.feed.push(FeedEntry { revision, at: now.wall, change: change.clone() });
    }
}

/// What a lease is made of that is heard.
pub(super) fn parts(id: LeaseId, instance: &Instance, check: &Check) -> LeaseParts {
    LeaseParts {
        id,
        key: instance.key.clone(),
        check: check.id.clone(),
        terms: check.lease,
        generation: instance.generation,
        precedence: instance.precedence,
        allowance: check.lease.ttl(),
        unconfirmed: false,
        heart: None,
    }
}

/// What a restored lease has beyond what is allowed at first until it is heard. Whoever has a session comes
/// back within its timeout.
pub(super) fn grace_after(outage: Duration, terms: LeaseTerms) -> Duration {
    match terms.session() {
        Some(_) => Duration::ZERO,
        None => outage.min(terms.interval().saturating_mul(10)),
    }
}

/// When a lease that starts at `now` is looked at first: without the grace, for once it is heard
/// it has none.
pub(super) fn first_look(now: Tick, terms: LeaseTerms) -> Tick {
    now.after(terms.patience().unwrap_or_else(|| terms.ttl()))
}

/// Whether the guard counts a departure as a loss: one that was concluded from silence, unless
/// the guard itself let it go.
fn is_a_loss(cause: &Cause) -> bool {
    match cause {
        Cause::Expired(silence) => !matches!(silence.guard, GuardWord::Released { .. }),
        Cause::ConnectionLost(loss) => !matches!(loss.guard, GuardWord::Released { .. }),
        Cause::Refused(_) => true,
        _ => false,
    }
}
