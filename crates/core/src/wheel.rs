//! [`Wheel`]: which keys come due when. Knows keys and ticks, nothing of leases.
//!
//! A hierarchical timing wheel (Varghese and Lauck, scheme 7). Lazy: a beat stores one tick
//! and never touches the wheel; a slot that comes up is judged against the newest beat, then
//! expired or put again.
//!
//! | level | slot width | range |
//! | --- | --- | --- |
//! | 0 | 8 ms | 0.5 s |
//! | 1 | 512 ms | 33 s |
//! | 2 | 33 s | 35 min |
//! | 3 | 35 min | 37 h |
//! | 4 | 37 h | 99 days |
//! | 5 | 99 days | 17 years; a later deadline comes up at its end, to be put again |
//!
//! A deadline is rounded up to a multiple of 8 ms: a key comes up at most 8 ms late (more
//! only where the budget of [`Wheel::advance`] is spent), never early. 16 bytes for an entry
//! with a key of 8.

use crate::tick::Tick;

const LEVELS: usize = 6;
const SLOTS: usize = 64;
const SLOT_BITS: u32 = 6;
const TICK_SHIFT: u32 = 3;
const LAST_SLOT: u64 = (1 << (SLOT_BITS * LEVELS as u32)) - 1;

const _: () = assert!(SLOTS == 1 << SLOT_BITS, "a slot index is SLOT_BITS wide");
const _: () = assert!(SLOTS == u64::BITS as usize, "one bit of a level's map per slot");

/// A timing wheel over keys.
#[derive(Debug)]
pub struct Wheel<K> {
    levels: Vec<Level<K>>,
    /// The slot time, in units of 8 ms, up to which everything has come up.
    now: u64,
    len: usize,
}

#[derive(Debug)]
struct Level<K> {
    slots: Vec<Vec<Entry<K>>>,
    /// Bit `i` is set when slot `i` holds something.
    occupied: u64,
}

#[derive(Debug)]
struct Entry<K> {
    due: u64,
    key: K,
}

impl<K> Default for Wheel<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> Wheel<K> {
    /// Empty, at [`Tick::START`].
    pub fn new() -> Self {
        let level = || Level { slots: (0..SLOTS).map(|_| Vec::new()).collect(), occupied: 0 };
        Self { levels: (0..LEVELS).map(|_| level()).collect(), now: 0, len: 0 }
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing will come up.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a key where it comes up at `deadline`, or at the next advance if that is past.
    pub fn insert(&mut self, deadline: Tick, key: K) {
        self.len += 1;
        self.place(Entry { due: deadline.0.div_ceil(1 << TICK_SHIFT), key });
    }

    /// No key comes up before this; none is waiting if there is none. A lower bound: entries
    /// of the coarse levels are known by the start of their slot only.
    pub fn next_deadline(&self) -> Option<Tick> {
        self.next_slot().map(|(_, _, start)| Tick(start << TICK_SHIFT))
    }

    /// Moves what is due at `now` into `due`. Each entry that is moved, also from a coarse
    /// level to a finer one, takes one from `budget`; answers whether it was spent before the
    /// work was done. Then the next call goes on.
    pub fn advance(&mut self, now: Tick, budget: &mut usize, due: &mut Vec<K>) -> bool {
        let target = now.0 >> TICK_SHIFT;
        while let Some((level, slot, start)) = self.next_slot() {
            if start > target {
                break;
            }
            self.now = self.now.max(start);
            while let Some(entry) = self.pop(level, slot) {
                if level == 0 {
                    self.len -= 1;
                    due.push(entry.key);
                } else {
                    // The wheel's time is now the start of that coarse slot, so the entry fits into
                    // a finer level; the slots of the finer levels that lie ahead are still empty
                    // of anything older.
                    self.place(entry);
                }
                *budget = budget.saturating_sub(1);
                if *budget == 0 {
                    return self.next_slot().is_some_and(|(_, _, start)| start <= target);
                }
            }
        }
        self.now = self.now.max(target);
        false
    }

    fn place(&mut self, mut entry: Entry<K>) {
        let reach = self.now | LAST_SLOT;
        let at = entry.due.clamp(self.now, reach);
        entry.due = entry.due.max(self.now);
        let level = level_for(self.now, at);
        let slot = slot_for(level, at);
        if let Some(level) = self.levels.get_mut(level)
            && let Some(entries) = level.slots.get_mut(slot)
        {
            entries.push(entry);
            level.occupied |= 1 << slot;
        }
    }

    fn pop(&mut self, level: usize, slot: usize) -> Option<Entry<K>> {
        let level = self.levels.get_mut(level)?;
        let entries = level.slots.get_mut(slot)?;
        let entry = entries.pop();
        if entries.is_empty() {
            level.occupied &= !(1 << slot);
            // A mass of entries must not keep its memory in a slot that is next used in a minute.
            if entries.capacity() > 1024 {
                *entries = Vec::new();
            }
        }
        entry
    }

    /// The earliest slot that holds something: level, index, start in slot time. Of slots that
    /// start together the coarsest comes first, so that what it holds is sorted in before the
    /// finer ones come up.
    fn next_slot(&self) -> Option<(usize, usize, u64)> {
        let mut earliest: Option<(usize, usize, u64)> = None;
        for (index, level) in self.levels.iter().enumerate().rev() {
            let shift = SLOT_BITS * index as u32;
            let current = slot_for(index, self.now);
            // Slots before the current one were emptied: what is left is the current and later.
            let ahead = level.occupied >> current;
            if ahead == 0 {
                continue;
            }
            let slot = current + ahead.trailing_zeros() as usize;
            let block = (self.now >> shift) & !(SLOTS as u64 - 1);
            let start = ((block + slot as u64) << shift).max(self.now);
            if earliest.is_none_or(|(_, _, known)| start < known) {
                earliest = Some((index, slot, start));
            }
        }
        earliest
    }
}

/// The finest level on which `now` and `due` share a block: that of the highest bit in which
/// they differ. For `now` 62 and `due` 66 that is level 1, although they are 4 apart: slot 66
/// of level 0 would be slot 2, which lies behind slot 62.
fn level_for(now: u64, due: u64) -> usize {
    let differing = now ^ due;
    let highest = u64::BITS - differing.leading_zeros();
    (highest.saturating_sub(1) / SLOT_BITS) as usize
}

fn slot_for(level: usize, due: u64) -> usize {
    (due >> (SLOT_BITS * level as u32)) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_that_of_the_highest_differing_bits() {
        for (now, due, level) in
            [(0, 0, 0), (0, 63, 0), (62, 66, 1), (0, 64, 1), (0, 4095, 1), (4095, 4096, 2)]
        {
            assert_eq!(level_for(now, due), level, "from {now} to {due}");
        }
    }

    #[test]
    fn a_deadline_beyond_the_last_level_comes_up_at_its_end_and_is_not_lost() {
        let mut wheel = Wheel::new();
        wheel.insert(Tick(u64::MAX), "never");
        let mut due = Vec::new();
        assert!(!wheel.advance(Tick((1 << 39) - 16), &mut usize::MAX.clone(), &mut due));
        assert_eq!((due.len(), wheel.len()), (0, 1));
        assert!(!wheel.advance(Tick(1 << 39), &mut usize::MAX.clone(), &mut due));
        assert_eq!((due.len(), wheel.len()), (1, 0));
    }
}
