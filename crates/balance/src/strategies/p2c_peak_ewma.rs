//! `p2c-peak-ewma`: the better of two random ones, by what a call more would cost there.
//!
//! Two choices are exponentially better than one (Mitzenmacher 2001), and unlike "the best of all" they send no herd to
//! whoever looks best to everybody at the same moment. The cost is Finagle's: the decayed peak latency times the calls in flight.

use std::sync::Arc;

use fastrand::Rng;

use crate::strategy::{Nodes, Strategy, Turn};

/// Compares two.
#[derive(Debug)]
pub(super) struct P2cPeakEwma {
    nodes: Nodes,
}

impl P2cPeakEwma {
    pub(super) fn new(nodes: &Nodes) -> Self {
        Self { nodes: Arc::clone(nodes) }
    }
}

impl Strategy for P2cPeakEwma {
    fn place(&self, turn: &Turn, rng: &mut Rng) -> Option<usize> {
        let among = self.nodes.len();
        let one = rng.usize(0..among);
        if among == 1 {
            return Some(one);
        }
        // Two different ones: the second is drawn from the others.
        let mut other = rng.usize(0..among - 1);
        other += usize::from(other >= one);
        let (first, second) = (self.nodes.get(one)?, self.nodes.get(other)?);
        // Who is not available is compared with nobody: it has little to do, and would look best.
        match (first.is_available(), second.is_available()) {
            (true, false) => Some(one),
            (false, true) => Some(other),
            _ => Some(if first.cost(turn.now) <= second.cost(turn.now) { one } else { other }),
        }
    }
}
