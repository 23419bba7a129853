//! [`LeaseCell`]: the one word that a renewal and the driver race for.
//!
//! | state | a renewal | who leaves the state |
//! | --- | --- | --- |
//! | `Live` | stamps: renewed | the driver, by a compare-and-swap on the very word it judged |
//! | `Held` | stamps, and says that it returned | the driver |
//! | `Refused` | writes nothing: unknown lease | the driver |
//! | `Gone` | writes nothing: unknown lease | nobody; a new registration makes a new cell |
//!
//! If the driver's compare-and-swap fails, a beat came in between: the instance lives. So a
//! renewal that was answered "renewed" is never followed by an eviction that was judged
//! before it, and the stamp never goes back. A cell serves one incarnation and is never used
//! again, so a late beat for a dead incarnation finds `Gone`.
//!
//! Orderings: every decision is about this one word alone, and atomic operations on one word
//! have a single order under any ordering; acquire and release are for what is published
//! with a cell (its lease's fields are written before it is shared, under the table's lock).

#[cfg(loom)]
use loom::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicU64, Ordering};

use crate::tick::Tick;

/// What a lease is in. See the module's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseState {
    /// As promised.
    Live,
    /// Due, but kept: not evicted until the driver decides again.
    Held,
    /// Kept, but renewals are answered as unknown until its instance registers again.
    Refused,
    /// Over.
    Gone,
}

/// What a cell held at one moment; what the driver judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word(u64);

const STATE_SHIFT: u32 = 61;
const UNCONFIRMED: u64 = 1 << 60;
const TICK_MASK: u64 = UNCONFIRMED - 1;

impl Word {
    fn new(state: LeaseState, unconfirmed: bool, beat: Tick) -> Self {
        let state = match state {
            LeaseState::Live => 0,
            LeaseState::Held => 1,
            LeaseState::Refused => 2,
            LeaseState::Gone => 3,
        };
        let flag = if unconfirmed { UNCONFIRMED } else { 0 };
        Self(state << STATE_SHIFT | flag | beat.0.min(TICK_MASK))
    }

    /// The state.
    pub fn state(self) -> LeaseState {
        match self.0 >> STATE_SHIFT {
            0 => LeaseState::Live,
            1 => LeaseState::Held,
            2 => LeaseState::Refused,
            _ => LeaseState::Gone,
        }
    }

    /// Whether nothing was heard since the registry started.
    pub fn unconfirmed(self) -> bool {
        self.0 & UNCONFIRMED != 0
    }

    /// The last beat.
    pub fn beat(self) -> Tick {
        Tick(self.0 & TICK_MASK)
    }
}

/// What became of a beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// It was stamped. The last beat before it, and whether the lease was held: then the
    /// driver is to be told.
    Stamped {
        /// The last beat before this one.
        before: Tick,
        /// Whether the lease was held.
        returned: bool,
    },
    /// Nothing was written: there is no such lease any more.
    Unknown,
}

/// One atomic word: the last beat, the state, and whether anything was heard yet.
#[derive(Debug)]
pub struct LeaseCell(AtomicU64);

impl LeaseCell {
    /// A live cell. `unconfirmed`: it is stamped with the registry's start, not with a beat.
    pub fn new(beat: Tick, unconfirmed: bool) -> Self {
        Self(AtomicU64::new(Word::new(LeaseState::Live, unconfirmed, beat).0))
    }

    /// What it holds now.
    pub fn load(&self) -> Word {
        Word(self.0.load(Ordering::Acquire))
    }

    /// A beat. One load and, mostly, one compare-and-swap; again only where another beat or
    /// the driver came in between.
    pub fn beat(&self, now: Tick) -> Beat {
        let mut current = self.load();
        loop {
            let returned = match current.state() {
                LeaseState::Live => false,
                LeaseState::Held => true,
                LeaseState::Refused | LeaseState::Gone => return Beat::Unknown,
            };
            // Two beats may read the clock in one order and arrive in the other.
            let next = Word::new(current.state(), false, current.beat().max(now));
            match self.swap(current, next) {
                Ok(()) => return Beat::Stamped { before: current.beat(), returned },
                Err(newer) => current = newer,
            }
        }
    }

