//! What the driver does with what connections of sessions do.

use hashbrown::HashMap;
use lubdub_core::model::SessionId;
use lubdub_core::session::SessionTerms;
use lubdub_core::{Attached, Reject, Sender};
use tokio::sync::{mpsc, oneshot};

use super::secrets::Secret;
use super::session::SessionEvent;
use crate::driver::{Driver, Round};

/// Where a session's connection is told what it did not ask for.
pub(crate) type Teller = mpsc::UnboundedSender<SessionEvent>;

/// The connection of each session that has one, or had one last.
pub(crate) type SessionConnections = HashMap<SessionId, Teller>;

/// What a session's connection does.
#[derive(Debug)]
pub(crate) enum SessionInput {
    /// It opens one.
    Open {
        terms: SessionTerms,
        sender: Sender,
        secret: Secret,
        teller: Teller,
        reply: oneshot::Sender<Result<Attached, Reject>>,
    },
    /// It takes one up.
    Resume { session: SessionId, teller: Teller, reply: oneshot::Sender<Option<Attached>> },
    /// A session that was silent is heard again.
    Returned(SessionId),
    /// It ended, without a goodbye or after one.
    Ended { session: SessionId, attachment: u32, by_registry: bool },
}

impl Driver {
    pub(crate) fn session(&mut self, input: SessionInput) {
        let now = self.shared.clock.now();
        match input {
            SessionInput::Open { terms, sender, secret, teller, reply } => {
                let opened = self.registry.open_session(now.tick, terms, sender);
                if let Ok(attached) = &opened {
                    self.shared.sessions.add(attached.session, secret);
                    self.connections.insert(attached.session, teller);
                }
                if let Err(Ok(attached)) = reply.send(opened) {
                    // Whoever asked went away meanwhile.
                    self.registry.session_closed(now.tick, attached.session, attached.attachment);
                    self.tell_sessions();
                }
            }
            SessionInput::Resume { session, teller, reply } => {
                let Some((attached, changes)) = self.registry.resume_session(now.tick, session) else {
                    drop(reply.send(None));
                    return;
                };
                if let Some(before) = self.connections.insert(session, teller) {
                    // Mostly it is gone, which is why the session is resumed.
                    drop(before.send(SessionEvent::ResumedElsewhere));
                }
                let mut round = Round::default();
                self.conclude(now, changes, &mut round);
                self.publish(round);
                if let Err(Some(attached)) = reply.send(Some(attached)) {
                    self.registry.session_closed(now.tick, session, attached.attachment);
                    self.tell_sessions();
                }
            }
            SessionInput::Returned(session) => {
                let changes = self.registry.session_returned(now.tick, session);
                let mut round = Round::default();
                self.conclude(now, changes, &mut round);
                self.publish(round);
            }
            SessionInput::Ended { session, attachment, by_registry: true } => {
                self.registry.session_detached(session, attachment);
                self.tell_sessions();
            }
            SessionInput::Ended { session, attachment, by_registry: false } => {
                self.registry.session_closed(now.tick, session, attachment);
                self.tell_sessions();
            }
        }
    }

    /// Tells connections what their sessions lost, and forgets sessions that are no more.
    pub(crate) fn tell_sessions(&mut self) {
        for lost in self.registry.take_lost() {
            if let Some(connection) = self.connections.get(&lost.session) {
                let event = SessionEvent::Lost { key: lost.key, reason: lost.reason };
                // One that is gone is told when its session is resumed, by what is left.
                drop(connection.send(event));
            }
        }
        for session in self.registry.take_ended() {
            self.connections.remove(&session);
            self.shared.sessions.forget(session);
        }
    }
}
