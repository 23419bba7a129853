//! [`Conversation`]: what comes next on a session's stream.
//!
//! It is pulled by its client: answers that are not taken keep messages from being read, so a
//! flood fills no memory here.

use std::collections::VecDeque;
use std::error::Error as _;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, stream};
use lubdub_core::Sender;
use lubdub_core::model::PhiLevel;
use lubdub_runtime::{Handle, Session, SessionEvent};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, Sleep, sleep};
use tonic::{Code, Status, Streaming};

use super::message::{self, Message};
use super::pending::Pending;
use crate::carrier::OnCarrier;
use crate::config::{GrpcConfig, stopped, stops};
use crate::convert::{self, Declared};
use crate::error::{Ended, refusal};
use crate::wire;

/// So many messages may wait for their answers; more are not read meanwhile. A commit answers
/// thousands at once, so this is what one session can have in one.
const MOST_PENDING: usize = 1_024;

/// When the registry has not concluded yet that a silent session is over, it is looked at again
/// this much later.
const AGAIN: Duration = Duration::from_millis(250);

/// One session's stream.
pub(crate) struct Conversation {
    handle: Handle,
    peer: IpAddr,
    carrier: OnCarrier,
    usual_timeout: Duration,
    incoming: Streaming<wire::SessionRequest>,
    session: Option<(Session, Declared)>,
    /// Answers in the order of their messages.
    pending: VecDeque<(u64, Pending)>,
    /// Rings when the countdown ends.
    silence: Pin<Box<Sleep>>,
    /// Whether no more is read: it said goodbye, or ended its side.
    read_to_end: bool,
    /// Why it ends, once that was told.
    ended: Option<Ended>,
    over: bool,
    stopping: Option<watch::Receiver<bool>>,
    /// Its place among the sessions, given back when the stream ends.
    _place: OwnedSemaphorePermit,
}

/// What happens next.
enum Next {
    Message(Result<Option<wire::SessionRequest>, Status>),
    Answer(wire::Outcome),
    Event(SessionEvent),
    Silence,
    Stopping,
}

impl Conversation {
    pub(crate) fn new(
        handle: Handle,
        config: &GrpcConfig,
        peer: IpAddr,
        carrier: OnCarrier,
        incoming: Streaming<wire::SessionRequest>,
        place: OwnedSemaphorePermit,
    ) -> Self {
        Self {
            handle,
            peer,
            carrier,
            usual_timeout: config.session_timeout,
            incoming,
            session: None,
            pending: VecDeque::new(),
            silence: Box::pin(sleep(config.session_timeout)),
            read_to_end: false,
            ended: None,
            over: false,
            stopping: config.stopping.clone(),
            _place: place,
        }
    }

    /// What it says, until one of both ends it.
    pub(crate) fn answers(self) -> impl Stream<Item = Result<wire::SessionResponse, Status>> + Send {
        stream::unfold(self, async |mut conversation| {
            let said = conversation.next().await?;
            Some((said.map(|told| wire::SessionResponse { what: Some(told) }), conversation))
        })
    }

    /// The next word; none when the stream is over.
    async fn next(&mut self) -> Option<Result<wire::Told, Status>> {
        if self.over {
            return None;
        }
        if let Some(ended) = self.ended.take() {
            return Some(Err(self.end(&ended)));
        }
        loop {
            if self.read_to_end && self.pending.is_empty() {
                self.over = true;
                return None;
            }
            match self.wait().await {
                Next::Message(Ok(Some(request))) => {
                    if let Err(ended) = self.take(request).await {
                        return Some(Err(self.end(&ended)));
                    }
                }
                Next::Message(Ok(None)) => self.read_to_end = true,
                Next::Message(Err(status)) => return Some(Err(self.broken(status))),
                Next::Answer(outcome) => {
                    let id = self.pending.pop_front().map_or(0, |(id, _)| id);
                    return Some(Ok(wire::Told::Answer(wire::Answer { id, outcome: Some(outcome) })));
                }
                Next::Event(SessionEvent::Lost { key, reason }) => {
                    return Some(Ok(wire::Told::Lost(convert::lost(&key, reason))));
                }
                Next::Event(SessionEvent::ResumedElsewhere) => {
                    return Some(Ok(self.close(Ended::ResumedElsewhere)));
                }
                Next::Stopping => return Some(Ok(self.close(Ended::Stopping))),
                Next::Silence if self.is_waited_for() => {
                    self.silence.as_mut().reset(Instant::now() + AGAIN);
                }
                Next::Silence => return Some(Ok(self.close(Ended::Silent))),
            }
        }
    }

    /// What happens next. What was said counts before the silence, and what is asked before what
    /// is told.
    async fn wait(&mut self) -> Next {
        let reads = !self.read_to_end && self.pending.len() < MOST_PENDING;
        let session = self.session.as_mut().map(|(session, _)| session);
        tokio::select! {
            biased;
            message = self.incoming.message(), if reads => Next::Message(message),
            turn = turn(&mut self.pending, session) => turn,
            () = stopped(&mut self.stopping) => Next::Stopping,
            () = &mut self.silence => Next::Silence,
        }
    }

