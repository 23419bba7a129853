//! [`Connection`]: one connection to the server, with one request in flight at most.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use mio::event::Event;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use crate::answer::{Answer, Reader};
use crate::schedule::Ticket;
use crate::tally::Fault;

/// How long after a failure a connection is tried again.
const PAUSE: Duration = Duration::from_millis(100);

/// What a connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It is to be made from this time on.
    Down(Duration),
    /// It is being made.
    Connecting,
    /// It takes a request.
    Free,
    /// It waits for the answer to this one; so much of its latency is the generator's own.
    Busy(Ticket, Duration),
}

/// What an event on a connection came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrived {
    /// Nothing yet.
    Nothing,
    /// It is connected.
    Connected,
    /// The answer to this request.
    Answer(Ticket, Duration, Answer),
    /// It is lost; the fault, if that cost anything.
    Lost(Option<Fault>),
}

/// One connection.
#[derive(Debug)]
pub(crate) struct Connection {
    token: Token,
    stream: Option<TcpStream>,
    reader: Reader,
    outgoing: Vec<u8>,
    written: usize,
    state: State,
    free_since: Duration,
    was_connected: bool,
}

impl Connection {
    /// One that is still to be made.
    pub(crate) fn new(token: Token) -> Self {
        Self {
            token,
            stream: None,
            reader: Reader::default(),
            outgoing: Vec::new(),
            written: 0,
            state: State::Down(Duration::ZERO),
            free_since: Duration::ZERO,
            was_connected: false,
        }
    }

    pub(crate) fn state(&self) -> State {
        self.state
    }

    /// A new run begins, with a clock of its own.
    pub(crate) fn begin(&mut self) {
        self.free_since = Duration::ZERO;
        self.state = match self.state {
            State::Free => State::Free,
            _ => State::Down(Duration::ZERO),
        };
    }

    /// Begins to connect; whether it had been connected before.
    ///
    /// # Errors
    ///
    /// The system refuses at once; it is to be tried again.
    pub(crate) fn connect(&mut self, to: SocketAddr, registry: &Registry, now: Duration) -> io::Result<bool> {
        self.close(now);
        let mut stream = TcpStream::connect(to)?;
        registry.register(&mut stream, self.token, Interest::READABLE | Interest::WRITABLE)?;
        self.stream = Some(stream);
        self.state = State::Connecting;
        Ok(self.was_connected)
    }

    /// Sends a request, which `write` appends.
    pub(crate) fn send(
        &mut self,
        ticket: Ticket,
        now: Duration,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Arrived {
        // What it waited for while no connection was free is the server's.
        let own = if self.free_since <= ticket.due { now.saturating_sub(ticket.due) } else { Duration::ZERO };
        self.state = State::Busy(ticket, own);
        self.outgoing.clear();
        self.written = 0;
        write(&mut self.outgoing);
        if self.flush().is_err() { self.lose(Some(Fault::Closed), now) } else { Arrived::Nothing }
    }

    /// Takes what happened.
    pub(crate) fn on(&mut self, event: &Event, now: Duration, buffer: &mut [u8]) -> Arrived {
        if self.state == State::Connecting {
            return self.connected(event, now);
        }
        if event.is_writable() && self.written < self.outgoing.len() && self.flush().is_err() {
            return self.lose(Some(Fault::Closed), now);
        }
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            return self.read(event.is_read_closed() || event.is_error(), now, buffer);
        }
        Arrived::Nothing
    }

    /// Ends it; it is made anew after a pause.
    pub(crate) fn lose(&mut self, fault: Option<Fault>, now: Duration) -> Arrived {
        self.close(now);
        if fault.is_some() {
            self.state = State::Down(now + PAUSE);
        }
        Arrived::Lost(fault)
    }

    fn close(&mut self, now: Duration) {
        self.stream = None;
        self.reader = Reader::default();
        self.outgoing.clear();
        self.written = 0;
        self.state = State::Down(now);
    }

    fn connected(&mut self, event: &Event, now: Duration) -> Arrived {
        let Some(stream) = &self.stream else { return Arrived::Nothing };
        let has_failed = event.is_error() || !matches!(stream.take_error(), Ok(None));
        if has_failed {
            return self.lose(Some(Fault::Connect), now);
        }
        // An event can come before the end of the handshake.
        if !event.is_writable() || stream.peer_addr().is_err() {
            return Arrived::Nothing;
        }
        let _ = stream.set_nodelay(true);
        (self.state, self.free_since, self.was_connected) = (State::Free, now, true);
        Arrived::Connected
    }

    fn flush(&mut self) -> io::Result<()> {
        let Some(stream) = &mut self.stream else { return Err(io::ErrorKind::NotConnected.into()) };
        while let Some(rest) = self.outgoing.get(self.written..).filter(|rest| !rest.is_empty()) {
            match stream.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => self.written += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads what there is. `has_ended`: the end of the connection is there too.
    fn read(&mut self, has_ended: bool, now: Duration, buffer: &mut [u8]) -> Arrived {
        loop {
            let Some(stream) = &mut self.stream else { return Arrived::Nothing };
            match stream.read(buffer) {
                Ok(0) => return self.ended(now),
                Ok(count) => {
                    let arrived = buffer.get(..count).unwrap_or_default();
                    let State::Busy(ticket, own) = self.state else {
                        // Nobody asked.
                        return self.lose(Some(Fault::Malformed), now);
                    };
                    match self.reader.take(arrived) {
                        Ok(Some(answer)) => return self.answered(ticket, own, answer, has_ended, now),
                        Ok(None) => {}
                        Err(_) => return self.lose(Some(Fault::Malformed), now),
                    }
                    // A read that does not fill the buffer has emptied the socket.
                    if count < buffer.len() && !has_ended {
                        return Arrived::Nothing;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Arrived::Nothing,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return self.ended(now),
            }
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        own: Duration,
        answer: Answer,
        has_ended: bool,
        now: Duration,
    ) -> Arrived {
        if answer.closes || has_ended {
            self.close(now);
        } else {
            (self.state, self.free_since) = (State::Free, now);
        }
        Arrived::Answer(ticket, own, answer)
    }

    fn ended(&mut self, now: Duration) -> Arrived {
        match self.state {
            State::Busy(ticket, own) => match self.reader.ended() {
                Some(answer) => self.answered(ticket, own, answer, true, now),
                None => self.lose(Some(Fault::Closed), now),
            },
            // Servers may close what is idle.
            _ => self.lose(None, now),
        }
    }
}
