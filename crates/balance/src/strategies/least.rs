//! `least-connections` and `least-in-flight`: whoever has the fewest now; among those, each in turn.
//!
//! "Now" is the point: what is closed counts no more. A count of all that ever was would send everything to whoever joined last. And as a
//! failing endpoint is quick to have few, availability is part of the order: who is not available is not in it.

use std::cmp::Reverse;
use std::fmt;
use std::sync::Arc;

use fastrand::Rng;
use parking_lot::Mutex;

use super::by_load::ByLoad;
use crate::node::Node;
use crate::strategy::{Nodes, Strategy, Turn};

/// Keeps the nodes in the order of their loads.
pub(super) struct Least {
    nodes: Nodes,
    load: fn(&Node) -> u32,
    by_load: Mutex<ByLoad>,
}

impl Least {
    /// The fewest connections; the fewest calls, as long as nobody counts connections.
    pub(super) fn connections(nodes: &Nodes) -> Self {
        Self::of(nodes, Node::held)
    }

    /// The fewest calls.
    pub(super) fn in_flight(nodes: &Nodes) -> Self {
        Self::of(nodes, Node::in_flight)
    }

    fn of(nodes: &Nodes, load: fn(&Node) -> u32) -> Self {
        let least = Self { nodes: Arc::clone(nodes), load, by_load: Mutex::new(ByLoad::of(nodes.len())) };
        // The greatest load first: so each finds its place at the beginning of the order.
        let mut loads: Vec<_> = nodes.iter().map(|node| Reverse(load(node))).zip(0..).collect();
        loads.sort_unstable();
        for (_, place) in loads {
            least.changed(place);
        }
        least
    }
}

impl Strategy for Least {
    fn place(&self, turn: &Turn, _: &mut Rng) -> Option<usize> {
        self.by_load.lock().next(turn.attempt)
    }

    fn follows_loads(&self) -> bool {
        true
    }

    fn changed(&self, place: usize) {
        let Some(node) = self.nodes.get(place) else { return };
        let mut by_load = self.by_load.lock();
        // Read under the lock, so that the last who comes leaves what is true.
        by_load.put(place, node.is_available().then(|| (self.load)(node)));
    }
}

impl fmt::Debug for Least {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Least").field("nodes", &self.nodes.len()).finish_non_exhaustive()
    }
}
