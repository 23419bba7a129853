//! `random`: each endpoint as likely as any other.

use fastrand::Rng;

use crate::strategy::{Nodes, Strategy, Turn};

/// Keeps nothing in mind: it cannot be wrong for long, and no two callers can fall into step.
#[derive(Debug)]
pub(super) struct Random {
    among: usize,
}

impl Random {
    pub(super) fn new(nodes: &Nodes) -> Self {
        Self { among: nodes.len() }
    }
}

impl Strategy for Random {
    fn place(&self, _: &Turn, rng: &mut Rng) -> Option<usize> {
        Some(rng.usize(0..self.among))
    }
}
