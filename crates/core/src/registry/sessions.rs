//! Sessions as their connections see them: opened, resumed, spoken on, told what they lost.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::state::Registry;
use crate::change::{Cause, Change};
use crate::command::{Command, Registration, Sender};
use crate::lease::cell::LeaseCell;
use crate::lease::{Lease, LeaseId};
use crate::model::{Instance, InstanceKey, LeaseTerms, SessionId};
use crate::reject::{Fault, Reject};
use crate::session::{Phase, SessionTerms};
use crate::tick::{Moment, Tick};

/// A session with a connection.
#[derive(Debug, Clone)]
pub struct Attached {
    /// Which one.
    pub session: SessionId,
    /// Which connection of it: to be told when that closes.
    pub attachment: u32,
    /// What its messages stamp.
    pub heart: Arc<LeaseCell>,
    /// What it was granted.
    pub terms: SessionTerms,
    /// How many instances it keeps now, at any time.
    pub kept: Arc<AtomicUsize>,
    /// What it kept when this connection took it up.
    pub instances: Vec<InstanceKey>,
}

/// An instance that a session keeps no more, without its own word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Which session.
    pub session: SessionId,
    /// Which instance.
    pub key: InstanceKey,
    /// Why.
    pub reason: LostReason,
}

/// Why a session keeps an instance no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostReason {
    /// A newer registration claims it.
    TakenOver,
    /// An operator or another client removed it.
    Removed,
    /// The registry concluded that it is dead.
    Concluded,
}

