//! [`Registry`]: what there is, and the contract with whoever drives it.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::leases::Leases;
use super::profiles::Profiles;
use super::snapshot::Snapshot;
use crate::change::Change;
use crate::config::Config;
use crate::damping::Ledger;
use crate::delta::DeltaPosition;
use crate::feed::Feed;
use crate::guard::Guard;
use crate::hearing::{Hearing, HearingConfig};
use crate::history::{History, HistoryEntry};
use crate::lease::LeaseTable;
use crate::model::{Instance, InstanceKey};
use crate::revision::Revision;
use crate::session::Sessions;
use crate::tick::Tick;
use crate::view::Catalog;

/// The registry: every decision, no clock, no socket, no disk.
///
/// One thread owns it and calls, in any order that keeps these promises:
///
/// 1. [`decide`](Self::decide) for each command; it answers with changes or a
///    [`Reject`](crate::Reject) and writes nothing. If there are changes,
///    [`stage`](Self::stage) them at once, so that the next decision counts with them.
/// 2. The staged changes go to the journal, in the order of decision. When the journal
///    answered, [`unstage`](Self::unstage) and [`apply`](Self::apply) them with their revision, in
///    the same order. Now they are visible, and the command may be answered.
/// 3. [`tick`](Self::tick) whenever [`next_deadline`](Self::next_deadline) has come. What it
///    concludes is to be applied at once, with a revision of its own; it goes to the journal
///    with the next batch.
/// 4. [`snapshot`](Self::snapshot) after each apply, for the readers.
///
/// Meanwhile any thread may renew leases through the [`LeaseTable`]: the one write that
/// happens outside the owner's thread. Where a renewal answers that its lease returned,
/// [`returned`](Self::returned) is called with it, and what that concludes applied like a tick's.
///
/// Time: `now` never goes back between calls. Revisions given to `apply` never fall.
///
/// Invariant: same configuration, same calls, same answers. Nothing depends on the order of
/// a hash table.
#[derive(Debug)]
pub struct Registry {
    pub(super) config: Config,
    pub(super) catalog: Catalog,
    pub(super) leases: Leases,
    pub(super) hearing: Hearing,
    pub(super) feed: Feed,
    pub(super) history: History,
    pub(super) staged: HashMap<InstanceKey, Staged, FixedState>,
    pub(super) guard: Guard,
    pub(super) damping: Ledger,
    pub(super) profiles: Profiles,
    pub(super) sessions: Sessions,
    pub(super) delta_places: HashMap<InstanceKey, DeltaPosition, FixedState>,
}

/// Changes of an instance that were decided and wait for the journal.
#[derive(Debug)]
pub(super) struct Staged {
    /// How many.
    pub(super) waiting: u32,
    /// The instance after all of them; none when it will have left.
    pub(super) newest: Option<Arc<Instance>>,
}

impl Registry {
    /// Empty, at the revision where the server starts.
    pub fn new(config: Config, hearing: HearingConfig, start: Revision) -> Self {
        Self {
            catalog: Catalog::starting_at(start),
            leases: Leases::new(config.hash_seed, config.adaptive.clone()),
            hearing: Hearing::new(hearing),
            feed: Feed::starting_at(start, config.feed_capacity),
            history: History::new(config.history_capacity),
            guard: Guard::new(config.guard.clone(), config.hash_seed),
            damping: Ledger::new(config.damping.clone(), config.hash_seed),
            staged: HashMap::with_hasher(FixedState::with_seed(config.hash_seed)),
            profiles: Profiles::new(config.hash_seed),
            sessions: Sessions::default(),
            delta_places: HashMap::with_hasher(FixedState::with_seed(config.hash_seed)),
            config,
        }
    }

    /// The leases by name, for those who take beats.
    pub fn lease_table(&self) -> &Arc<LeaseTable> {
        &self.leases.table
    }

    /// What there is.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// When the registry could hear.
    pub fn hearing(&self) -> &Hearing {
        &self.hearing
    }

    /// For the witnesses of hearing to report to.
    pub fn hearing_mut(&mut self) -> &mut Hearing {
        &mut self.hearing
    }

