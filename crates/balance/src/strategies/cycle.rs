//! [`Cycle`]: turns by weight, exact in each cycle and spread over it.
//!
//! "Earliest eligible virtual deadline first" (Stoica, Abdel-Wahab 1995; the same as WF2Q of Bennett, Zhang 1996, with turns of one
//! length). In a cycle of W slots, W being the sum of the weights, turn k of who has weight w is eligible from slot
//! ceil(k·W/w) on, and due at (k+1)·W/w. Each slot goes to the eligible turn that is due first; ties to the first of the list.
//!
//! Why shares are exact: the last turn of each is eligible before the cycle ends, as k ≤ w-1 gives k·W/w ≤ W-1; and in each slot t
//! somebody is eligible, as by then at least floor(t·w/W)+1 turns of each are, which together is more than t. So W slots serve all W turns.
//! Why they are spread: nobody is served before it is eligible, so nobody is ever ahead of its share by a whole turn.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// Who is next, without an end.
#[derive(Debug)]
pub(super) struct Cycle {
    weights: Box<[u64]>,
    /// The sum of the weights.
    slots: u64,
    /// Of the cycle.
    slot: u64,
    eligible: BinaryHeap<Reverse<Due>>,
    /// By the slot from which on they are eligible.
    waiting: BinaryHeap<Reverse<(u64, Turn)>>,
}

/// One turn of one of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    who: usize,
    number: u64,
}

/// A turn with what says when it is due: (number + 1) / weight, in cycles.
#[derive(Debug, Clone, Copy)]
struct Due {
    turn: Turn,
    weight: u64,
}

impl Cycle {
    /// With weights above zero. Their sum fits 64 bits.
    pub(super) fn of(weights: Vec<u64>) -> Self {
        let number = weights.len();
        let mut cycle = Self {
            slots: weights.iter().sum(),
            weights: weights.into(),
            slot: 0,
            eligible: BinaryHeap::with_capacity(number),
            waiting: BinaryHeap::with_capacity(number),
        };
        cycle.begin();
        cycle
    }

    /// In one cycle.
    pub(super) fn slots(&self) -> u64 {
        self.slots
    }

    /// Who has the next slot. None where the list is empty.
    pub(super) fn next(&mut self) -> Option<usize> {
        if self.slot == self.slots {
            self.begin();
        }
        while let Some(Reverse((_, turn))) = self.waiting.peek().copied().filter(|next| next.0.0 <= self.slot)
        {
            self.waiting.pop();
            self.make_eligible(turn);
        }
        let Reverse(Due { turn, weight }) = self.eligible.pop()?;
        self.slot += 1;
        let number = turn.number + 1;
        if number < weight {
            let from = (u128::from(number) * u128::from(self.slots)).div_ceil(u128::from(weight)) as u64;
            self.waiting.push(Reverse((from, Turn { who: turn.who, number })));
        }
        Some(turn.who)
    }

    /// All have been served; everybody's first turn is eligible from the first slot on.
    fn begin(&mut self) {
        self.slot = 0;
        (0..self.weights.len()).for_each(|who| self.make_eligible(Turn { who, number: 0 }));
    }

    fn make_eligible(&mut self, turn: Turn) {
        if let Some(&weight) = self.weights.get(turn.who) {
            self.eligible.push(Reverse(Due { turn, weight }));
        }
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        let crossed = |one: &Self, other: &Self| u128::from(one.turn.number + 1) * u128::from(other.weight);
        crossed(self, other).cmp(&crossed(other, self)).then(self.turn.who.cmp(&other.turn.who))
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Due {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn turns(weights: &[u64], number: u64) -> Vec<usize> {
        let mut cycle = Cycle::of(weights.to_vec());
        (0..number).map(|_| cycle.next().expect("the list is not empty")).collect()
    }

    #[test]
    fn five_one_one_is_spread_and_begins_anew() {
        assert_eq!(turns(&[5, 1, 1], 14), [0, 1, 0, 0, 2, 0, 0, 0, 1, 0, 0, 2, 0, 0]);
        assert_eq!(turns(&[1, 1, 1], 6), [0, 1, 2, 0, 1, 2]);
        assert_eq!(Cycle::of(Vec::new()).next(), None);
    }

    proptest! {
        #[test]
        fn each_cycle_gives_everybody_exactly_its_weight(weights in prop::collection::vec(1..60u64, 1..12)) {
            let slots: u64 = weights.iter().sum();
            for cycle in turns(&weights, 3 * slots).chunks(slots as usize) {
                for (who, weight) in weights.iter().enumerate() {
                    prop_assert_eq!(cycle.iter().filter(|turn| **turn == who).count() as u64, *weight);
                }
            }
        }

        /// In no slot is anybody a whole turn ahead of its share, nor a whole turn behind it.
        #[test]
        fn at_no_time_is_anybody_a_turn_ahead_or_behind(weights in prop::collection::vec(1..60u64, 1..12)) {
            let slots: u64 = weights.iter().sum();
            let mut served = vec![0_u64; weights.len()];
            for (slot, who) in turns(&weights, slots).into_iter().enumerate() {
                served[who] += 1;
                for (served, weight) in served.iter().zip(&weights) {
                    let fair = (slot as u64 + 1) * weight;
                    prop_assert!(served * slots < fair + slots, "ahead in slot {slot}");
                    prop_assert!(served * slots + slots > fair, "behind in slot {slot}");
                }
            }
        }
    }
}
