//! What the driver learns of adaptive leases: from their news to what is allowed them.
//!
//! An adaptive lease is always watched, so each of its beats is news. News may come late, twice or in any order: it only says
//! that there is something to read. What counts is the cell, which is read when a lease is judged as well.

use super::expire::Ticked;
use super::leases::watch_again;
use super::state::Registry;
use crate::adaptive::Learnt;
use crate::lease::{Lease, LeaseId, Standing};
use crate::model::{InstanceKey, SessionId};
use crate::tick::Tick;

impl Registry {
    /// How many leases are adaptive, and keep a history of their beats: those of renewals, each session once.
    pub fn adaptive_leases(&self) -> usize {
        self.leases.adaptive() + self.sessions.adaptive()
    }

    /// A beat of a lease that renewals keep is taken in, and the next one will be told.
    pub(super) fn take_lease_news(&mut self, now: Tick, lease: &Lease) {
        self.leases.take_news(lease);
        self.leases.learn(&self.hearing, self.hearing.heard_until(now), lease);
    }

    /// A message of a session is taken in, after all of its leases were told that they are heard. One that the guard holds and
    /// that waits for the disk finds out by the mark that is missing; then the mark is set with the next message.
    ///
    /// What its leases are allowed for it is found when they are judged: messages are many, and so may the leases be.
    pub(super) fn take_session_news(&mut self, now: Tick, session: SessionId) {
        let waits = |key: &InstanceKey, lease: LeaseId| {
            self.staged.contains_key(key) && self.leases.get(lease).is_some_and(|lease| lease.is_held())
        };
        let Some(known) = self.sessions.find(session).filter(|known| known.arrivals.is_some()) else {
            return;
        };
        if known.silent.iter().any(|(key, lease)| waits(key, *lease)) {
            return;
        }
        let until = self.hearing.heard_until(now);
        let hearing = &self.hearing;
        self.sessions.change(session, |session| {
            let Some(arrivals) = &mut session.arrivals else { return };
            watch_again(&session.heart, arrivals);
            arrivals.prove(hearing, until);
        });
    }

    /// What runs since the last message of a session says nothing of its peer: its connection was lost, or it was held.
    pub(super) fn interrupt_session(&mut self, session: SessionId) {
        self.sessions.change(session, |session| {
            if let Some(arrivals) = &mut session.arrivals {
                arrivals.interrupt();
            }
        });
    }

    /// Before a lease is judged: what it has to tell is taken in, and what is proven by now is learnt.
    pub(super) fn catch_up(&mut self, now: Tick, lease: &Lease, ticked: &mut Ticked) {
        if lease.terms().phi().is_none() {
            return;
        }
        if !lease.read().watched() && lease.standing() != Standing::Held {
            ticked.changes.extend(self.returned(now, lease.id()));
        }
        let until = self.hearing.heard_until(now);
        match lease.terms().session() {
            None => self.leases.learn(&self.hearing, until, lease),
            Some(session) => {
                let hearing = &self.hearing;
                let allowed = self.sessions.change(session, |session| {
                    session.arrivals.as_mut()?.prove(hearing, until);
                    session.allowance()
                });
                if let Some(allowed) = allowed.flatten() {
                    lease.allow(allowed);
                }
            }
        }
    }

    /// What an adaptive lease is judged by.
    pub(super) fn learnt(&self, lease: &Lease) -> Option<Learnt> {
        match lease.terms().session() {
            None => self.leases.learnt(lease),
            Some(session) => self.sessions.find(session)?.arrivals.as_ref().map(|arrivals| arrivals.learnt()),
        }
    }
}
