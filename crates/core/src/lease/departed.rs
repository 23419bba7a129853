//! [`Departed`]: leases that were lost lately, and whether anybody still beats for them.
//!
//! A process that beats for a lease that is lost was alive all along; one that was restarted
//! registers without having beaten before. That is how damping tells a flap from a restart.

use std::sync::atomic::{AtomicBool, Ordering};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use parking_lot::RwLock;

/// Leases that were lost lately, by the hash of their name. Empty unless damping is on.
#[derive(Debug)]
pub(super) struct Departed(RwLock<HashMap<u64, AtomicBool, FixedState>>);

impl Departed {
    pub(super) fn new(hasher: FixedState) -> Self {
        Self(RwLock::new(HashMap::with_hasher(hasher)))
    }

    /// A lease was lost.
    pub(super) fn note(&self, name: u64) {
        self.0.write().insert(name, AtomicBool::new(false));
    }

    pub(super) fn forget(&self, name: u64) {
        self.0.write().remove(&name);
    }

    /// A beat came for a lease that is not there.
    pub(super) fn knock(&self, name: u64) {
        if let Some(knocked) = self.0.read().get(&name) {
            knocked.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a beat came for a lease since it was lost.
    pub(super) fn has_knocked(&self, name: u64) -> bool {
        self.0.read().get(&name).is_some_and(|knocked| knocked.load(Ordering::Relaxed))
    }
}