    /// Takes a message; refused ones are answered, those that cannot be borne end the stream.
    async fn take(&mut self, request: wire::SessionRequest) -> Result<(), Ended> {
        let wire::SessionRequest { id, what } = request;
        if let Some((session, _)) = &self.session {
            session.heard();
        }
        self.restart_countdown();
        let answer = match (Message::of(what), &self.session) {
            (Message::Unknown, _) => message::nothing_said(),
            (Message::Beat(beat), _) => Pending::Beat(beat),
            (Message::Declare(_), Some(_)) => return Err(message::DECLARED_ALREADY),
            (Message::Declare(declare), None) => self.declare(declare).await,
            (Message::Asks(_), None) => return Err(message::DECLARE_FIRST),
            (Message::Asks(said), Some((session, declared))) => {
                let (pending, is_last) = message::ask(session, declared, said);
                self.read_to_end |= is_last;
                pending
            }
        };
        self.pending.push_back((id, answer));
        Ok(())
    }

    async fn declare(&mut self, said: wire::Declare) -> Pending {
        let declared = match convert::declared(said, self.peer, self.usual_timeout) {
            Ok(declared) => declared,
            Err(fault) => return message::refused(&fault),
        };
        let sender = Sender { face: "grpc", address: Some(self.peer), operator: None };
        let resumed = match declared.resume_token.as_slice() {
            [] => None,
            token => self.handle.resume_session(token, sender.clone()).await,
        };
        let is_resumed = resumed.is_some();
        let session = match resumed {
            Some(session) => session,
            None => match self.handle.open_session(declared.terms, sender).await {
                Ok(session) => session,
                Err(reject) => return Pending::Ready(wire::Outcome::Refusal(refusal(&reject))),
            },
        };
        let terms = session.terms();
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let granted = wire::Granted {
            session: session.id().0.into(),
            timeout_millis: millis(terms.timeout),
            grace_millis: millis(terms.grace),
            resume_token: session.token(),
            resumed: is_resumed,
            instances: session.instances().iter().map(convert::key_of).collect(),
            phi: terms.phi.map_or(0.0, PhiLevel::value),
        };
        self.session = Some((session, Declared { terms, ..declared }));
        self.restart_countdown();
        Pending::Ready(wire::Outcome::Granted(granted))
    }

    fn restart_countdown(&mut self) {
        let timeout =
            self.session.as_ref().map_or(self.usual_timeout, |(session, _)| session.terms().timeout);
        self.silence.as_mut().reset(Instant::now() + timeout);
    }

    /// Whether the registry has not concluded yet what the silence means: it may have been deaf, or allow more by what it learnt.
    fn is_waited_for(&self) -> bool {
        self.session.as_ref().is_some_and(|(session, _)| session.kept() > 0)
    }

    /// A last word, after which the stream ends.
    fn close(&mut self, ended: Ended) -> wire::Told {
        let reason = match ended {
            Ended::Stopping => wire::ClosingReason::Shutdown,
            Ended::ResumedElsewhere => wire::ClosingReason::ResumedElsewhere,
            Ended::Silent => wire::ClosingReason::Silent,
            Ended::WrongOrder(_) | Ended::Unreadable(..) | Ended::TooMany(_) => {
                wire::ClosingReason::Unspecified
            }
        };
        let message = ended.status().message().to_owned();
        self.end_by_registry();
        self.ended = Some(ended);
        wire::Told::Closing(wire::Closing { reason: reason.into(), message })
    }

    /// The registry ends the stream: that is nobody's loss.
    fn end(&mut self, ended: &Ended) -> Status {
        self.over = true;
        self.end_by_registry();
        ended.status()
    }

    /// The stream broke: by a message that cannot be read, which ends it here, or by its
    /// connection, which is the peer's doing.
    fn broken(&mut self, status: Status) -> Status {
        self.over = true;
        if status.source().is_some() || status.code() == Code::Cancelled {
            return status;
        }
        self.end(&Ended::Unreadable(status.code(), status.message().to_owned()))
    }

    fn end_by_registry(&mut self) {
        if let Some((session, _)) = &mut self.session {
            session.end_by_registry();
        }
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        // The server closes connections when it stops, also where this did not get its word in; and those
        // that answer nothing, which says nothing of the process at the other end.
        if stops(self.stopping.as_ref()) || self.carrier.is_given_up() {
            self.end_by_registry();
        }
    }
}

/// An answer whose turn it is, or what the registry tells meanwhile.
async fn turn(pending: &mut VecDeque<(u64, Pending)>, session: Option<&mut Session>) -> Next {
    match (pending.front_mut(), session) {
        (Some((_, first)), Some(session)) => Next::Answer(first.outcome(Some(session)).await),
        (Some((_, first)), None) => Next::Answer(first.outcome(None).await),
        (None, Some(session)) => Next::Event(session.told().await),
        (None, None) => std::future::pending().await,
    }
}
