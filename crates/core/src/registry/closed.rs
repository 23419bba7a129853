//! What the end of a session's connection does.

use std::sync::Arc;
use std::time::Duration;

use super::expire::{STAGED_PAUSE, Ticked};
use super::state::Registry;
use crate::change::{Cause, Change, ConnectionLoss};
use crate::guard::{Arithmetic, Judgement};
use crate::lease::{Lease, Standing};
use crate::model::{Instance, SessionId};
use crate::session::Phase;
use crate::tick::Tick;

impl Registry {
    /// The connection of a session closed without a goodbye, by its peer's doing. What follows is
    /// concluded by a [`tick`](Self::tick), in two milliseconds where it closed alone.
    ///
    /// An earlier connection of the session, or one of a session that is over, changes nothing.
    pub fn session_closed(&mut self, now: Tick, session: SessionId, attachment: u32) {
        if !self.end_attachment(session, attachment, Phase::Closed { at: now }) {
            return;
        }
        let open = self.sessions.open_with_instances();
        self.sessions.gathering.closed(now, session, open, &self.config.guard);
    }

    /// The registry itself ended the connection of a session: that is nobody's loss. What the
    /// session keeps has its timeout from the last message, to be resumed.
    pub fn session_detached(&mut self, session: SessionId, attachment: u32) {
        self.end_attachment(session, attachment, Phase::Detached);
    }

    /// A session said goodbye, which was decided by [`Command::EndSession`](crate::Command): nothing
    /// is said on it any more.
    pub fn session_over(&mut self, session: SessionId) {
        let kept = self.sessions.change(session, |session| {
            session.phase = Phase::Over;
            session.leases.len()
        });
        if kept == Some(0) {
            self.sessions.forget(session);
        }
    }

    /// Whether there is something to decide: it was the present connection, and the session keeps
    /// instances.
    fn end_attachment(&mut self, session: SessionId, attachment: u32, phase: Phase) -> bool {
        let kept = self
            .sessions
            .find(session)
            .filter(|session| session.phase == Phase::Attached && session.attachment == attachment);
        match kept.map(|session| session.leases.is_empty()) {
            None => false,
            Some(true) => {
                self.sessions.forget(session);
                false
            }
            Some(false) => {
                self.sessions.change(session, |session| session.phase = phase);
                true
            }
        }
    }

    /// Concludes what is due about connections that closed.
    pub(super) fn sessions_tick(&mut self, now: Tick, heard_until: Tick, ticked: &mut Ticked) {
        let open = self.sessions.open_with_instances();
        if let Some(decision) = self.sessions.gathering.decide(now, heard_until, open, &self.config.guard) {
            for session in decision.sessions {
                match decision.mass {
                    Some(figures) => self.suspect_session(session, figures, ticked),
                    None => self.start_grace(session),
                }
            }
        }
        ticked.wants_own_beat |= self.sessions.gathering.wants_own_beat();
        while let Some(session) = self.sessions.next_leaving(now) {
            self.leave(now, session, ticked);
        }
    }

    fn start_grace(&mut self, session: SessionId) {
        self.sessions.change(session, |session| {
            if let Phase::Closed { at } = session.phase {
                session.phase = Phase::Leaving { closed_at: at, at: at.after(session.terms.grace) };
            }
        });
    }

    /// Holds what a session keeps: its timeout runs from the closing.
    fn suspect_session(&mut self, session: SessionId, figures: Arithmetic, ticked: &mut Ticked) {
        let Some(known) = self.sessions.find(session) else { return };
        let Phase::Closed { at } = known.phase else { return };
        // Its peer was there until then, whoever closed.
        known.heart.prove(at);
        let keys: Vec<_> = known.leases.keys().cloned().collect();
        self.sessions.change(session, |session| session.phase = Phase::Suspect { closed_at: at });
        for key in keys {
            let Some(listed) = self.catalog.listed(&key) else { continue };
            // One that a command is about is held as well; only the mark would come too late.
            if !listed.instance.held && !self.staged.contains_key(&key) {
                let instance = Instance { held: true, ..Instance::clone(&listed.instance) };
                let cause = Cause::Suspected(figures);
                ticked.changes.push(Change::Updated { instance: Arc::new(instance), cause });
            }
        }
    }

    /// Its grace is over: what a session keeps leaves, or the guard holds it.
    fn leave(&mut self, now: Tick, session: SessionId, ticked: &mut Ticked) {
        let Some(known) = self.sessions.find(session) else { return };
        let Phase::Leaving { closed_at, .. } = known.phase else { return };
        let grace = known.terms.grace;
        let leases: Vec<_> = known.leases.values().copied().collect();
        let mut waits = false;
        for id in leases {
            let Some(lease) = self.leases.get(id).map(Arc::clone) else { continue };
            if self.staged.contains_key(lease.key()) {
                // What a command says about it is newer than this closing.
                waits = true;
            } else if lease.standing() != Standing::Held {
                ticked.changes.extend(self.lose(now, &lease, closed_at, grace));
            }
        }
        self.sessions.change(session, |session| {
            session.phase = if waits {
                Phase::Leaving { closed_at, at: now.after(STAGED_PAUSE) }
            } else {
                // What is left is held by the guard.
                Phase::Detached
            };
        });
    }

    fn lose(&mut self, now: Tick, lease: &Arc<Lease>, closed_at: Tick, grace: Duration) -> Option<Change> {
        if !lease.is_kept() {
            return None;
        }
        let instance = Arc::clone(&self.catalog.listed(lease.key())?.instance);
        let word = lease.watch(lease.read()).ok()?;
        if lease.standing() == Standing::Heard {
            self.fell_silent(lease);
        }
        match self.guard.judge(now, lease, &instance) {
            Judgement::Leave(guard) => {
                lease.expire(word).ok()?;
                let loss = ConnectionLoss {
                    grace: u64::try_from(grace.as_millis()).unwrap_or(u64::MAX),
                    closed: now.millis_since(closed_at),
                    silent: now.millis_since(word.beat()),
                    guard,
                };
                Some(Change::Removed {
                    key: lease.key().clone(),
                    generation: lease.generation(),
                    cause: Cause::ConnectionLost(loss),
                })
            }
            Judgement::Hold(scope, arithmetic) => {
                self.guard.hold(now, lease, &instance, &scope, arithmetic);
                self.stand(lease, Standing::Held);
                let silence = Box::new(self.silence(now, lease, word, 0));
                let instance = Instance { held: true, ..Instance::clone(&instance) };
                let cause = Cause::Held { scope, arithmetic, silence };
                Some(Change::Updated { instance: Arc::new(instance), cause })
            }
        }
    }
}
