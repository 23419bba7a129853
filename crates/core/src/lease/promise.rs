//! [`Lease`]: a cell, and what never changes beside it during an incarnation.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use super::cell::{Beat, LeaseCell, LeaseState, Word};
use super::rhythm::Rhythm;
use crate::model::{CheckId, Generation, InstanceKey, LeaseTerms, Precedence};
use crate::tick::{Millis, Tick};

/// A lease's place in the driver's slab. A stale id (the slot was used again) names another
/// generation, so what it was armed for is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseId {
    /// The slot.
    pub index: u32,
    /// How often the slot has been used.
    pub reuse: u32,
}

/// The promise that one check of an instance holds until a deadline, unless renewed.
///
/// Shared between the driver, which alone ends it, the table through which renewals find
/// it, and views, which show its last beat.
// What a renewal touches stands together at the front: a miss of the cache is the most that a
// renewal pays for.
#[derive(Debug)]
#[repr(C)]
pub struct Lease {
    cell: LeaseCell,
    /// The cell that all leases of its session share, where a session keeps it. Then its own says
    /// no more than whether it is over.
    heart: Option<Arc<LeaseCell>>,
    rhythm: Rhythm,
    key: InstanceKey,
    check: CheckId,
    precedence: AtomicU64,
    generation: Generation,
    id: LeaseId,
    /// The silence in milliseconds that is allowed until it is heard since the registry started, and, where it is adaptive,
    /// always. Written by the driver alone.
    allowance: AtomicU32,
    terms: LeaseTerms,
    standing: AtomicU8,
}

/// What the driver knows of a lease. Only the driver reads and writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Not heard since the registry started.
    Unheard,
    /// Heard as promised, as far as is known.
    Heard,
    /// Its beat is late by half an interval.
    Silent,
    /// Due, and the guard holds it.
    Held,
}

/// Stands for "no precedence": no registrant's clock reaches it.
const NO_PRECEDENCE: u64 = u64::MAX;

/// What a new lease is made of.
#[derive(Debug)]
pub(crate) struct LeaseParts {
    pub(crate) id: LeaseId,
    pub(crate) key: InstanceKey,
    pub(crate) check: CheckId,
    pub(crate) terms: LeaseTerms,
    pub(crate) generation: Generation,
    pub(crate) precedence: Option<Precedence>,
    /// The silence that is allowed until the first beat, and to an adaptive one until something is learnt.
    pub(crate) allowance: Duration,
    /// Whether it was restored, and nothing was heard yet.
    pub(crate) unconfirmed: bool,
    /// What its session beats.
    pub(crate) heart: Option<Arc<LeaseCell>>,
}

impl Lease {
    /// A live lease, stamped with `beat`; goes on with the rhythm of its predecessor.
    pub(crate) fn new(parts: LeaseParts, beat: Tick, before: Option<&Self>) -> Self {
        let cell = LeaseCell::new(beat, parts.unconfirmed);
        if parts.terms.phi().is_some() {
            // Always watched: its driver hears of each of its beats.
            let _ = cell.watch(cell.load());
        }
        Self {
            cell,
            heart: parts.heart,
            rhythm: before.map_or_else(Rhythm::default, |old| Rhythm::continuing(&old.rhythm)),
            precedence: AtomicU64::new(encode(parts.precedence)),
            id: parts.id,
            standing: AtomicU8::new(if parts.unconfirmed { Standing::Unheard } else { Standing::Heard } as u8),
            generation: parts.generation,
            allowance: AtomicU32::new(Millis::of(parts.allowance).0),
            terms: parts.terms,
            key: parts.key,
            check: parts.check,
        }
    }

    /// Whose lease it is.
    pub fn key(&self) -> &InstanceKey {
        &self.key
    }

    /// Which check's.
    pub fn check(&self) -> &CheckId {
        &self.check
    }

    /// What was promised.
    pub fn terms(&self) -> LeaseTerms {
        self.terms
    }

    /// Which incarnation's.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// Whose word wins, as stored.
    pub fn precedence(&self) -> Option<Precedence> {
        match self.precedence.load(Ordering::Relaxed) {
            NO_PRECEDENCE => None,
            value => Some(Precedence(value)),
        }
    }

