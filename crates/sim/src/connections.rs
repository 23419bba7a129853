//! The registry's side of connections of sessions, as its gRPC face and its driver have it: every
//! message is stamped before it is answered, a silent connection is ended by the registry, and whoever
//! knows a token takes its session up.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use lubdub_core::lease::cell::Beat;
use lubdub_core::model::SessionId;
use lubdub_core::session::SessionTerms;
use lubdub_core::{Attached, Command};

use crate::client::Outcome;
use crate::disk::Reply;
use crate::fact::Fact;
use crate::sabotage::Sabotage;
use crate::server::{Effect, Input, Later, Server};
use crate::session::Say;
use crate::time::{MILLI, Time};

/// A message on a connection.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) connection: u64,
    pub(crate) host: usize,
    pub(crate) attempt: u32,
    pub(crate) say: Say,
    pub(crate) terms: SessionTerms,
    /// What a registration asks for.
    pub(crate) command: Option<Command>,
}

/// A connection on which a session is spoken.
#[derive(Debug)]
struct Connection {
    host: usize,
    terms: SessionTerms,
    attached: Option<Attached>,
    heard: Time,
}

/// Every connection, and the sessions that may be taken up.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: BTreeMap<u64, Connection>,
    /// The highest number of a connection that closed or was refused, for each host: what comes
    /// late on one that closed is read by nobody.
    closed: BTreeMap<usize, u64>,
    tokens: BTreeMap<u64, SessionId>,
    granted: u64,
}

/// A silent connection whose instances are not lost yet is looked at again after so long.
const AGAIN: u64 = 100 * MILLI;

impl Connections {
    /// The process ends: whose connections break.
    pub(crate) fn end(&mut self) -> Vec<(u64, usize)> {
        self.tokens.clear();
        std::mem::take(&mut self.open).into_iter().map(|(number, it)| (number, it.host)).collect()
    }

    /// Connections that are open, and sessions that may be taken up.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.open.len(), self.tokens.len())
    }

    /// On which connection a session is spoken.
    fn of(&self, session: SessionId) -> Option<u64> {
        let mut all = self.open.iter();
        all.find_map(|(number, it)| {
            (it.attached.as_ref().map(|attached| attached.session) == Some(session)).then_some(*number)
        })
    }
}

impl Server {
    /// A message is read.
    pub(crate) fn said(&mut self, now: Time, message: Message) {
        let Message { connection, host, attempt, say, terms, command } = message;
        let reply = Reply::Session { host, connection, attempt };
        if self.connections.closed.get(&host).is_some_and(|closed| *closed >= connection) {
            return;
        }
        if let Say::Declare { token } = say {
            self.connections.open.insert(connection, Connection { host, terms, attached: None, heard: now });
            self.inputs.push(Input::Declare { connection, host, token, terms, reply });
            self.later(now.plus(micros(terms.timeout)), Later::Silence(connection));
            return;
        }
        let tick = self.tick(now);
        let Some(attached) = self.connections.open.get_mut(&connection).and_then(|it| {
            it.heard = now;
            it.attached.as_ref()
        }) else {
            self.effects.push(Effect::Answer(reply, Outcome::Refused));
            return;
        };
        let session = attached.session;
        let kept = attached.kept.load(Ordering::Relaxed);
        match attached.heart.beat(tick) {
            Beat::Stamped { returned, .. } => {
                if returned {
                    self.inputs.push(Input::SessionReturned(session));
                }
                self.facts.push(Fact::SessionHeard { session, at: tick });
            }
            Beat::Unknown => {
                self.effects.push(Effect::Answer(reply, Outcome::Unknown));
                return;
            }
        }
        let command = match say {
            Say::Goodbye => Some(Command::EndSession { session }),
            _ => command.map(|command| Command::OnSession { session, command: Box::new(command) }),
        };
        match command {
            Some(command) => self.inputs.push(Input::Command { command, reply }),
            None => self.effects.push(Effect::Answer(reply, Outcome::Kept(kept))),
        }
    }

    /// A connection closed, by its peer's doing.
    pub(crate) fn connection_closed(&mut self, connection: u64, host: usize) {
        let closed = self.connections.closed.entry(host).or_default();
        *closed = connection.max(*closed);
        if let Some(attached) = self.connections.open.remove(&connection).and_then(|it| it.attached) {
            self.inputs.push(Input::SessionEnded { attached, by_registry: false });
        }
    }

