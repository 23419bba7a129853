//! From the passing of time to changes: which leases are overdue, and which are lost.

use std::sync::Arc;

use super::state::Registry;
use crate::change::{Cause, Change, GuardWord, ReleaseReason, Silence};
use crate::guard::Judgement;
use crate::hearing::Deadline;
use crate::lease::cell::{LeaseState, Word};
use crate::lease::{Lease, LeaseId, Standing};
use crate::model::Instance;
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
    /// Leases whose beat is late by half an interval; told once for each silence.
    pub overdue: Vec<LeaseId>,
}

/// How a lease that came up was judged.
enum Verdict {
    /// Not due before this.
    Until(Tick),
    /// Due or overdue, but not yet proven silent.
    Unproven,
    /// Overdue since now; due at this tick.
    Overdue(Tick),
    /// Held, and heard again; due at this tick.
    Returned(Tick),
    /// Due, and proven silent.
    Due(Word, u64),
    /// Over already.
    Over,
}

impl Registry {
    /// Judges what is due at `now`, at most `budget` leases. Call it when
    /// [`next_deadline`](Self::next_deadline) has come, when it answered `more`, and after each
    /// own beat that answers a `wants_own_beat`.
    ///
    /// The changes are concluded: their leases are over, or held, so they must be applied.
    pub fn tick(&mut self, now: Tick, mut budget: usize) -> Ticked {
        let mut ticked = Ticked { more: self.forget_old_deltas(now, budget), ..Ticked::default() };
        let heard_until = self.hearing.heard_until(now);
        self.leases.looked_at = now;
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
            let Some(lease) = self.leases.get(id).map(Arc::clone) else { continue };
            self.look_at(now, heard_until, &lease, &mut ticked);
        }
        self.guard_tick(now, heard_until, budget, &mut ticked);
        self.damping_tick(now, &mut ticked);
        self.sessions_tick(now, heard_until, &mut ticked);
        ticked.wants_own_beat |= !self.leases.awaiting_proof.is_empty();
        ticked
    }

    fn look_at(&mut self, now: Tick, heard_until: Tick, lease: &Lease, ticked: &mut Ticked) {
        loop {
            self.catch_up(now, lease, ticked);
            match self.judge(now, heard_until, lease) {
                Verdict::Until(deadline) => self.leases.wheel.insert(deadline, lease.id()),
                Verdict::Unproven => self.leases.awaiting_proof.push(lease.id()),
                Verdict::Overdue(deadline) => {
                    ticked.overdue.push(lease.id());
                    self.fell_silent(lease);
                    self.leases.wheel.insert(deadline, lease.id());
                }
                Verdict::Returned(deadline) => {
                    ticked.changes.extend(self.returned(now, lease.id()));
                    self.leases.wheel.insert(deadline, lease.id());
                }
                Verdict::Due(word, excused) => {
                    let Some(listed) = self.catalog.listed(lease.key()) else { return };
                    let instance = Arc::clone(&listed.instance);
                    // Where there is nothing to tell, a beat came in between.
                    let Some(change) = self.end_or_hold(now, lease, &instance, word, excused) else {
                        continue;
                    };
                    if matches!(change, Change::Updated { .. }) {
                        self.leases.wheel.insert(next_look(now, lease), lease.id());
                    }
                    ticked.changes.push(change);
                }
                Verdict::Over => {}
            }
            return;
        }
    }

    fn judge(&self, now: Tick, heard_until: Tick, lease: &Lease) -> Verdict {
        let terms = lease.terms();
        let mut word = lease.read();
        loop {
            if word.state() == LeaseState::Gone {
                // Concluded in this very tick, or ended by a command.
                return Verdict::Over;
            }
            let held = lease.standing() == Standing::Held;
            if held && !word.watched() {
                return Verdict::Returned(next_look(now, lease));
            }
            let allowance = lease.allowance(word);
            let due = self.hearing.deadline(word.beat(), allowance, terms);
            // Looked at again after a beat and a half at the latest: a beat that comes now ends any
            // excuse and any silence, and what it promises must not be missed.
            let again = next_look(now, lease);
            if due.at > now {
                let Some(patience) = terms.patience() else { return Verdict::Until(due.at.min(again)) };
                if lease.standing() != Standing::Heard {
                    return Verdict::Until(due.at.min(again));
                }
                let overdue = self.hearing.deadline(word.beat(), patience, terms);
                if overdue.at > now {
                    return Verdict::Until(overdue.at.min(again));
                }
                if overdue.at > heard_until {
                    return Verdict::Unproven;
                }
                match lease.watch(word) {
                    Ok(_) => return Verdict::Overdue(due.at.min(again)),
                    Err(newer) => {
                        word = newer;
                        continue;
                    }
                }
            }
            let Deadline { at, excused } = match self.guard.longest_hold(lease) {
                Some(at) if held => Deadline { at, excused: due.excused },
                None if held => return Verdict::Until(again),
                _ => due,
            };
            if at > now {
                return Verdict::Until(at.min(again));
            }
            if at > heard_until {
                return Verdict::Unproven;
            }
            if self.staged.contains_key(lease.key()) {
                // A command about it was decided and waits for the disk; what it says is newer than
                // this silence.
                return Verdict::Until(now.after(STAGED_PAUSE));
            }
            return Verdict::Due(word, excused);
        }
    }

    /// Ends a lease that is due, or has the guard hold it; none where a beat came in between.
    fn end_or_hold(
        &mut self,
        now: Tick,
        lease: &Lease,
        instance: &Instance,
        mut word: Word,
        excused: u64,
    ) -> Option<Change> {
        let mut silence = self.silence(now, lease, word, excused);
        if lease.standing() == Standing::Held {
            silence.guard = self.guard.word_to(now, lease.id(), ReleaseReason::HeldLongEnough);
            lease.expire(word).ok()?;
            return Some(expired(lease, silence));
        }
        if lease.standing() == Standing::Heard {
            // Due before it could be overdue.
            word = lease.watch(word).ok()?;
            self.fell_silent(lease);
        }
        match self.guard.judge(now, lease, instance) {
            Judgement::Leave(said) => {
                silence.guard = said;
                lease.expire(word).ok()?;
                Some(expired(lease, silence))
            }
            Judgement::Hold(scope, arithmetic) => {
                self.guard.hold(now, lease, instance, &scope, arithmetic);
                self.stand(lease, Standing::Held);
                let instance = Instance { held: true, ..instance.clone() };
                let cause = Cause::Held { scope, arithmetic, silence: silence.into() };
                Some(Change::Updated { instance: Arc::new(instance), cause })
            }
        }
    }

    pub(super) fn silence(&self, now: Tick, lease: &Lease, word: Word, excused: u64) -> Silence {
        let millis = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Silence {
            check: lease.check().clone(),
            ttl: millis(lease.terms().ttl()),
            interval: millis(lease.terms().interval()),
            silent: now.millis_since(word.beat()),
            excused,
            intervals: lease.intervals(),
            unconfirmed: word.unconfirmed(),
            learnt: self.learnt(lease),
            guard: GuardWord::Off,
        }
    }

    /// Forgets at most `budget` deltas that are older than the retention; whether more are.
    fn forget_old_deltas(&mut self, now: Tick, budget: usize) -> bool {
        let retention = self.config.delta_retention;
        for _ in 0..budget {
            match self.catalog.delta().oldest() {
                Some((place, entry)) if entry.at.tick.after(retention) <= now => {
                    let key = entry.listed.instance.key.clone();
                    self.catalog.delta_mut().forget(place);
                    self.delta_places.remove(&key);
                }
                _ => {
                    self.give_back_room();
                    return false;
                }
            }
        }
        true
    }

    /// A rush of changes, such as everybody's registration, must not keep its room for good.
    fn give_back_room(&mut self) {
        let (held, room) = (self.delta_places.len(), self.delta_places.capacity());
        if room > LITTLE_ROOM && held < room / 8 {
            self.delta_places.shrink_to(2 * held);
        }
    }
}

/// Room for so many deltas is not worth giving back.
const LITTLE_ROOM: usize = 4_096;

/// How long what is due waits when a command about its instance waits for the disk.
pub(super) const STAGED_PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// When a lease is looked at again at the latest.
fn next_look(now: Tick, lease: &Lease) -> Tick {
    now.after(lease.terms().patience().unwrap_or_else(|| lease.terms().ttl()))
}

pub(super) fn expired(lease: &Lease, silence: Silence) -> Change {
    // Another check of the same instance may be lost in the same tick: then the second change
    // does nothing when applied.
    Change::Removed {
        key: lease.key().clone(),
        generation: lease.generation(),
        cause: Cause::Expired(silence.into()),
    }
}
