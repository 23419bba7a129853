//! [`Alias`]: a place drawn by weight, in one look at a table.
//!
//! Walker's alias method (1977) in Vose's form (1991), in whole numbers: each place is one column of the table, filled up with a part of
//! one other place, so that all columns are as high. The shares are exact.

use crate::hash;
use crate::strategy::Nodes;

/// Places with weights.
#[derive(Debug)]
pub(super) struct Alias {
    /// The height of each column.
    total: u64,
    columns: Box<[Column]>,
}

#[derive(Debug, Clone, Copy)]
struct Column {
    /// What of the column is its own place's.
    own: u64,
    /// Whose the rest is.
    other: u32,
}

impl Alias {
    pub(super) fn of_nodes(nodes: &Nodes) -> Self {
        Self::of(nodes.iter().map(|node| u64::from(node.weight().get())))
    }

    pub(super) fn of(weights: impl ExactSizeIterator<Item = u64>) -> Self {
        let number = weights.len() as u64;
        let mut total = 0;
        let mut columns: Box<[Column]> = (0..)
            .zip(weights)
            .map(|(other, weight)| {
                total += weight;
                Column { own: weight * number, other }
            })
            .collect();
        let (mut low, mut high): (Vec<_>, Vec<_>) = (0..columns.len())
            .partition(|place| columns.get(*place).is_some_and(|column| column.own < total));
        while let (Some(filled), Some(&giver)) = (low.pop(), high.last()) {
            let Some(column) = columns.get_mut(filled) else { break };
            column.other = giver as u32;
            let gives = total - column.own;
            let Some(column) = columns.get_mut(giver) else { break };
            column.own -= gives;
            if column.own < total {
                high.pop();
                low.push(giver);
            }
        }
        Self { total, columns }
    }

    /// A place by 64 bits, which are random or a hash: some for the column, the rest for the height in it.
    pub(super) fn place(&self, bits: u64) -> Option<usize> {
        let drawn = u128::from(bits) * self.columns.len() as u128;
        let place = (drawn >> 64) as usize;
        let height = hash::place(drawn as u64, usize::try_from(self.total).unwrap_or(usize::MAX)) as u64;
        let column = self.columns.get(place)?;
        Some(if height < column.own { place } else { column.other as usize })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The model: what a place has in all columns together is its weight, times the number of places.
        #[test]
        fn each_place_has_exactly_its_share_of_the_table(weights in prop::collection::vec(1..=10_000u64, 1..200)) {
            let alias = Alias::of(weights.iter().copied());
            let mut shares = vec![0; weights.len()];
            for (place, column) in alias.columns.iter().enumerate() {
                prop_assert!(column.own <= alias.total);
                shares[place] += column.own;
                shares[column.other as usize] += alias.total - column.own;
            }
            let expected: Vec<u64> = weights.iter().map(|weight| weight * weights.len() as u64).collect();
            prop_assert_eq!(shares, expected);
        }

        #[test]
        fn whatever_is_drawn_is_a_place(weights in prop::collection::vec(1..=10_000u64, 1..50), bits in any::<u64>()) {
            let alias = Alias::of(weights.iter().copied());
            for bits in [bits, 0, u64::MAX] {
                prop_assert!(alias.place(bits).unwrap() < weights.len());
            }
        }
    }
}
