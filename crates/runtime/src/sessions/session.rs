//! [`Session`]: a session, as the connection that has it holds it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use lubdub_core::lease::cell::Beat;
use lubdub_core::lease::{LeaseId, LeaseRef, Renewal};
use lubdub_core::model::{InstanceKey, SessionId};
use lubdub_core::session::SessionTerms;
use lubdub_core::{Attached, Command, LostReason, Reject, Revision, Sender};
use tokio::sync::{mpsc, oneshot};

use super::driving::SessionInput;
use super::secrets::{Secret, Secrets};
use crate::handle::Handle;
use crate::input::Input;

/// What a session is told without having asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionEvent {
    /// It keeps an instance no more.
    Lost {
        /// Which one.
        key: InstanceKey,
        /// Why.
        reason: LostReason,
    },
    /// It goes on over another connection: this one has nothing to say any more.
    ResumedElsewhere,
}

/// A session that has a connection. Dropping it says that the connection closed without a
/// goodbye, by its peer's doing, unless [`end_by_registry`](Self::end_by_registry) said
/// otherwise.
pub struct Session {
    handle: Handle,
    attached: Attached,
    secret: Secret,
    sender: Sender,
    events: mpsc::UnboundedReceiver<SessionEvent>,
    by_registry: bool,
}

impl Handle {
    /// Opens a session for a connection.
    ///
    /// # Errors
    ///
    /// Where its terms are not within the limits, there are too many, or the registry stops.
    pub async fn open_session(&self, terms: SessionTerms, sender: Sender) -> Result<Session, Reject> {
        let secret: Secret = rand::random();
        let (reply, answer) = oneshot::channel();
        // It holds at most a word for each instance that the session keeps.
        let (teller, events) = mpsc::unbounded_channel();
        let opened = SessionInput::Open { terms, sender: sender.clone(), secret, teller, reply };
        let sent = self.inputs.send(Input::Session(opened));
        sent.map_err(|_| Reject::Stopping)?;
        let attached = answer.await.unwrap_or(Err(Reject::Stopping))?;
        Ok(Session::new(self, attached, secret, sender, events))
    }

    /// Takes up the session of a token over another connection; none where there is no such
    /// session any more.
    pub async fn resume_session(&self, token: &[u8], sender: Sender) -> Option<Session> {
        let (session, secret) = self.shared.sessions.session_of(token)?;
        let (reply, answer) = oneshot::channel();
        let (teller, events) = mpsc::unbounded_channel();
        self.inputs.send(Input::Session(SessionInput::Resume { session, teller, reply })).ok()?;
        let attached = answer.await.ok()??;
        Some(Session::new(self, attached, secret, sender, events))
    }
}

impl Session {
    fn new(
        handle: &Handle,
        attached: Attached,
        secret: Secret,
        sender: Sender,
        events: mpsc::UnboundedReceiver<SessionEvent>,
    ) -> Self {
        handle.shared.sessions.connects();
        Self { handle: handle.clone(), attached, secret, sender, events, by_registry: false }
    }

    /// Which one it is.
    pub fn id(&self) -> SessionId {
        self.attached.session
    }

    /// What it was granted.
    pub fn terms(&self) -> SessionTerms {
        self.attached.terms
    }

    /// What resumes it: a secret.
    pub fn token(&self) -> Vec<u8> {
        Secrets::token(self.attached.session, &self.secret)
    }

    /// What it kept when this connection took it up.
    pub fn instances(&self) -> &[InstanceKey] {
        &self.attached.instances
    }

    /// How many instances it keeps now.
    pub fn kept(&self) -> usize {
        self.attached.kept.load(Ordering::Relaxed)
    }

    /// A message came: all that the session keeps is renewed, by one compare-and-swap. Answers
    /// whether there is such a session still.
    pub fn heard(&self) -> bool {
        let now = self.handle.tick();
        let Beat::Stamped { returned, .. } = self.attached.heart.beat(now) else {
            self.handle.shared.tally.renewal(Renewal::Unknown);
            return false;
        };
        // No lease in particular, and the driver is told below.
        let lease = LeaseId { index: u32::MAX, reuse: 0 };
        self.handle.shared.tally.renewal(Renewal::Renewed { precedence: None, lease, returned: false });
        if returned {
            let heard = SessionInput::Returned(self.attached.session);
            // The driver is gone only when the process is about to end.
            drop(self.handle.inputs.send(Input::Session(heard)));
        }
        true
    }

    /// Whether it keeps an instance. After [`heard`](Self::heard) the answer holds as that of a
    /// renewal does.
    pub fn keeps(&self, name: LeaseRef<'_>) -> bool {
        self.handle.shared.leases.keeps(name, self.attached.session)
    }

    /// Asks for a change of what the session keeps, or to keep something more. It is in the
    /// driver's queue at once, so that answers come in the order of asking.
    pub fn ask(&self, command: Command) -> Answer {
        let session = self.attached.session;
        let command = match command {
            Command::EndSession { .. } => Command::EndSession { session },
            other => Command::OnSession { session, command: Box::new(other) },
        };
        Answer(self.handle.ask(command, self.sender.clone()).map_err(Some))
    }

    /// Says goodbye: all that it keeps leaves. Nothing else is to be asked after this.
    pub fn goodbye(&self) -> Answer {
        self.ask(Command::EndSession { session: self.attached.session })
    }

    /// The next thing that it is told.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn told(&mut self) -> SessionEvent {
        match self.events.recv().await {
            Some(event) => event,
            // The driver has ended: nothing more is told.
            None => std::future::pending().await,
        }
    }

    /// The registry ends the connection: that is nobody's loss, and the session may be resumed
    /// until its timeout.
    pub fn end_by_registry(&mut self) {
        self.by_registry = true;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.handle.shared.sessions.disconnects();
        let Attached { session, attachment, .. } = self.attached;
        let ended = SessionInput::Ended { session, attachment, by_registry: self.by_registry };
        // Without a driver there is nobody to tell.
        drop(self.handle.inputs.send(Input::Session(ended)));
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without its secret.
        f.debug_struct("Session").field("id", &self.attached.session).finish_non_exhaustive()
    }
}

/// What becomes of something that was asked: ready when it is durable and visible.
#[derive(Debug)]
pub struct Answer(Result<oneshot::Receiver<Result<Revision, Reject>>, Option<Reject>>);

impl Future for Answer {
    type Output = Result<Revision, Reject>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            Ok(waiting) => Pin::new(waiting).poll(cx).map(|answer| answer.unwrap_or(Err(Reject::Stopping))),
            Err(reject) => Poll::Ready(Err(reject.take().unwrap_or(Reject::Stopping))),
        }
    }
}
