//! From the passing of time to changes: which leases are lost.

use std::sync::Arc;

use super::state::Registry;
use crate::change::{Cause, Change, GuardWord, Silence};
use crate::hearing::Deadline;
use crate::lease::Lease;
use crate::lease::cell::{LeaseState, Word};
use crate::tick::Tick;

/// What a [`tick`](Registry::tick) concluded.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ticked {
    /// What is to be applied at once.
    pub changes: Vec<Change>,
    /// The budget was spent before the work was done: tick again soon.
    pub more: bool,
    /// Something is due that may only be judged when an own beat proves that it would have
    /// been heard: an own beat is to be sent now.
    pub wants_own_beat: bool,
}

/// How a lease that came up was judged.
enum Verdict {
    /// Not due before this.
    Until(Tick),
    /// Due, but not yet proven silent.
    Unproven,
    /// Lost: its cell is over.
    Lost(Silence),
}

impl Registry {
    /// Judges what is due at `now`, at most `budget` leases. Call it when
    /// [`next_deadline`](Self::next_deadline) has come, when it answered `more`, and after each
    /// own beat that answers a `wants_own_beat`.
    ///
    /// The changes are concluded: their leases are over, so they must be applied.
    pub fn tick(&mut self, now: Tick, mut budget: usize) -> Ticked {
        let mut ticked = Ticked { more: self.forget_old_deltas(now, budget), ..Ticked::default() };
        let heard_until = self.hearing.heard_until(now);
        if heard_until > self.leases.proven_until {
            self.leases.proven_until = heard_until;
            // They come up again at once, within the budget.
            for id in std::mem::take(&mut self.leases.awaiting_proof) {
                self.leases.wheel.insert(Tick::START, id);
            }
        }
        let mut due = Vec::new();
        ticked.more |= self.leases.wheel.advance(now, &mut budget, &mut due);
        for id in due {
            // A stale entry: its lease ended, or its slot serves another.
            let Some(lease) = self.leases.get(id) else { continue };
            match self.judge(now, heard_until, lease) {
                Verdict::Until(deadline) => self.leases.wheel.insert(deadline, id),
                Verdict::Unproven => self.leases.awaiting_proof.push(id),
                Verdict::Lost(silence) => {
                    let change = Change::Removed {
                        key: Arc::clone(lease.key()),
                        generation: lease.generation(),
                        cause: Cause::Expired(silence),
                    };
                    // Another check of the same instance may be lost in the same tick: then the second
                    // change does nothing when applied.
                    ticked.changes.push(change);
                }
            }
        }
        ticked.wants_own_beat = !self.leases.awaiting_proof.is_empty();
        ticked
    }

    fn judge(&self, now: Tick, heard_until: Tick, lease: &Lease) -> Verdict {
        let mut word = lease.read();
        loop {
            let Deadline { at, excused } =
                self.hearing.deadline(word.beat(), lease.allowance(word), lease.terms().interval());
            if at > now {
                // Looked at again one time-to-live from now at the latest: a beat that comes now ends
                // any excuse, and its deadline must not be missed.
                return Verdict::Until(at.min(now.after(lease.terms().ttl())));
            }
            if at > heard_until {
                return Verdict::Unproven;
            }
            if self.staged.contains_key(lease.key()) {
                // A command about it was decided and waits for the disk; what it says is newer than
                // this silence.
                return Verdict::Until(now.after(STAGED_PAUSE));
            }
            if word.state() == LeaseState::Gone {
                return Verdict::Lost(silence(now, lease, word, excused));
            }
            match lease.cell().expire(word) {
                Ok(()) => return Verdict::Lost(silence(now, lease, word, excused)),
                Err(newer) => word = newer,
            }
        }
    }

    /// Forgets at most `budget` deltas that are older than the retention; whether more are.
    fn forget_old_deltas(&mut self, now: Tick, budget: usize) -> bool {
        let retention = self.config.delta_retention;
        for _ in 0..budget {
            match self.catalog.delta().oldest() {
                Some((place, entry)) if entry.at.tick.after(retention) <= now => {
                    let key = Arc::clone(&entry.listed.instance.key);
                    self.catalog.delta_mut().forget(place);
                    self.delta_places.remove(&key);
                }
                _ => return false,
            }
        }
        true
    }
}

/// How long a due lease waits when a command about its instance waits for the disk.
const STAGED_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

fn silence(now: Tick, lease: &Lease, word: Word, excused: u64) -> Silence {
    let millis = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    Silence {
        check: lease.check().clone(),
        ttl: millis(lease.terms().ttl()),
        interval: millis(lease.terms().interval()),
        silent: now.millis_since(word.beat()),
        excused,
        intervals: lease.intervals(),
        unconfirmed: word.unconfirmed(),
        guard: GuardWord::Off,
    }
}