/// How a lease came to its end.
#[derive(Clone, Copy)]
pub(super) enum Departure<'a> {
    /// Its instance left, for this reason.
    Removed(&'a Cause),
    /// This incarnation took its place.
    Replaced(&'a Instance),
}

impl Registry {
    /// Opens a session.
    ///
    /// # Errors
    ///
    /// Where its terms are not within the limits, or there are too many.
    pub fn open_session(
        &mut self,
        now: Tick,
        mut terms: SessionTerms,
        sender: Sender,
    ) -> Result<Attached, Reject> {
        let limits = &self.config.limits;
        let (least, longest) = (limits.least_ttl, limits.longest_ttl);
        if !(least..=longest).contains(&terms.timeout) {
            let expected = format!("a span from {least:?} to {longest:?}");
            return Err(Fault::new("timeout", format!("{:?}", terms.timeout), expected).into());
        }
        if terms.grace > terms.timeout {
            let expected = format!("at most the session's timeout, which is {:?}", terms.timeout);
            return Err(Fault::new("grace", format!("{:?}", terms.grace), expected).into());
        }
        if self.sessions.len() >= limits.sessions {
            let limit = limits.sessions;
            return Err(Reject::LimitReached { what: "sessions", setting: "sessions", limit });
        }
        terms.phi = self.config.adaptive.or_fixed(terms.of_lease(SessionId::NONE)).phi();
        let session = self.sessions.open(now, terms, sender, &self.config.adaptive);
        self.attached(session).ok_or(Reject::UnknownInstance)
    }

    /// A session goes on over another connection: what it keeps is heard again. Answers also what
    /// is concluded, to be applied at once. None where there is no such session any more.
    pub fn resume_session(&mut self, now: Tick, session: SessionId) -> Option<(Attached, Vec<Change>)> {
        let known = self.sessions.find(session).filter(|known| known.phase != Phase::Over)?;
        let suspect_since = match known.phase {
            Phase::Suspect { closed_at } => Some(closed_at),
            _ => None,
        };
        known.heart.beat(now);
        self.sessions.gathering.came_back(session);
        self.sessions.change(session, |session| {
            session.attachment = session.attachment.wrapping_add(1);
            session.phase = Phase::Attached;
        });
        self.interrupt_session(session);
        let changes = self.heard_again(now, session, suspect_since);
        Some((self.attached(session)?, changes))
    }

    /// A message came on a session that was silent, and its stamp said so. Answers what is
    /// concluded, to be applied at once.
    pub fn session_returned(&mut self, now: Tick, session: SessionId) -> Vec<Change> {
        self.heard_again(now, session, None)
    }

    /// What sessions lost since this was asked last, to be told on their connections.
    pub fn take_lost(&mut self) -> Vec<Lost> {
        std::mem::take(&mut self.sessions.lost)
    }

    /// Sessions that can be resumed no more, since this was asked last.
    pub fn take_ended(&mut self) -> Vec<SessionId> {
        std::mem::take(&mut self.sessions.ended)
    }

    /// How many sessions are open or may be resumed.
    pub fn session_count(&self) -> usize {
        self.sessions.len()
    }

    fn attached(&self, session: SessionId) -> Option<Attached> {
        let known = self.sessions.find(session)?;
        Some(Attached {
            session,
            attachment: known.attachment,
            heart: Arc::clone(&known.heart),
            terms: known.terms,
            kept: Arc::clone(&known.kept),
            instances: known.leases.keys().cloned().collect(),
        })
    }

    fn heard_again(&mut self, now: Tick, session: SessionId, suspect_since: Option<Tick>) -> Vec<Change> {
        let Some(known) = self.sessions.find(session) else { return Vec::new() };
        // To those that are heard it is no news; but all are suspect where their session is.
        let whose = if suspect_since.is_some() { &known.leases } else { &known.silent };
        let leases: Vec<_> = whose.iter().map(|(key, lease)| (key.clone(), *lease)).collect();
        let mut changes = Vec::new();
        let held = |id: &LeaseId| self.leases.get(*id).is_some_and(|lease| lease.is_held());
        if leases.iter().any(|(_, lease)| held(lease)) {
            self.interrupt_session(session);
        }
        for (key, lease) in leases {
            let returned = self.lease_returned(now, lease);
            if returned.is_empty()
                && let Some(since) = suspect_since
            {
                changes.extend(self.unsuspect(now, &key, since));
            }
            changes.extend(returned);
        }
        self.take_session_news(now, session);
        changes
    }

    /// Takes the mark of a suspect off, unless a command about it waits for the disk.
    fn unsuspect(&self, now: Tick, key: &InstanceKey, since: Tick) -> Option<Change> {
        let listed = self.catalog.listed(key).filter(|listed| listed.instance.held)?;
        if self.staged.contains_key(key) || listed.leases.iter().any(|lease| lease.is_held()) {
            return None;
        }
        let instance = Instance { held: false, ..Instance::clone(&listed.instance) };
        let cause = Cause::Returned { held: now.millis_since(since) };
        Some(Change::Updated { instance: Arc::new(instance), cause })
    }

    /// Decides what is said on a session.
    pub(super) fn on_session(
        &self,
        now: Moment,
        session: SessionId,
        command: &Command,
        sender: &Sender,
    ) -> Result<Vec<Change>, Reject> {
        let known = self.sessions.find(session).filter(|known| known.phase != Phase::Over);
        let known = known.ok_or(Reject::UnknownInstance)?;
        if let Command::Register(asked) = command {
            // What waits for the disk is not counted: the limit may be passed by a batch.
            let limit = self.config.limits.session_instances;
            if known.leases.len() >= limit && !self.is_kept_by(session, &asked.key) {
                let (what, setting) = ("instances of one session", "session_instances");
                return Err(Reject::LimitReached { what, setting, limit });
            }
            return Ok(vec![self.register_on(now, session, known.terms, asked, sender)?]);
        }
        let own = match command {
            Command::Deregister { key }
            | Command::ReportStatus { key, .. }
            | Command::AddMetadata { key, .. } => self.is_kept_by(session, key),
            _ => false,
        };
        if own { self.decide(now, command, sender) } else { Err(Reject::UnknownInstance) }
    }

    /// Everything that a session keeps leaves, on its own word.
    pub(super) fn goodbye(&self, session: SessionId, sender: &Sender) -> Result<Vec<Change>, Reject> {
        let known = self.sessions.find(session).filter(|known| known.phase != Phase::Over);
        let known = known.ok_or(Reject::UnknownInstance)?;
        // What waits for the disk, too.
        let mut keys: Vec<_> = known.leases.keys().chain(self.staged.keys()).cloned().collect();
        keys.sort();
        keys.dedup();
        let kept = keys.iter().filter_map(|key| self.expected(key));
        Ok(kept
            .filter(|instance| keeps(session, instance))
            .map(|instance| Change::Removed {
                key: instance.key.clone(),
                generation: instance.generation,
                cause: Cause::Deregistered(sender.clone()),
            })
            .collect())
    }

    fn register_on(
        &self,
        now: Moment,
        session: SessionId,
        terms: SessionTerms,
        asked: &Registration,
        sender: &Sender,
    ) -> Result<Change, Reject> {
        let mut change = self.register(now, asked, sender)?;
        if let Change::Registered { instance, .. } = &mut change {
            // The very instance that was made for this change, so nothing is copied.
            for check in &mut Arc::make_mut(instance).checks {
                check.lease = terms.of_lease(session);
            }
        }
        Ok(change)
    }

    /// Whether a session will keep an instance after everything that is staged.
    fn is_kept_by(&self, session: SessionId, key: &InstanceKey) -> bool {
        self.expected(key).is_some_and(|instance| keeps(session, instance))
    }

    /// What the messages of a lease's session stamp, if that is one of this run.
    pub(super) fn heart_of(&self, terms: LeaseTerms) -> Option<Arc<LeaseCell>> {
        self.sessions.find(terms.session()?).map(|session| Arc::clone(&session.heart))
    }

    pub(super) fn joined_session(&mut self, leases: &[Arc<Lease>]) {
        for lease in leases {
            if let Some(session) = lease.terms().session() {
                self.sessions.change(session, |session| {
                    session.leases.insert(lease.key().clone(), lease.id());
                    if let Some(allowed) = session.allowance() {
                        lease.allow(allowed);
                    }
                });
                self.sessions.note_standing(lease);
            }
        }
    }

    /// A lease ended or was replaced; a session that kept it is told, if it was not its own word.
    pub(super) fn left_session(&mut self, lease: &Lease, departure: Departure<'_>) {
        let Some(id) = lease.terms().session() else { return };
        let kept = self.sessions.change(id, |session| {
            if session.leases.get(lease.key()) == Some(&lease.id()) {
                session.leases.remove(lease.key());
            }
            if session.silent.get(lease.key()) == Some(&lease.id()) {
                session.silent.remove(lease.key());
            }
            (session.leases.is_empty(), session.phase, session.sender.clone())
        });
        let Some((is_empty, phase, sender)) = kept else { return };
        let reason = match departure {
            Departure::Replaced(instance) if keeps(id, instance) => None,
            Departure::Replaced(_) => Some(LostReason::TakenOver),
            Departure::Removed(cause) => match cause.sender() {
                Some(asked) => (*asked != sender).then_some(LostReason::Removed),
                None => Some(LostReason::Concluded),
            },
        };
        if let Some(reason) = reason {
            self.sessions.lost.push(Lost { session: id, key: lease.key().clone(), reason });
        }
        // One that has a connection may register again.
        let replaced_by_itself = matches!(departure, Departure::Replaced(instance) if keeps(id, instance));
        if is_empty && phase != Phase::Attached && !replaced_by_itself {
            self.sessions.forget(id);
        }
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn check_sessions(&self) {
        self.sessions.check_invariants();
        let mut kept = 0;
        for (id, session) in self.sessions.iter() {
            for (key, lease) in &session.leases {
                let lease = self.leases.get(*lease).expect("what a session keeps is armed");
                assert_eq!((lease.key(), lease.terms().session()), (key, Some(id)));
                kept += 1;
            }
            let is_silent = |id: &LeaseId| {
                self.leases.get(*id).is_some_and(|lease| lease.standing() != crate::lease::Standing::Heard)
            };
            let silent = session.leases.iter().filter(|(_, id)| is_silent(id));
            assert!(silent.eq(&session.silent), "a session knows which of its leases are not heard");
        }
        let of_sessions = self.leases.iter().filter(|lease| {
            lease.terms().session().is_some_and(|session| self.sessions.find(session).is_some())
        });
        assert_eq!(of_sessions.count(), kept, "each lease of a session is known to it");
    }
}

fn keeps(session: SessionId, instance: &Instance) -> bool {
    instance.checks.iter().any(|check| check.lease.session() == Some(session))
}
