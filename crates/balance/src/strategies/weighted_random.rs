//! `weighted-random`: each endpoint as likely as its weight says.

use fastrand::Rng;

use super::alias::Alias;
use crate::strategy::{Nodes, Strategy, Turn};

/// Draws by weight.
#[derive(Debug)]
pub(super) struct WeightedRandom {
    shares: Alias,
}

impl WeightedRandom {
    pub(super) fn new(nodes: &Nodes) -> Self {
        Self { shares: Alias::of_nodes(nodes) }
    }
}

impl Strategy for WeightedRandom {
    fn place(&self, _: &Turn, rng: &mut Rng) -> Option<usize> {
        self.shares.place(rng.u64(..))
    }
}
