//! [`Link`]: one connection of the session, with what is said and heard on it.
//!
//! What is heard is noted by a task of its own, so that a call which is broken off loses nothing but
//! its waiting.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream;
use lubdub_proto::v1::answer::Outcome;
use lubdub_proto::v1::session_request::What as Say;
use lubdub_proto::v1::session_response::What as Told;
use lubdub_proto::v1::{Declare, Goodbye, Granted, SessionRequest, SessionResponse};
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tonic::{Code, Streaming};
use tracing::{debug, info};

use super::conversation::{Conversation, Effect, Key, Standing};
use super::servers::Servers;
use crate::clock::Clock;
use crate::error::Error;

/// One connection. Dropping it closes the connection, without a goodbye.
pub(super) struct Link {
    said: mpsc::UnboundedSender<SessionRequest>,
    heard: Arc<Heard>,
    reader: AbortHandle,
}

/// What its reader keeps.
struct Heard {
    servers: Arc<Servers>,
    clock: Clock,
    conversation: Mutex<Conversation<oneshot::Sender<Outcome>>>,
    /// Why it is over.
    ended: Mutex<Option<Error>>,
}

impl Link {
    /// Opens one, and declares. `at_its_end` is called when it ended by itself.
    pub(super) async fn open(
        servers: &Arc<Servers>,
        clock: Clock,
        former: Option<&Self>,
        declare: Declare,
        at_its_end: impl FnOnce() + Send + 'static,
    ) -> Result<(Self, Granted), Error> {
        let mut client = servers.connect().await?;
        let (said, saying) = mpsc::unbounded_channel();
        let saying = stream::unfold(saying, async |mut saying| Some((saying.recv().await?, saying)));
        let stream = client.session(servers.request(saying)).await;
        let stream = stream.map_err(|status| servers.failed(&status))?.into_inner();
        let conversation = Conversation::after(former.map(|link| link.heard.conversation.lock()).as_deref());
        let heard = Arc::new(Heard {
            servers: servers.clone(),
            clock,
            conversation: Mutex::new(conversation),
            ended: Mutex::new(None),
        });
        let reading = heard.clone();
        let reader = tokio::spawn(async move {
            let error = reading.read(stream).await;
            debug!(registry = reading.servers.registry(), %error, "a connection of the session ended");
            *reading.ended.lock() = Some(error);
            reading.conversation.lock().end();
            at_its_end();
        });
        let link = Self { said, heard, reader: reader.abort_handle() };
        match link.ask(Effect::Nothing, Say::Declare(declare)).await? {
            Outcome::Granted(granted) => Ok((link, granted)),
            Outcome::Refusal(refusal) => Err(servers.refused(&refusal)),
            other => Err(servers.foreign(format!("it answers a declaration with {other:?}"))),
        }
    }

    /// Says something, and waits for the answer to it.
    pub(super) async fn ask(&self, effect: Effect, what: Say) -> Result<Outcome, Error> {
        let (answer, answered) = oneshot::channel();
        let now = self.heard.clock.now();
        {
            let mut conversation = self.heard.conversation.lock();
            if let Some(error) = self.heard.ended.lock().clone() {
                return Err(error);
            }
            // Sent before the lock is free, so that ids and messages have the same order.
            if let Some(id) = conversation.say(now, effect, answer) {
                // A reader that is gone has said why.
                drop(self.said.send(SessionRequest { id, what: Some(what) }));
            }
        }
        answered.await.map_err(|_| self.heard.why())
    }

    /// Ends the session with all that it has. Returns when that is answered.
    pub(super) async fn goodbye(&self) {
        // Whoever is not heard closes the connection, which is as good.
        drop(self.ask(Effect::Nothing, Say::Goodbye(Goodbye {})).await);
    }

    /// Whether it can be spoken on.
    pub(super) fn is_sound(&self, patience: Duration) -> bool {
        !self.has_ended() && !self.heard.conversation.lock().is_silent(self.heard.clock.now(), patience)
    }

    /// Whether it is over.
    pub(super) fn has_ended(&self) -> bool {
        self.heard.ended.lock().is_some()
    }

    /// What an instance is to the session.
    pub(super) fn standing(&self, key: &Key) -> Standing {
        self.heard.conversation.lock().standing(key)
    }

    /// Whether the session has any instance.
    pub(super) fn has_any(&self) -> bool {
        self.heard.conversation.lock().has_any()
    }

    /// Whether the session has nothing, and is not about to.
    pub(super) fn is_idle(&self) -> bool {
        self.heard.conversation.lock().is_idle()
    }

    /// Whether something that was said at most so long ago was answered.
    pub(super) fn is_fresh(&self, within: Duration) -> bool {
        self.heard.conversation.lock().is_fresh(self.heard.clock.now(), within)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("has_ended", &self.has_ended()).finish_non_exhaustive()
    }
}

impl Heard {
    /// Reads until nothing comes any more, and says why.
    async fn read(&self, mut stream: Streaming<SessionResponse>) -> Error {
        loop {
            match stream.message().await {
                Ok(Some(told)) => self.note(told.what),
                Ok(None) => return self.servers.unreachable("it ended the session's stream"),
                Err(status) if status.code() == Code::DeadlineExceeded => {
                    let (registry, reason) =
                        (self.servers.registry().to_owned(), status.message().to_owned());
                    return Error::SessionLost { registry, reason };
                }
                Err(status) => return self.servers.failed(&status),
            }
        }
    }

    fn note(&self, told: Option<Told>) {
        let registry = self.servers.registry();
        match told {
            Some(Told::Answer(answer)) => {
                let Some(outcome) = answer.outcome else { return };
                let is_done = !matches!(outcome, Outcome::Refusal(_));
                let waiting = {
                    let mut conversation = self.conversation.lock();
                    if let Outcome::Granted(granted) = &outcome {
                        conversation.granted(&granted.instances);
                    }
                    conversation.answered(answer.id, is_done)
                };
                for one in waiting {
                    // Whoever broke off does not want to know.
                    drop(one.send(outcome.clone()));
                }
            }
            Some(Told::Lost(lost)) => {
                let reason = lost.reason();
                let Some(key) = lost.instance else { return };
                let (service, id) = (&key.service, &key.id);
                info!(registry, %service, %id, ?reason, "an instance is not this session's any more");
                self.conversation.lock().lost(&key, reason);
            }
            Some(Told::Closing(closing)) => {
                debug!(registry, reason = ?closing.reason(), "the registry ends the connection");
            }
            // Of a newer registry.
            None => {}
        }
    }

    fn why(&self) -> Error {
        let ended = self.ended.lock().clone();
        ended.unwrap_or_else(|| self.servers.unreachable("the connection was given up"))
    }
}
