//! `weighted-round-robin`: turns by weight, exact in each cycle, and nobody has all of its turns in a row.
//!
//! Endpoints of the same weight rotate among themselves, and their groups share the slots of a [`Cycle`]. So equal weights
//! are a plain rotation, ten thousand endpoints of five weights cost what five do, and one of ten thousand different weights costs
//! the logarithm of that. The first call comes in the middle of a cycle and of each group, for the reasons of `round-robin`.

use std::collections::BTreeMap;

use fastrand::Rng;
use parking_lot::Mutex;

use super::cycle::Cycle;
use crate::strategy::{Nodes, Strategy, Turn};

/// The first call comes after so many slots at most, which take about twenty microseconds. Who has less than one slot in as many has
/// to wait for the end of a cycle that is begun anew before.
const SLOTS_PASSED: u64 = 1_024;

/// Rotates by weight.
#[derive(Debug)]
pub(super) struct WeightedRoundRobin {
    rotation: Mutex<Rotation>,
}

#[derive(Debug)]
struct Rotation {
    cycle: Cycle,
    groups: Box<[Group]>,
    has_begun: bool,
}

/// Those of one weight.
#[derive(Debug)]
struct Group {
    places: Box<[usize]>,
    next: usize,
}

impl WeightedRoundRobin {
    pub(super) fn new(nodes: &Nodes) -> Self {
        let mut by_weight: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for (place, node) in nodes.iter().enumerate() {
            by_weight.entry(u64::from(node.weight().get())).or_default().push(place);
        }
        // In the shortest cycle that is exact.
        let divisor = by_weight.keys().copied().fold(0, greatest_common_divisor).max(1);
        let shares = by_weight.iter().map(|(weight, places)| weight / divisor * places.len() as u64);
        let cycle = Cycle::of(shares.collect());
        let groups = by_weight.into_values().map(|places| Group { places: places.into(), next: 0 });
        let rotation = Rotation { cycle, groups: groups.collect(), has_begun: false };
        Self { rotation: Mutex::new(rotation) }
    }
}

impl Strategy for WeightedRoundRobin {
    fn place(&self, _: &Turn, rng: &mut Rng) -> Option<usize> {
        let mut rotation = self.rotation.lock();
        if !rotation.has_begun {
            rotation.has_begun = true;
            let passed = rng.u64(0..rotation.cycle.slots().min(SLOTS_PASSED));
            for _ in 0..passed {
                rotation.cycle.next();
            }
            for group in &mut rotation.groups {
                group.next = rng.usize(0..group.places.len());
            }
        }
        let group = rotation.cycle.next()?;
        let group = rotation.groups.get_mut(group)?;
        let place = group.places.get(group.next).copied();
        group.next = (group.next + 1) % group.places.len();
        place
    }
}

fn greatest_common_divisor(one: u64, other: u64) -> u64 {
    if other == 0 { one } else { greatest_common_divisor(other, one % other) }
}
