//! `hash` and `source-ip-hash`: what is kept together goes to one endpoint, while the set is unchanged.
//!
//! Most keys move when the set changes; `consistent-hash` is for those that should not.

use fastrand::Rng;

use super::kept_by::KeptBy;
use crate::call::Call;
use crate::hash;
use crate::strategy::{Nodes, Strategy, Turn};

/// Hashes to a place.
#[derive(Debug)]
pub(super) struct Hash {
    among: usize,
    kept_by: KeptBy,
}

impl Hash {
    pub(super) fn of_key(nodes: &Nodes) -> Self {
        Self { among: nodes.len(), kept_by: KeptBy::Key }
    }

    pub(super) fn of_source(nodes: &Nodes) -> Self {
        Self { among: nodes.len(), kept_by: KeptBy::Source }
    }
}

impl Strategy for Hash {
    fn key(&self, call: &Call<'_>) -> Option<u64> {
        self.kept_by.of(call)
    }

    fn place(&self, turn: &Turn, rng: &mut Rng) -> Option<usize> {
        let Some(key) = turn.key else { return Some(rng.usize(0..self.among)) };
        // Each attempt hashes anew: the keys of who is unavailable go to all others alike, and no other key moves.
        Some(hash::place(hash::of_both(key, u64::from(turn.attempt)), self.among))
    }
}
