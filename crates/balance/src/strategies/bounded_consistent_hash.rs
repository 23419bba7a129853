//! `bounded-consistent-hash`: as `consistent-hash`, but nobody has more than a quarter above its share in flight.
//!
//! Consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam 2018): each endpoint takes calls up to ceil((1+ε) · average), here
//! ε = 1/4 and the average by weight, the new call counted; a call to one that is full goes on along the ring. So a key that everybody
//! asks for spreads to more endpoints as long as it has to, and no further.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;
use parking_lot::Mutex;

use super::kept_by::KeptBy;
use super::ring::Ring;
use crate::call::Call;
use crate::node::Node;
use crate::strategy::{Nodes, Strategy, Turn};

/// Points that are looked at. Somebody always has room, and a walk is a few points long on average; where chance would have it
/// otherwise, anybody who is available is better than a longer one.
const LONGEST_WALK: usize = 1_024;

/// Hashes to a ring and walks on.
#[derive(Debug)]
pub(super) struct BoundedConsistentHash {
    nodes: Nodes,
    ring: Ring,
    /// As they were when the ring was made.
    weights: Box<[u64]>,
    /// What each had in flight when it was read last, as part of the sum; none where it is not available.
    counted: Mutex<Box<[Option<u32>]>>,
    /// Of those who are available.
    in_flight: AtomicU64,
    /// Of those who are available.
    weight: AtomicU64,
}

impl BoundedConsistentHash {
    pub(super) fn new(nodes: &Nodes) -> Self {
        let strategy = Self {
            nodes: Arc::clone(nodes),
            ring: Ring::of(nodes),
            weights: nodes.iter().map(|node| u64::from(node.weight().get())).collect(),
            counted: Mutex::new(vec![None; nodes.len()].into()),
            in_flight: AtomicU64::new(0),
            weight: AtomicU64::new(0),
        };
        (0..nodes.len()).for_each(|place| strategy.changed(place));
        strategy
    }

    /// Whether a call more stays within the node's capacity: ceil(5/4 · (all + 1) · weight / all weights).
    fn has_room(&self, place: usize, node: &Node) -> bool {
        let all = u128::from(self.in_flight.load(Ordering::Relaxed)) + 1;
        let weights = u128::from(self.weight.load(Ordering::Relaxed)).max(1);
        let weight = self.weights.get(place).copied().map_or(0, u128::from);
        // Multiplied out, as a division of such numbers takes longer than all the rest of a pick.
        u128::from(node.in_flight()) * 4 * weights < 5 * all * weight
    }
}

impl Strategy for BoundedConsistentHash {
    fn key(&self, call: &Call<'_>) -> Option<u64> {
        KeptBy::Key.of(call)
    }

    fn place(&self, turn: &Turn, rng: &mut Rng) -> Option<usize> {
        let Some(key) = turn.key else { return Some(rng.usize(0..self.nodes.len())) };
        let attempt = turn.attempt as usize;
        if self.weight.load(Ordering::Relaxed) == 0 {
            // The last resort: nobody is available, and nobody's room is known.
            return self.ring.from(key).nth(attempt);
        }
        let takes = |place: &usize| {
            self.nodes.get(*place).is_some_and(|node| node.is_available() && self.has_room(*place, node))
        };
        if attempt == 0
            && let Some(home) = self.ring.first(key).filter(takes)
        {
            return Some(home);
        }
        self.ring.from(key).take(LONGEST_WALK).filter(takes).nth(attempt)
    }

    fn follows_loads(&self) -> bool {
        true
    }

    fn changed(&self, place: usize) {
        let mut counted = self.counted.lock();
        let (Some(counted), Some(node)) = (counted.get_mut(place), self.nodes.get(place)) else { return };
        let before = *counted;
        let now = node.is_available().then(|| node.in_flight());
        *counted = now;
        let calls = |counted: Option<u32>| u64::from(counted.unwrap_or(0));
        let own = self.weights.get(place).copied().unwrap_or(0);
        let weight = |counted: Option<u32>| counted.map_or(0, |_| own);
        // The sums wrap in between where they fall, and are right in the end.
        self.in_flight.fetch_add(calls(now).wrapping_sub(calls(before)), Ordering::Relaxed);
        self.weight.fetch_add(weight(now).wrapping_sub(weight(before)), Ordering::Relaxed);
    }
}
