//! [`LeaseCell`]: the one word that a renewal and the driver race for.
//!
//! | state | a renewal | who leaves the state |
//! | --- | --- | --- |
//! | `Live` | stamps: renewed | the driver, by a compare-and-swap on the very word it judged |
//! | `Refused` | writes nothing: unknown lease | the driver |
//! | `Gone` | writes nothing: unknown lease | nobody; a new registration makes a new cell |
//!
//! If the driver's compare-and-swap fails, a beat came in between: the instance lives. So a
//! renewal that was answered "renewed" is never followed by an eviction that was judged
//! before it, and the stamp never goes back. A cell serves one incarnation and is never used
//! again, so a late beat for a dead incarnation finds `Gone`.
//!
//! A silent lease is *watched*: the next beat takes the mark off and says so, once, so that
//! the driver is told of whoever was overdue or held and is heard again, without looking. An
//! adaptive lease is watched always, so that the driver learns how it beats.
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
    /// Kept, but renewals are answered as unknown until its instance registers again.
    Refused,
    /// Over.
    Gone,
}

/// What a cell held at one moment; what the driver judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word(u64);

// | bits | what |
// | --- | --- |
// | 62, 63 | the state |
// | 61 | nothing was heard yet |
// | 60 | watched |
// | 44 to 59 | how many beats, modulo 65 536 |
// | 0 to 43 | the last beat, in milliseconds: five hundred years |
const STATE_SHIFT: u32 = 62;
const UNCONFIRMED: u64 = 1 << 61;
const WATCHED: u64 = 1 << 60;
const BEATS_SHIFT: u32 = 44;
const TICK_MASK: u64 = (1 << BEATS_SHIFT) - 1;

impl Word {
    fn new(beat: Tick) -> Self {
        Self(beat.0.min(TICK_MASK))
    }

    fn with_state(self, state: LeaseState) -> Self {
        let state = match state {
            LeaseState::Live => 0,
            LeaseState::Refused => 1,
            LeaseState::Gone => 2,
        };
        Self(self.0 & !(3 << STATE_SHIFT) | state << STATE_SHIFT)
    }

    fn with_beat(self, beat: Tick) -> Self {
        Self(self.0 & !TICK_MASK | beat.0.min(TICK_MASK))
    }

    /// After one more beat: heard, and not watched.
    fn beaten(self, beat: Tick) -> Self {
        let beats = u64::from(self.beats().wrapping_add(1));
        let state = self.0 & (3 << STATE_SHIFT);
        Self(state | beats << BEATS_SHIFT | beat.0.min(TICK_MASK))
    }

    /// The state.
    pub fn state(self) -> LeaseState {
        match self.0 >> STATE_SHIFT {
            0 => LeaseState::Live,
            1 => LeaseState::Refused,
            _ => LeaseState::Gone,
        }
    }

    /// Whether the driver is told of the next beat.
    pub fn watched(self) -> bool {
        self.0 & WATCHED != 0
    }

    /// How many beats came, modulo 65 536.
    pub fn beats(self) -> u16 {
        (self.0 >> BEATS_SHIFT) as u16
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
    /// It was stamped.
    Stamped {
        /// The last beat before this one.
        before: Tick,
        /// Whether the lease was watched: then the driver is to be told.
        returned: bool,
    },
    /// Nothing was written: there is no such lease any more.
    Unknown,
}

/// One atomic word: the last beat, how many there were, the state, and two marks.
#[derive(Debug)]
pub struct LeaseCell(AtomicU64);

impl LeaseCell {
    /// A live cell. `unconfirmed`: it is stamped with the registry's start, not with a beat, and
    /// watched, so that the driver is told when it is heard.
    pub fn new(beat: Tick, unconfirmed: bool) -> Self {
        let marks = if unconfirmed { UNCONFIRMED | WATCHED } else { 0 };
        Self(AtomicU64::new(Word::new(beat).0 | marks))
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
            if current.state() != LeaseState::Live {
                return Beat::Unknown;
            }
            // Two beats may read the clock in one order and arrive in the other.
            let next = current.beaten(current.beat().max(now));
            match self.swap(current, next) {
                Ok(()) => return Beat::Stamped { before: current.beat(), returned: current.watched() },
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
        self.swap(judged, judged.with_state(LeaseState::Gone))
    }

    /// The driver judged `judged` as silent, and wants to be told of the next beat; answers
    /// what the cell holds then.
    ///
    /// # Errors
    ///
    /// A beat came in between: what the cell holds now.
    pub fn watch(&self, judged: Word) -> Result<Word, Word> {
        let watched = Word(judged.0 | WATCHED);
        self.swap(judged, watched).map(|()| watched)
    }

    /// Ends the lease whatever comes in between (its instance left or was replaced); answers
    /// the last word, so that a successor can carry its beat on.
    pub fn retire(&self) -> Word {
        self.turn_into(LeaseState::Gone)
    }

    /// Takes back a [`retire`](Self::retire) of the driver's own that was premature.
    pub(super) fn revive(&self, word: Word) {
        self.0.store(word.0, Ordering::Release);
    }

    /// Moves the stamp forward without counting a beat: something proved life until then.
    pub(crate) fn prove(&self, at: Tick) {
        self.carry(Word::new(at));
    }

    /// Makes a kept lease live, or has its renewals refused. A lease that is over stays so.
    pub fn set_refused(&self, refused: bool) {
        self.turn_into(if refused { LeaseState::Refused } else { LeaseState::Live });
    }

    /// Moves the stamp forward to a beat that a predecessor took. Never back.
    pub fn carry(&self, word: Word) {
        let mut current = self.load();
        while current.beat() < word.beat() && current.state() != LeaseState::Gone {
            match self.swap(current, current.with_beat(word.beat())) {
                Ok(()) => return,
                Err(newer) => current = newer,
            }
        }
    }

    fn turn_into(&self, state: LeaseState) -> Word {
        let mut current = self.load();
        while current.state() != LeaseState::Gone {
            match self.swap(current, current.with_state(state)) {
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
        assert_eq!(cell.beat(Tick(9)), Beat::Stamped { before: Tick(5), returned: true });
        assert_eq!((cell.load().beat(), cell.load().unconfirmed()), (Tick(9), false));
        assert_eq!(cell.load().beats(), 1);
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
    fn a_watched_lease_says_once_that_it_is_heard_again() {
        let cell = LeaseCell::new(Tick(1), false);
        cell.watch(cell.load()).unwrap();
        assert!(cell.load().watched());
        assert_eq!(cell.beat(Tick(2)), Beat::Stamped { before: Tick(1), returned: true });
        assert_eq!(cell.beat(Tick(3)), Beat::Stamped { before: Tick(2), returned: false });
        assert!(!cell.load().watched());
    }

    #[test]
    fn a_lease_that_is_over_takes_no_mark() {
        let cell = LeaseCell::new(Tick(1), false);
        let judged = cell.load();
        cell.retire();
        assert!(cell.watch(judged).is_err());
    }

    #[test]
    fn beats_are_counted_and_the_count_wraps() {
        let cell = LeaseCell::new(Tick(1), false);
        for beat in 0..65_537 {
            cell.beat(Tick(beat));
        }
        let word = cell.load();
        assert_eq!((word.beats(), word.beat(), word.state()), (1, Tick(65_536), LeaseState::Live));
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
