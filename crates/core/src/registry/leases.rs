//! The driver's side of the leases: a slab of them, their place in the wheel, and the table
//! through which renewals find them.
//!
//! Invariants, checked by `check_invariants`:
//!
//! 1. each lease of the slab is in the table under its name;
//! 2. each lease of the slab is once in the wheel, or waits for proof of hearing;
//! 3. a stale entry of the wheel names a slot that is free or was used again.

use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use slab::Slab;

use crate::adaptive::{AdaptiveConfig, Arrivals, Learnt, Levels};
use crate::hearing::Hearing;
use crate::lease::cell::{LeaseCell, LeaseState};
use crate::lease::{Lease, LeaseId, LeaseTable};
use crate::tick::Tick;
use crate::wheel::Wheel;

#[derive(Debug)]
pub(super) struct Leases {
    pub(super) table: Arc<LeaseTable>,
    pub(super) wheel: Wheel<LeaseId>,
    /// Due, but it is not proven yet that we would have heard them.
    pub(super) awaiting_proof: Vec<LeaseId>,
    /// How far hearing was proven when they were looked at last.
    pub(super) proven_until: Tick,
    /// When that was.
    pub(super) looked_at: Tick,
    slab: Slab<Arc<Lease>>,
    /// Of the adaptive ones that renewals keep.
    arrivals: HashMap<LeaseId, Box<Arrivals>, FixedState>,
    adaptive: AdaptiveConfig,
    levels: Levels,
    /// Beats that all leases together promise in a minute, in thousandths.
    promised: u64,
    next_reuse: u32,
    #[cfg(any(test, feature = "testing"))]
    looked_up: std::sync::atomic::AtomicU64,
}

impl Leases {
    pub(super) fn new(seed: u64, adaptive: AdaptiveConfig) -> Self {
        Self {
            table: Arc::new(LeaseTable::new(seed)),
            wheel: Wheel::new(),
            awaiting_proof: Vec::new(),
            proven_until: Tick::START,
            looked_at: Tick::START,
            slab: Slab::new(),
            arrivals: HashMap::with_hasher(FixedState::with_seed(seed)),
            adaptive,
            levels: Levels::default(),
            promised: 0,
            next_reuse: 0,
            #[cfg(any(test, feature = "testing"))]
            looked_up: std::sync::atomic::AtomicU64::new(0),
        }
    }

    /// Makes a lease, puts it into the table in the place of its predecessor, and arms it.
    pub(super) fn grant(&mut self, deadline: Tick, make: impl FnOnce(LeaseId) -> Lease) -> Arc<Lease> {
        let lease = self.prepare(make);
        self.table.put(Arc::clone(&lease));
        self.wheel.insert(deadline, lease.id());
        lease
    }

    /// Makes a lease that is neither found nor armed until [`begin`](Self::begin).
    pub(super) fn prepare(&mut self, make: impl FnOnce(LeaseId) -> Lease) -> Arc<Lease> {
        self.next_reuse = self.next_reuse.wrapping_add(1);
        let slot = self.slab.vacant_entry();
        let id = LeaseId { index: slot.key() as u32, reuse: self.next_reuse };
        let lease = Arc::new(make(id));
        self.promised = self.promised.saturating_add(promised(&lease));
        slot.insert(Arc::clone(&lease));
        if lease.terms().session().is_none()
            && let Some(arrivals) = Arrivals::of(lease.terms(), &self.adaptive, &mut self.levels)
        {
            self.arrivals.insert(id, Box::new(arrivals));
        }
        lease
    }

    /// Puts all leases, none of which is there yet, into the table, and arms them in the order in
    /// which they were prepared. `deadline` has a last word to each.
    pub(super) fn begin(&mut self, deadline: impl Fn(&Lease) -> Tick) {
        self.table.reserve(self.slab.len());
        for (_, lease) in &self.slab {
            self.wheel.insert(deadline(lease), lease.id());
            self.table.put(Arc::clone(lease));
        }
    }

    /// Forgets a lease that a successor has replaced in the table already.
    pub(super) fn forget(&mut self, lease: &Lease) {
        if self.get(lease.id()).is_some() {
            self.promised = self.promised.saturating_sub(promised(lease));
            self.slab.remove(lease.id().index as usize);
            self.arrivals.remove(&lease.id());
        }
    }

    /// Ends a lease that has no successor.
    pub(super) fn end(&mut self, lease: &Arc<Lease>) {
        self.table.remove(lease);
        self.forget(lease);
    }

    /// The lease with this id, unless it is stale.
    pub(super) fn get(&self, id: LeaseId) -> Option<&Arc<Lease>> {
        #[cfg(any(test, feature = "testing"))]
        self.looked_up.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.slab.get(id.index as usize).filter(|lease| lease.id() == id)
    }

    /// What an adaptive lease has to tell its driver: the beats since it was asked last. From then on it tells the next one.
    pub(super) fn take_news(&mut self, lease: &Lease) {
        let Some(arrivals) = self.arrivals.get_mut(&lease.id()) else { return };
        watch_again(lease.cell(), arrivals);
    }

    /// Learns of an adaptive lease what is proven until then, and allows it what follows.
    pub(super) fn learn(&mut self, hearing: &Hearing, until: Tick, lease: &Lease) {
        let Some(arrivals) = self.arrivals.get_mut(&lease.id()) else { return };
        arrivals.prove(hearing, until);
        if !lease.read().unconfirmed() {
            // Until then it has what a restart allows.
            lease.allow(arrivals.allowance());
        }
    }

    /// The interval that runs says nothing of the provider.
    pub(super) fn interrupt(&mut self, lease: &Lease) {
        if let Some(arrivals) = self.arrivals.get_mut(&lease.id()) {
            arrivals.interrupt();
        }
    }

    /// What an adaptive lease is judged by.
    pub(super) fn learnt(&self, lease: &Lease) -> Option<Learnt> {
        self.arrivals.get(&lease.id()).map(|arrivals| arrivals.learnt())
    }

    /// How many leases that renewals keep are adaptive.
    pub(super) fn adaptive(&self) -> usize {
        self.arrivals.len()
    }

    /// How many beats all leases together promise in a minute.
    pub(super) fn promised_per_minute(&self) -> u64 {
        self.promised / 1_000
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn looked_up(&self) -> u64 {
        self.looked_up.load(std::sync::atomic::Ordering::Relaxed)
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn len(&self) -> usize {
        self.slab.len()
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Lease>> {
        self.slab.iter().map(|(_, lease)| lease)
    }
}

/// In thousandths of a beat a minute.
fn promised(lease: &Lease) -> u64 {
    let interval = u64::try_from(lease.terms().interval().as_millis()).unwrap_or(u64::MAX);
    60_000_000 / interval.max(1)
}

/// Takes the newest beat of a cell, and has it tell of the next one. A beat that comes in between is taken, too.
pub(super) fn watch_again(cell: &LeaseCell, arrivals: &mut Arrivals) {
    let mut word = cell.load();
    while !word.watched() && word.state() == LeaseState::Live {
        arrivals.heard(word.beat());
        match cell.watch(word) {
            Ok(watched) => word = watched,
            Err(newer) => word = newer,
        }
    }
}
