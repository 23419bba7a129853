//! `consistent-hash`: what is kept together stays at its endpoint when others come and go.

use fastrand::Rng;

use super::kept_by::KeptBy;
use super::ring::Ring;
use crate::call::Call;
use crate::strategy::{Nodes, Strategy, Turn};

/// Hashes to a ring.
#[derive(Debug)]
pub(super) struct ConsistentHash {
    ring: Ring,
    among: usize,
}

impl ConsistentHash {
    pub(super) fn new(nodes: &Nodes) -> Self {
        Self { ring: Ring::of(nodes), among: nodes.len() }
    }
}

impl Strategy for ConsistentHash {
    fn key(&self, call: &Call<'_>) -> Option<u64> {
        KeptBy::Key.of(call)
    }

    fn place(&self, turn: &Turn, rng: &mut Rng) -> Option<usize> {
        let Some(key) = turn.key else { return Some(rng.usize(0..self.among)) };
        // The keys of who is unavailable go where they would go without it.
        if turn.attempt == 0 { self.ring.first(key) } else { self.ring.from(key).nth(turn.attempt as usize) }
    }
}