    /// The driver judged `judged` and ends the lease.
    ///
    /// # Errors
    ///
    /// A beat came in between: what the cell holds now. The instance lives.
    pub fn expire(&self, judged: Word) -> Result<(), Word> {
        self.swap(judged, Word::new(LeaseState::Gone, judged.unconfirmed(), judged.beat()))
    }

    /// The driver judged `judged` and holds the lease instead of ending it.
    ///
    /// # Errors
    ///
    /// A beat came in between: what the cell holds now.
    pub fn hold(&self, judged: Word) -> Result<(), Word> {
        self.swap(judged, Word::new(LeaseState::Held, judged.unconfirmed(), judged.beat()))
    }

    /// Ends the lease whatever comes in between (its instance left or was replaced); answers
    /// the last word, so that a successor can carry its beat on.
    pub fn retire(&self) -> Word {
        self.turn_into(LeaseState::Gone)
    }

    /// Makes a kept lease live, or has its renewals refused. A lease that is over stays so.
    pub fn set_refused(&self, refused: bool) {
        self.turn_into(if refused { LeaseState::Refused } else { LeaseState::Live });
    }

    /// Moves the stamp forward to a beat that a predecessor took. Never back.
    pub fn carry(&self, word: Word) {
        let mut current = self.load();
        while current.beat() < word.beat() && current.state() != LeaseState::Gone {
            match self.swap(current, Word::new(current.state(), current.unconfirmed(), word.beat())) {
                Ok(()) => return,
                Err(newer) => current = newer,
            }
        }
    }

    fn turn_into(&self, state: LeaseState) -> Word {
        let mut current = self.load();
        while current.state() != LeaseState::Gone {
            match self.swap(current, Word::new(state, current.unconfirmed(), current.beat())) {
                Ok(()) => break,
                Err(newer) => current = newer,
            }
        }
        current
    }

    fn swap(&self, from: Word, to: Word) -> Result<(), Word> {
        self.0.compare_exchange(from.0, to.0, Ordering::AcqRel, Ordering::Acquire).map(drop).map_err(Word)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_beat_stamps_confirms_and_tells_the_one_before() {
        let cell = LeaseCell::new(Tick(5), true);
        assert!(cell.load().unconfirmed());
        assert_eq!(cell.beat(Tick(9)), Beat::Stamped { before: Tick(5), returned: false });
        assert_eq!((cell.load().beat(), cell.load().unconfirmed()), (Tick(9), false));
    }

    #[test]
    fn the_stamp_never_goes_back() {
        let cell = LeaseCell::new(Tick(9), false);
        cell.beat(Tick(3));
        assert_eq!(cell.load().beat(), Tick(9));
        cell.carry(LeaseCell::new(Tick(4), false).load());
        assert_eq!(cell.load().beat(), Tick(9));
    }

    #[test]
    fn a_beat_after_the_judgement_saves_the_lease() {
        let cell = LeaseCell::new(Tick(1), false);
        let judged = cell.load();
        cell.beat(Tick(2));
        assert_eq!(cell.expire(judged), Err(cell.load()));
        assert_eq!(cell.load().state(), LeaseState::Live);
    }

    #[test]
    fn a_lease_that_is_over_takes_no_beat_and_stays_over() {
        let cell = LeaseCell::new(Tick(1), false);
        cell.expire(cell.load()).unwrap();
        assert_eq!(cell.beat(Tick(2)), Beat::Unknown);
        cell.set_refused(false);
        cell.carry(LeaseCell::new(Tick(7), false).load());
        assert_eq!((cell.load().state(), cell.load().beat()), (LeaseState::Gone, Tick(1)));
    }

    #[test]
    fn a_held_lease_takes_beats_and_says_that_it_returned() {
        let cell = LeaseCell::new(Tick(1), false);
        cell.hold(cell.load()).unwrap();
        assert_eq!(cell.beat(Tick(2)), Beat::Stamped { before: Tick(1), returned: true });
        assert_eq!(cell.load().state(), LeaseState::Held);
    }

    #[test]
    fn a_refused_lease_takes_no_beat_until_it_is_live_again() {
        let cell = LeaseCell::new(Tick(1), false);
        cell.set_refused(true);
        assert_eq!(cell.beat(Tick(2)), Beat::Unknown);
        assert_eq!(cell.load().beat(), Tick(1));
        cell.set_refused(false);
        assert_eq!(cell.beat(Tick(3)), Beat::Stamped { before: Tick(1), returned: false });
    }
}
