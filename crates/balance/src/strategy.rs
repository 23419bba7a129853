//! [`Strategy`]: what all ways to balance have in common.

use std::fmt::Debug;
use std::sync::Arc;

use fastrand::Rng;
use lubdub_detect::Tick;

use crate::call::Call;
use crate::node::Node;

/// The nodes that a strategy is made for, ordered by id: so all consumers that know the same set have it in the same order.
pub type Nodes = Arc<[Arc<Node>]>;

/// Proposes a place among the nodes that it was made for.
///
/// It is made for one set and thrown away with it. Availability, slow start and who was tried are not its task: the
/// [`Balancer`](crate::Balancer) asks again, with a higher number of the attempt, when what is proposed will not do. It is asked by
/// many threads at once, and must not allocate.
pub trait Strategy: Debug + Send + Sync {
    /// What this strategy keeps the call together with others by, if it does: calls of the same key should come to the same place.
    fn key(&self, call: &Call<'_>) -> Option<u64> {
        let _ = call;
        None
    }

    /// The place that the turn goes to, below the number of nodes. None where it has nobody to propose (any more): then one of the
    /// available nodes is picked at random, or by the key.
    fn place(&self, turn: &Turn, rng: &mut Rng) -> Option<usize>;

    /// Whether [`changed`](Self::changed) should be called.
    fn follows_loads(&self) -> bool {
        false
    }

    /// The node at this place has another load or availability than before, or maybe not: read it there, under a lock of the
    /// strategy's own, as news may overtake each other.
    fn changed(&self, place: usize) {
        let _ = place;
    }
}

/// One question to a strategy.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    /// What the strategy said that it keeps the call together by.
    pub key: Option<u64>,
    /// 0 for the first question of a call, then 1, 2 …: each asks for another place, where there is one.
    pub attempt: u32,
    /// When.
    pub now: Tick,
}
