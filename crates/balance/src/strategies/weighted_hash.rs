//! `weighted-hash` and `weighted-source-ip-hash`: as `hash` and `source-ip-hash`, with as many keys as the weight says.

use fastrand::Rng;

use super::alias::Alias;
use super::kept_by::KeptBy;
use crate::call::Call;
use crate::hash;
use crate::strategy::{Nodes, Strategy, Turn};

/// Hashes to a place by weight.
#[derive(Debug)]
pub(super) struct WeightedHash {
    shares: Alias,
    kept_by: KeptBy,
}

impl WeightedHash {
    pub(super) fn of_key(nodes: &Nodes) -> Self {
        Self { shares: Alias::of_nodes(nodes), kept_by: KeptBy::Key }
    }

    pub(super) fn of_source(nodes: &Nodes) -> Self {
        Self { shares: Alias::of_nodes(nodes), kept_by: KeptBy::Source }
    }
}

impl Strategy for WeightedHash {
    fn key(&self, call: &Call<'_>) -> Option<u64> {
        self.kept_by.of(call)
    }

    fn place(&self, turn: &Turn, rng: &mut Rng) -> Option<usize> {
        let drawn = turn.key.map(|key| hash::of_both(key, u64::from(turn.attempt)));
        self.shares.place(drawn.unwrap_or_else(|| rng.u64(..)))
    }
}
