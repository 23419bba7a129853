//! [`LeaseTable`]: from a name to its lease, shared by all who take beats.

use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use parking_lot::RwLock;

use super::cell::Beat;
use super::departed::Departed;
use super::name::LeaseRef;
use super::promise::{Lease, LeaseId};
use crate::model::{Generation, Precedence, SessionId};
use crate::tick::Tick;

/// What became of a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Stamped. The stored precedence, for protocols that answer by it.
    Renewed {
        /// Whose word wins, as stored.
        precedence: Option<Precedence>,
        /// Which lease.
        lease: LeaseId,
        /// Whether it was silent before, or is adaptive, and its driver waits to hear of it: then it is to be
        /// told by [`Registry::returned`](crate::Registry::returned).
        returned: bool,
    },
    /// There is no such lease (any more): the sender registers again. Nothing was written.
    Unknown,
    /// The sender's generation is not the one that lives now. Nothing was written.
    OtherGeneration,
}

const SHARDS: usize = 256;

/// Every lease by name. Renewals share a read lock on one of 256 shards and never wait for
/// each other; the driver writes when an instance comes or goes.
#[derive(Debug)]
pub struct LeaseTable {
    shards: Box<[RwLock<HashTable<Arc<Lease>>>]>,
    hasher: FixedState,
    departed: Departed,
}

impl LeaseTable {
    /// Empty; `seed` is the key of its hash.
    pub fn new(seed: u64) -> Self {
        let hasher = FixedState::with_seed(seed);
        let shards = (0..SHARDS).map(|_| RwLock::default()).collect();
        Self { shards, departed: Departed::new(hasher.clone()), hasher }
    }

    /// A beat for a lease. No exclusive lock, and no allocation for names of up to 160 bytes in
    /// all: one hash, one look-up under a shared lock, one compare-and-swap.
    pub fn renew(&self, now: Tick, name: LeaseRef<'_>, generation: Option<Generation>) -> Renewal {
        let key = name.packed_key();
        let name = (key.as_bytes(), name.check);
        let hash = self.hash(name);
        let shard = self.shard(hash).read();
        let Some(lease) = shard.find(hash, |lease| lease.name() == name) else {
            self.departed.knock(hash);
            return Renewal::Unknown;
        };
        if generation.is_some_and(|generation| generation != lease.generation()) {
            return Renewal::OtherGeneration;
        }
        // A lease is replaced and removed under the exclusive lock of its shard, so what is
        // found here is the newest incarnation: `Gone` means expired, not replaced.
        match lease.beat(now) {
            Beat::Stamped { returned, .. } => {
                Renewal::Renewed { precedence: lease.precedence(), lease: lease.id(), returned }
            }
            Beat::Unknown => Renewal::Unknown,
        }
    }

    /// Whether a session keeps the lease of this name. After the session's own stamp, the answer
    /// holds as that of a renewal does.
    pub fn keeps(&self, name: LeaseRef<'_>, session: SessionId) -> bool {
        self.get(name).is_some_and(|lease| lease.terms().session() == Some(session) && lease.is_kept())
    }

    /// The lease of this name.
    pub fn get(&self, name: LeaseRef<'_>) -> Option<Arc<Lease>> {
        let key = name.packed_key();
        let name = (key.as_bytes(), name.check);
        let hash = self.hash(name);
        self.shard(hash).read().find(hash, |lease| lease.name() == name).cloned()
    }

    /// Puts a lease in the place of its name. What was there before is retired, and its last
    /// beat carried on; renewals see the one or the other, never neither.
    pub(crate) fn put(&self, lease: Arc<Lease>) {
        let hash = self.hash(lease.name());
        let mut shard = self.shard(hash).write();
        match shard.find_mut(hash, |old| old.name() == lease.name()) {
            Some(old) => {
                lease.cell().carry(old.cell().retire());
                *old = lease;
            }
            None => {
                shard.insert_unique(hash, lease, |lease| self.hash(lease.name()));
            }
        }
    }

    /// Makes room for so many leases more: a table that grows by itself looks at all its names again.
    pub(crate) fn reserve(&self, leases: usize) {
        // They spread over the shards by their hash: a little more for the fuller ones.
        let each = leases / SHARDS + leases / SHARDS / 16;
        for shard in &self.shards {
            shard.write().reserve(each, |lease| self.hash(lease.name()));
        }
    }

    /// Takes this very lease out and retires it; another incarnation of the name stays.
    pub(crate) fn remove(&self, lease: &Arc<Lease>) {
        lease.cell().retire();
        let hash = self.hash(lease.name());
        let mut shard = self.shard(hash).write();
        if let Ok(entry) = shard.find_entry(hash, |held| Arc::ptr_eq(held, lease)) {
            entry.remove();
        }
    }

    /// A lease was lost: whether it is still beaten for is noted from now on.
    pub(crate) fn note_departure(&self, lease: &Lease) {
        self.departed.note(self.hash(lease.name()));
    }

    /// No more.
    pub(crate) fn forget_departure(&self, name: LeaseRef<'_>) {
        self.departed.forget(self.hash((name.packed_key().as_bytes(), name.check)));
    }

    /// Whether a beat came for a lease since it was lost.
    pub(crate) fn has_knocked(&self, name: LeaseRef<'_>) -> bool {
        self.departed.has_knocked(self.hash((name.packed_key().as_bytes(), name.check)))
    }

    /// The number of leases.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, hash: u64) -> &RwLock<HashTable<Arc<Lease>>> {
        // The table inside uses the highest and the lowest bits.
        let index = (hash >> 32) as usize % SHARDS;
        self.shards.get(index).expect("the index is below the number of shards")
    }

    fn hash(&self, (key, check): (&[u8], &str)) -> u64 {
        let mut state = self.hasher.build_hasher();
        state.write(key);
        if !check.is_empty() {
            state.write(check.as_bytes());
        }
        state.finish()
    }
}
