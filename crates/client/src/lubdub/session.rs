//! [`Session`]: the one session, opened when it is needed, and taken up again when its connection is
//! lost or silent.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use lubdub_proto::v1::Declare;
use parking_lot::Mutex;
use tokio::time::{sleep, timeout};
use tracing::{debug, info};

use super::link::Link;
use super::servers::Servers;
use crate::clock::Clock;
use crate::error::Error;
use crate::terms::Terms;

/// After a connection is lost another is tried at once, then after this, then twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// No longer than this, so that a proxy which was reloaded is not waited for long.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

type Opening = Shared<BoxFuture<'static, Result<Arc<Link>, Error>>>;

/// The session of one registry.
pub(super) struct Session {
    me: Weak<Self>,
    servers: Arc<Servers>,
    terms: Terms,
    grace: Duration,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The newest connection, also one that is over or silent, until another takes its place.
    link: Option<Arc<Link>>,
    /// By which the session is taken up again; a secret.
    token: Vec<u8>,
    /// The one attempt that is under way: two would take the session from each other.
    opening: Option<Opening>,
}

impl Session {
    pub(super) fn new(servers: Arc<Servers>, terms: Terms, grace: Duration) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            servers,
            terms,
            grace,
            clock: Clock::start(),
            state: Mutex::default(),
        })
    }

    /// A connection on which the session can be spoken to.
    pub(super) async fn link(&self) -> Result<Arc<Link>, Error> {
        let opening = {
            let mut state = self.state.lock();
            if let Some(link) = state.link.as_ref().filter(|link| link.is_sound(self.terms.patience)) {
                return Ok(link.clone());
            }
            state.opening.get_or_insert_with(|| self.begin_opening()).clone()
        };
        opening.await
    }

    /// On a task of its own: were it broken off after the registry granted it, the session would end
    /// with the connection.
    fn begin_opening(&self) -> Opening {
        let me = self.me.clone();
        let task = tokio::spawn(async move {
            let session = me.upgrade().ok_or(Error::ShutDown)?;
            session.open().await
        });
        async move { task.await.unwrap_or(Err(Error::ShutDown)) }.boxed().shared()
    }

    async fn open(&self) -> Result<Arc<Link>, Error> {
        let (former, resume_token) = {
            let state = self.state.lock();
            (state.link.clone(), state.token.clone())
        };
        let is_first = resume_token.is_empty();
        let declare = Declare {
            address: None,
            timeout_millis: millis(self.terms.timeout),
            grace_millis: millis(self.grace),
            resume_token,
            phi: self.terms.phi.unwrap_or_default(),
        };
        let me = self.me.clone();
        let at_its_end = move || {
            if let Some(session) = me.upgrade() {
                session.take_up_again();
            }
        };
        let opening = Link::open(&self.servers, self.clock, former.as_deref(), declare, at_its_end);
        let opened = timeout(self.terms.patience, opening).await;
        let mut state = self.state.lock();
        state.opening = None;
        let opened = opened.unwrap_or_else(|_| Err(self.servers.timed_out()));
        let (link, granted) = opened.inspect_err(|error| self.servers.note(error))?;
        let registry = self.servers.registry();
        let (session, resumed, kept) = (granted.session, granted.resumed, granted.instances.len());
        if is_first {
            debug!(registry, session, "a session is open");
        } else {
            info!(registry, session, resumed, kept, "a session is open again");
        }
        let link = Arc::new(link);
        state.token = granted.resume_token;
        // The one before is given up only now.
        state.link = Some(link.clone());
        Ok(link)
    }

    /// A connection ended by itself: where it kept something, another is opened before anybody asks.
    fn take_up_again(&self) {
        let is_lost = |link: &Arc<Link>| link.has_ended() && link.has_any();
        if !self.state.lock().link.as_ref().is_some_and(is_lost) {
            return;
        }
        let (me, clock, timeout) = (self.me.clone(), self.clock, self.terms.timeout);
        let began = clock.now();
        tokio::spawn(async move {
            let mut pause = FIRST_PAUSE;
            // After the time-out there is nothing left to take up.
            while clock.now().since(began) < timeout {
                let Some(session) = me.upgrade() else { return };
                match session.link().await {
                    Ok(_) => return,
                    Err(error) if error.is_callers() => return,
                    Err(_) => drop(session),
                }
                // Those who lost the same proxy do not come all at once.
                sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        });
    }

    /// Ends the session where it has nothing any more.
    pub(super) fn rest(&self) {
        let link = {
            let mut state = self.state.lock();
            if !state.link.as_ref().is_some_and(|link| link.is_idle()) {
                return;
            }
            state.token.clear();
            state.link.take()
        };
        let Some(link) = link else { return };
        let patience = self.terms.patience;
        tokio::spawn(async move { drop(timeout(patience, link.goodbye()).await) });
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.servers.registry())
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
