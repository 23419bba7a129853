//! [`Candidates`]: the nodes that one strategy is asked about, and the rules that hold for whatever it proposes.

use std::sync::Arc;

use fastrand::Rng;
use lubdub_detect::Tick;

use crate::call::Call;
use crate::hash;
use crate::node::Node;
use crate::pick::Member;
use crate::strategy::{Nodes, Strategy, Turn};
use crate::usable::Usable;

/// How often a strategy is asked about one call. Where half of the nodes are unavailable, one call in 60 000 needs
/// more; for those the rank among the available ones decides.
const ATTEMPTS: u32 = 16;

/// How many of the available ones are then looked at for one that does not start slowly.
const LOOKS: usize = 64;

/// Nodes with the strategy that was made for them.
#[derive(Debug)]
pub(crate) struct Candidates<T> {
    pub(crate) members: Box<[Arc<Member<T>>]>,
    pub(crate) nodes: Nodes,
    pub(crate) strategy: Arc<dyn Strategy>,
    pub(crate) usable: Usable,
}

impl<T> Candidates<T> {
    /// One who is available, was not tried, and does not lose the draw of its slow start; or who does, if nobody else is left.
    pub(crate) fn choose(&self, call: &Call<'_>, now: Tick, rng: &mut Rng) -> Option<&Arc<Member<T>>> {
        if self.usable.count() == 0 {
            return None;
        }
        let key = self.strategy.key(call);
        let accepted = self.proposed(key, now, rng, |node, rng| {
            node.is_available() && !call.tried.contains(&node.number()) && wins_draw(node, key, now, rng)
        });
        let place = accepted.or_else(|| self.scanned(key, call, now, rng))?;
        self.members.get(place)
    }

    /// One who was not tried, available or not.
    pub(crate) fn choose_of_all(&self, call: &Call<'_>, now: Tick, rng: &mut Rng) -> Option<&Arc<Member<T>>> {
        let key = self.strategy.key(call);
        let untried = |node: &Node| !call.tried.contains(&node.number());
        let place = self.proposed(key, now, rng, |node, _| untried(node)).or_else(|| {
            let (before, after) = self.nodes.split_at_checked(start(key, self.nodes.len(), rng))?;
            let from_there = (before.len()..self.nodes.len()).zip(after).chain((0..).zip(before));
            from_there
                .map(|(place, node)| (place, &**node))
                .find(|(_, node)| untried(node))
                .map(|(place, _)| place)
        })?;
        self.members.get(place)
    }

    fn proposed(
        &self,
        key: Option<u64>,
        now: Tick,
        rng: &mut Rng,
        mut accepts: impl FnMut(&Node, &mut Rng) -> bool,
    ) -> Option<usize> {
        for attempt in 0..ATTEMPTS {
            let place = self.strategy.place(&Turn { key, attempt, now }, rng)?;
            if self.nodes.get(place).is_some_and(|node| accepts(node, rng)) {
                return Some(place);
            }
        }
        None
    }

    fn scanned(&self, key: Option<u64>, call: &Call<'_>, now: Tick, rng: &mut Rng) -> Option<usize> {
        let mut starting_slowly = None;
        let rank = start(key, self.usable.count(), rng);
        for place in self.usable.rotated_to(rank).take(LOOKS + call.tried.len()) {
            let Some(node) = self.nodes.get(place) else { continue };
            if call.tried.contains(&node.number()) {
                continue;
            }
            if node.share(now).is_none() {
                return Some(place);
            }
            starting_slowly = starting_slowly.or(Some(place));
        }
        starting_slowly
    }
}

/// Where a search among so many begins: for a key always at the same one.
fn start(key: Option<u64>, among: usize, rng: &mut Rng) -> usize {
    match key {
        Some(key) => hash::place(hash::of_both(key, u64::MAX), among),
        None => rng.usize(0..among.max(1)),
    }
}

/// Who starts slowly wins as often as its share says. A key's draw is the same each time: so a key that came over stays.
fn wins_draw(node: &Node, key: Option<u64>, now: Tick, rng: &mut Rng) -> bool {
    node.share(now).is_none_or(|share| {
        let drawn = match key {
            Some(key) => hash::fraction(hash::of_both(key, node.number().hash())),
            None => rng.f64(),
        };
        drawn < share
    })
}