    /// Everything that readers read.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            catalog: Arc::new(self.catalog.clone()),
            feed: self.feed.clone(),
            history: self.history.clone(),
        }
    }

    /// When [`tick`](Self::tick) has something to do, at the latest; none while there is
    /// nothing to wait for. Leases that wait for proof of hearing are not counted: the proof
    /// wakes the driver.
    pub fn next_deadline(&self) -> Option<Tick> {
        let retention = self.config.delta_retention;
        let forget = self.catalog.delta().oldest().map(|(_, entry)| entry.at.tick.after(retention));
        // What the guard waits for while hearing is not proven wants an own beat, not the time: it was
        // asked for when this was looked at.
        let proven = self.leases.proven_until;
        let asked = proven.max(self.leases.looked_at);
        let guard = self.guard.next_deadline(proven).filter(|deadline| *deadline > asked);
        let sessions = self.sessions.next_deadline();
        [self.leases.wheel.next_deadline(), forget, guard, self.damping.next_deadline(), sessions]
            .into_iter()
            .flatten()
            .min()
    }

    /// Counts with changes that were decided and wait for the journal.
    pub fn stage(&mut self, changes: &[Change]) {
        for change in changes {
            let staged =
                self.staged.entry_ref(change.key()).or_insert_with(|| Staged { waiting: 0, newest: None });
            staged.waiting += 1;
            staged.newest = change.instance().cloned();
        }
    }

    /// Takes the history of an earlier run, oldest first. Before anything else.
    pub fn restore_history(&mut self, entries: impl IntoIterator<Item = HistoryEntry>) {
        for entry in entries {
            self.history.push(entry);
        }
    }

    /// The instance as the next decision counts with it: after everything that is staged.
    pub(super) fn expected(&self, key: &InstanceKey) -> Option<&Arc<Instance>> {
        match self.staged.get(key) {
            Some(staged) => staged.newest.as_ref(),
            None => self.catalog.listed(key).map(|listed| &listed.instance),
        }
    }

    /// How often a lease was looked up by its id so far: what work costs, without a clock.
    #[cfg(any(test, feature = "testing"))]
    pub fn leases_looked_up(&self) -> u64 {
        self.leases.looked_up()
    }

    /// Checks what must hold between any two calls; a test calls it after each step.
    ///
    /// # Panics
    ///
    /// Where an invariant is broken.
    #[cfg(any(test, feature = "testing"))]
    pub fn check_invariants(&self) {
        let listed: usize = self.catalog.services().map(|view| view.iter().count()).sum();
        assert_eq!(self.catalog.counts().total(), listed, "counts agree with the lists");
        assert_eq!(self.leases.table.len(), self.leases.len(), "the table holds what the slab holds");
        let armed = self.leases.wheel.len() + self.leases.awaiting_proof.len();
        assert!(armed >= self.leases.len(), "each lease is armed");
        for lease in self.leases.iter() {
            let name = crate::lease::LeaseRef::of(lease.key(), lease.check());
            let found = self.leases.table.get(name).expect("a lease of the slab is in the table");
            assert!(Arc::ptr_eq(&found, lease), "the table leads to the newest incarnation");
        }
        let adaptive = |lease: &&Arc<crate::lease::Lease>| {
            lease.terms().phi().is_some() && lease.terms().session().is_none()
        };
        let adaptive = self.leases.iter().filter(adaptive).count();
        assert_eq!(self.leases.adaptive(), adaptive, "each adaptive lease has a history, and nobody else");
        self.check_sessions();
        let listed = self.catalog.services().flat_map(|view| view.iter());
        self.guard.check_invariants(
            listed.flat_map(|row| row.leases.iter().map(|lease| (&**lease, &*row.instance))),
        );
        for view in self.catalog.services() {
            assert!(!view.is_empty(), "a service without instances is not listed");
            let marks = crate::view::Marks::counted(view.iter().map(|row| &*row.instance));
            assert_eq!(view.marks(), marks, "marks agree with the list");
            for chunk in view.chunks() {
                assert!((1..=crate::view::CHUNK_SIZE).contains(&chunk.listed().len()));
            }
            let keys: Vec<_> = view.iter().map(|listed| &listed.instance.key).collect();
            assert!(keys.is_sorted_by(|left, right| (left.id(), left.node()) < (right.id(), right.node())));
            for listed in view.iter() {
                assert_eq!(listed.leases.len(), listed.instance.checks.len());
                for lease in &listed.leases {
                    assert!(self.leases.get(lease.id()).is_some(), "a listed lease is armed");
                }
            }
        }
    }
}
