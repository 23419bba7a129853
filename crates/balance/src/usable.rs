//! [`Usable`]: which places are available, one bit each, so that one of ten thousand is found without looking at the others.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// A set of places. Readers take no lock; there is one writer at a time.
#[derive(Debug)]
pub(crate) struct Usable {
    words: Box<[AtomicU64]>,
    count: AtomicUsize,
}

const BITS: usize = 64;

impl Usable {
    pub(crate) fn of(places: impl ExactSizeIterator<Item = bool>) -> Self {
        let words = (0..places.len().div_ceil(BITS)).map(|_| AtomicU64::new(0)).collect();
        let usable = Self { words, count: AtomicUsize::new(0) };
        places.enumerate().for_each(|(place, is)| usable.set(place, is));
        usable
    }

    pub(crate) fn set(&self, place: usize, is: bool) {
        let Some(word) = self.words.get(place / BITS) else { return };
        let bit = 1 << (place % BITS);
        let before =
            if is { word.fetch_or(bit, Ordering::Relaxed) } else { word.fetch_and(!bit, Ordering::Relaxed) };
        match (before & bit != 0, is) {
            (false, true) => self.count.fetch_add(1, Ordering::Relaxed),
            (true, false) => self.count.fetch_sub(1, Ordering::Relaxed),
            _ => return,
        };
    }

    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Each place of the set once, from the one that has so many before it, and from the first on after the last.
    pub(crate) fn rotated_to(&self, rank: usize) -> impl Iterator<Item = usize> {
        let (word, above) = self.word_of(rank);
        let bits = self.bits(word);
        // Bits of the first word that come before the rank are told at the very end.
        let mut rest = bits;
        (0..above).for_each(|_| rest &= rest.wrapping_sub(1));
        let others = (1..self.words.len()).map(move |step| (word + step) % self.words.len());
        std::iter::once((word, rest))
            .chain(others.map(|other| (other, self.bits(other))))
            .chain(std::iter::once((word, bits & !rest)))
            .flat_map(|(word, bits)| Ones(bits).map(move |bit| word * BITS + bit))
    }

    /// The word in which the place of this rank is, and how many bits of that word come before it.
    fn word_of(&self, rank: usize) -> (usize, usize) {
        let mut above = rank;
        for word in 0..self.words.len() {
            let ones = self.bits(word).count_ones() as usize;
            if above < ones {
                return (word, above);
            }
            above -= ones;
        }
        (0, 0)
    }

    fn bits(&self, word: usize) -> u64 {
        self.words.get(word).map_or(0, |word| word.load(Ordering::Relaxed))
    }
}

/// The bits of a word that are set, from the lowest.
struct Ones(u64);

impl Iterator for Ones {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let lowest = (self.0 != 0).then_some(self.0.trailing_zeros() as usize)?;
        self.0 &= self.0 - 1;
        Some(lowest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn from_any_rank_on_each_place_is_told_once(
            places in prop::collection::vec(any::<bool>(), 0..300),
            changes in prop::collection::vec((0..300usize, any::<bool>()), 0..50),
            rank in 0..300usize,
        ) {
            let usable = Usable::of(places.iter().copied());
            let mut model = places;
            for (place, is) in changes {
                if place < model.len() {
                    usable.set(place, is);
                    model[place] = is;
                }
            }
            let mut expected: Vec<usize> = (0..model.len()).filter(|place| model[*place]).collect();
            prop_assert_eq!(usable.count(), expected.len());
            let rank = rank.min(expected.len().saturating_sub(1));
            let told: Vec<usize> = usable.rotated_to(rank).collect();
            expected.rotate_left(rank);
            prop_assert_eq!(told, expected);
        }
    }
}