    /// Nothing may have come on a connection for its session's timeout.
    pub(crate) fn silence(&mut self, now: Time, connection: u64) {
        let Some(it) = self.connections.open.get(&connection) else { return };
        let until = it.heard.plus(micros(it.terms.timeout));
        let keeps = it.attached.as_ref().is_some_and(|it| it.kept.load(Ordering::Relaxed) > 0);
        if until > now {
            self.later(until, Later::Silence(connection));
        } else if keeps {
            // The registry has not concluded yet what the silence means.
            self.later(now.plus(AGAIN), Later::Silence(connection));
        } else if let Some(it) = self.connections.open.remove(&connection) {
            self.effects.push(Effect::Broken { connection, host: it.host });
            if let Some(attached) = it.attached {
                self.inputs.push(Input::SessionEnded { attached, by_registry: true });
                self.wake(now);
            }
        }
    }

    /// The driver opens a session, or has one taken up.
    pub(crate) fn declare(
        &mut self,
        now: Time,
        (connection, host): (u64, usize),
        token: Option<u64>,
        terms: SessionTerms,
        reply: Reply,
    ) {
        let tick = self.tick(now);
        let mut known = token.and_then(|token| Some((token, *self.connections.tokens.get(&token)?)));
        if self.sabotage == Some(Sabotage::ResumeAnother) {
            let another = self.connections.tokens.first_key_value().map(|(_, session)| *session);
            known = known.and_then(|(token, _)| Some((token, another?)));
        }
        let resumed = known.and_then(|(token, session)| {
            let before = self.connections.of(session);
            let (attached, changes) = self.registry.resume_session(tick, session)?;
            if let Some(before) = before
                && let Some(it) = self.connections.open.remove(&before)
            {
                self.effects.push(Effect::Broken { connection: before, host: it.host });
                // The registry ends it, and the driver hears of that after this.
                let ended = it.attached.map(|attached| Input::SessionEnded { attached, by_registry: true });
                self.inputs.extend(ended);
                self.wake(now);
            }
            let attachment = attached.attachment;
            self.facts.push(Fact::SessionResumed { host, session, token, attachment, at: tick });
            self.conclude(now, changes);
            Some((token, attached))
        });
        let (token, attached) = match resumed {
            Some(resumed) => resumed,
            None => match self.registry.open_session(tick, terms, Self::sender()) {
                Ok(attached) => {
                    self.connections.granted += 1;
                    let token = self.connections.granted;
                    self.connections.tokens.insert(token, attached.session);
                    let session = attached.session;
                    let grace = u64::try_from(terms.grace.as_millis()).unwrap_or(u64::MAX);
                    self.facts.push(Fact::SessionOpened { session, token, grace, at: tick });
                    (token, attached)
                }
                Err(_) => return self.effects.push(Effect::Answer(reply, Outcome::Refused)),
            },
        };
        let kept = attached.instances.len();
        match self.connections.open.get_mut(&connection) {
            Some(it) => {
                it.attached = Some(attached);
                self.effects.push(Effect::Answer(reply, Outcome::Granted { token, kept }));
            }
            // Whoever asked went away meanwhile.
            None => self.end_session(now, &attached, false),
        }
    }

    /// The driver is told that the connection of a session ended.
    pub(crate) fn end_session(&mut self, now: Time, attached: &Attached, by_registry: bool) {
        let Attached { session, attachment, .. } = *attached;
        let at = self.tick(now);
        if by_registry {
            self.registry.session_detached(session, attachment);
        } else {
            self.facts.push(Fact::SessionClosed { session, attachment, at });
            if self.sabotage != Some(Sabotage::ForgetClosing) {
                self.registry.session_closed(at, session, attachment);
            }
        }
    }

    /// Sessions that are no more are forgotten.
    pub(crate) fn forget_sessions(&mut self) {
        // Clients learn it from their next beat.
        drop(self.registry.take_lost());
        for session in self.registry.take_ended() {
            self.connections.tokens.retain(|_, known| *known != session);
            self.facts.push(Fact::SessionOver { session });
        }
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