    /// The last beat, the state, and whether anything was heard yet: one consistent reading.
    pub fn read(&self) -> Word {
        let own = self.cell.load();
        match &self.heart {
            Some(heart) if own.state() != LeaseState::Gone => heart.load(),
            _ => own,
        }
    }

    /// The last intervals between beats in milliseconds, the newest first; up to four.
    pub fn intervals(&self) -> Vec<u64> {
        self.rhythm.intervals()
    }

    /// The silence that is allowed after `word` was stamped.
    pub fn allowance(&self, word: Word) -> Duration {
        if word.unconfirmed() || self.terms.phi().is_some() {
            Millis(self.allowance.load(Ordering::Relaxed)).duration()
        } else {
            self.terms.ttl()
        }
    }

    /// What is allowed from now on to an adaptive lease.
    pub(crate) fn allow(&self, silence: Duration) {
        self.allowance.store(Millis::of(silence).0, Ordering::Relaxed);
    }

    /// The packed key of its instance, and the check.
    pub(super) fn name(&self) -> (&[u8], &str) {
        (self.key.packed(), self.check.as_str())
    }

    /// A beat: one compare-and-swap and a relaxed store, no allocation.
    pub(super) fn beat(&self, now: Tick) -> Beat {
        let beat = match &self.heart {
            None => self.cell.beat(now),
            Some(heart) => {
                let beat = heart.beat(now);
                // Looked at after the stamp: see `expire`.
                if self.cell.load().state() == LeaseState::Gone { Beat::Unknown } else { beat }
            }
        };
        if let Beat::Stamped { before, .. } = beat {
            self.rhythm.note(now.millis_since(before));
        }
        beat
    }

    /// A restored lease that nobody else has yet starts later than it was made, and is allowed so much until it is heard.
    pub(crate) fn postpone(&self, start: Tick, allowance: Duration) {
        self.cell.carry(LeaseCell::new(start, true).load());
        self.allow(allowance);
    }

    pub(crate) fn cell(&self) -> &LeaseCell {
        &self.cell
    }

    /// See [`LeaseCell::watch`].
    pub(crate) fn watch(&self, judged: Word) -> Result<Word, Word> {
        self.heart.as_deref().unwrap_or(&self.cell).watch(judged)
    }

    /// See [`LeaseCell::expire`]. A session's lease is over before its session's word is compared,
    /// and lives again where that fails. So a message either stamps before the comparison, which
    /// then fails, or after it, and then whoever sent it is told that the lease is over.
    pub(crate) fn expire(&self, judged: Word) -> Result<(), Word> {
        let Some(heart) = &self.heart else { return self.cell.expire(judged) };
        let own = self.cell.load();
        self.cell.retire();
        heart.watch(judged).map(drop).inspect_err(|_| self.cell.revive(own))
    }

    /// Whether it is kept, by a renewal or by its session.
    pub(crate) fn is_kept(&self) -> bool {
        self.cell.load().state() != LeaseState::Gone
    }

    /// Its place in the driver's slab.
    pub fn id(&self) -> LeaseId {
        self.id
    }

    /// Whether it is due, and the guard holds it.
    pub fn is_held(&self) -> bool {
        self.standing() == Standing::Held
    }

    pub(crate) fn standing(&self) -> Standing {
        match self.standing.load(Ordering::Relaxed) {
            0 => Standing::Unheard,
            1 => Standing::Heard,
            2 => Standing::Silent,
            _ => Standing::Held,
        }
    }

    pub(crate) fn stand(&self, standing: Standing) {
        self.standing.store(standing as u8, Ordering::Relaxed);
    }

    pub(crate) fn set_precedence(&self, precedence: Option<Precedence>) {
        self.precedence.store(encode(precedence), Ordering::Relaxed);
    }
}

fn encode(precedence: Option<Precedence>) -> u64 {
    precedence.map_or(NO_PRECEDENCE, |Precedence(value)| value.min(NO_PRECEDENCE - 1))
}
