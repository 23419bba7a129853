//! What goes over the connections of sessions: in order and whole, as TCP has it, or not at all.

use std::time::Duration;

use lubdub_core::session::SessionTerms;

use crate::client::Outcome;
use crate::connections::Message;
use crate::network::Direction;
use crate::server::Request;
use crate::session::Say;
use crate::time::{MILLI, Time};
use crate::world::{Event, World};

/// How often something is sent before a sender's patience is over anyway.
const TRIES: u32 = 5;

impl World<'_> {
    /// A process says on its session what comes next.
    pub(crate) fn speak(&mut self, host: usize, process: u32, attempt: u32) {
        let Some(it) = self.hosts.get_mut(host) else { return };
        let Some(session) = it.session.as_mut().filter(|session| session.process == process) else { return };
        // Its connection broke while it waited to speak.
        if session.attempt != attempt {
            return;
        }
        if session.connection.is_none() {
            self.connections += 1;
            session.connection = Some(self.connections);
        }
        let say = session.next(&it.providers);
        let (attempt, patience) = (session.attempt, session.patience());
        let timed_out = Event::Hear { host, process, attempt, outcome: Outcome::TimedOut };
        self.agenda.note(self.now.plus(it.really(patience)), timed_out);
        self.tally.count("said on a session");
        self.say(host, say);
    }

    fn say(&mut self, host: usize, say: Say) {
        let Some(it) = self.hosts.get(host) else { return };
        let Some((session, connection)) =
            it.session.as_ref().and_then(|session| Some((session, session.connection?)))
        else {
            return;
        };
        let command = match say {
            Say::Register { provider } => self.providers.get(provider).map(|asks| asks.registration(it)),
            _ => None,
        };
        let terms = SessionTerms {
            timeout: Duration::from_micros(session.timeout),
            grace: Duration::from_micros(session.grace),
            phi: session.phi,
        };
        let attempt = session.attempt;
        let message = Message { connection, host, attempt, say, terms, command };
        self.deliver(host, Request::Said(message));
    }

    /// An answer came on a session, or its end.
    pub(crate) fn hear(&mut self, host: usize, process: u32, attempt: u32, outcome: Outcome) {
        let Some(it) = self.hosts.get_mut(host) else { return };
        let Some(session) = it.session.as_mut().filter(|session| session.process == process) else { return };
        if session.attempt != attempt {
            return;
        }
        // Nobody waits for the answer to this any more.
        let attempt = session.attempt + 1;
        session.attempt = attempt;
        let before = session.connection;
        let after = session.after(outcome, it.providers.len(), &mut self.chance);
        let after = it.really(after);
        self.agenda.note(self.now.plus(after), Event::Speak { host, process, attempt });
        match outcome {
            Outcome::TimedOut => {
                self.tally.count("session timed out");
                self.close(host, before);
            }
            Outcome::Unknown => self.close(host, before),
            _ => {}
        }
    }

    /// A connection is gone for its process, which did not close it.
    pub(crate) fn broken(&mut self, host: usize, connection: u64) {
        let session = self.hosts.get(host).and_then(|it| it.session.as_ref());
        if let Some(session) = session.filter(|session| session.connection == Some(connection)) {
            let (process, attempt) = (session.process, session.attempt);
            self.tally.count("connection broke");
            self.hear(host, process, attempt, Outcome::Refused);
        }
    }

    /// A process closes its connection, or it is closed for it by its machine.
    pub(crate) fn close(&mut self, host: usize, connection: Option<u64>) {
        if let Some(connection) = connection {
            self.deliver(host, Request::Closed { connection, host });
        }
    }

    /// The process of a session dies. `is_told`: its machine goes on, and closes its connection.
    pub(crate) fn end_session_of(&mut self, host: usize, is_told: bool) {
        let connection = self.hosts.get_mut(host).and_then(|it| it.session.as_mut()?.die());
        if is_told {
            self.close(host, connection);
        }
    }

    /// The process of a session leaves in good order; whether there was one.
    pub(crate) fn say_goodbye(&mut self, host: usize) -> bool {
        let is_there = self.hosts.get(host).is_some_and(|it| it.session.is_some());
        if is_there {
            self.say(host, Say::Goodbye);
            self.end_session_of(host, true);
        }
        is_there
    }

    /// Something between a machine and the registry closes the connection in both directions.
    pub(crate) fn cut_connection(&mut self, host: usize) {
        let Some(connection) = self.hosts.get(host).and_then(|it| it.session.as_ref()?.connection) else {
            return;
        };
        let at = self.now.plus(self.chance.below(20 * MILLI));
        self.agenda.note(at, Event::Arrive(Request::Closed { connection, host }));
        let at = self.now.plus(self.chance.below(20 * MILLI));
        self.agenda.note(at, Event::Broken { host, connection });
    }

    fn deliver(&mut self, host: usize, request: Request) {
        if let Some(at) = self.carried(host, Direction::ToRegistry) {
            // Nothing overtakes on a connection.
            let last = self.arrivals.entry(host).or_default();
            let at = at.max(last.plus(1));
            *last = at;
            self.agenda.note(at, Event::Arrive(request));
        }
    }

    /// When something arrives that is sent again where it is lost.
    pub(crate) fn carried(&mut self, host: usize, direction: Direction) -> Option<Time> {
        let mut pause = 0;
        for time in 0..TRIES {
            let [at, _] = self.network.carry(self.now, host, direction, &mut self.tally);
            if let Some(at) = at {
                return Some(at.plus(pause));
            }
            pause += (200 * MILLI) << time;
        }
        None
    }
}
