//! `round-robin`: each endpoint in turn, exactly, from however many threads.
//!
//! One counter for all threads; who is skipped uses its turn up, so the rotation among the others stays exact, and nobody
//! inherits the turns of its neighbour. It begins at a random place: many callers that start together do not all
//! begin with the same endpoint, nor does a set that changes often wear out its first ones.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;

use crate::strategy::{Nodes, Strategy, Turn};

/// Rotates.
#[derive(Debug)]
pub(super) struct RoundRobin {
    among: u64,
    turns: AtomicU64,
    first: OnceLock<u64>,
}

impl RoundRobin {
    pub(super) fn new(nodes: &Nodes) -> Self {
        Self { among: nodes.len() as u64, turns: AtomicU64::new(0), first: OnceLock::new() }
    }
}

impl Strategy for RoundRobin {
    fn place(&self, _: &Turn, rng: &mut Rng) -> Option<usize> {
        let first = *self.first.get_or_init(|| rng.u64(0..self.among));
        // Relaxed: the turns are counted, nothing else is read by them. 64 bits do not come round.
        let turn = self.turns.fetch_add(1, Ordering::Relaxed).wrapping_add(first);
        Some((turn % self.among) as usize)
    }
}
