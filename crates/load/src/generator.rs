//! [`Generator`]: one thread that keeps the connections and sends what a schedule hands out.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::{Events, Poll, Token};

use crate::connection::{Arrived, Connection, State};
use crate::process::own_cpu;
use crate::schedule::{Schedule, Ticket, Turn};
use crate::speech::{Action, Speech};
use crate::tally::{Fault, Tally};
use crate::timer::Timer;
use crate::{Error, Hooks, Progress, Stage};

/// How long a server may be gone, or silent, before a run is given up.
const GONE: Duration = Duration::from_secs(3);
const SILENT: Duration = Duration::from_secs(20);

/// How long answers are waited for when nothing more is sent.
const DRAIN: Duration = Duration::from_secs(5);

/// How often progress is told, and stopping looked for.
const GLANCE: Duration = Duration::from_millis(100);

/// A poll that took longer has slept: nothing lay there before it ended.
const SLEPT: Duration = Duration::from_micros(20);

const BUFFER: usize = 64 * 1024;
const TIMER: Token = Token(usize::MAX - 1);

/// What is to be sent in one run.
pub(crate) struct Job<'a> {
    /// When.
    pub(crate) schedule: Schedule,
    /// What: by number.
    pub(crate) action: &'a dyn Fn(u64) -> Action,
    /// What the run is called where progress is told.
    pub(crate) stage: Stage,
}

/// Keeps connections from run to run.
pub(crate) struct Generator<S> {
    address: SocketAddr,
    speech: S,
    poll: Poll,
    timer: Timer,
    events: Events,
    buffer: Vec<u8>,
    connections: Vec<Connection>,
}

impl<S: Speech> Generator<S> {
    /// With so many connections, which are still to be made.
    pub(crate) fn new(address: SocketAddr, connections: usize, speech: S) -> Result<Self, Error> {
        let refused = |source| Error::Generator { what: "wait for connections", source };
        let poll = Poll::new().map_err(refused)?;
        let timer = Timer::new(poll.registry(), TIMER).map_err(refused)?;
        Ok(Self {
            address,
            speech,
            poll,
            timer,
            events: Events::with_capacity(1_024),
            buffer: vec![0; BUFFER],
            connections: (0..connections).map(|number| Connection::new(Token(number))).collect(),
        })
    }

    /// Runs a job to its end, or until `hooks` say to stop.
    ///
    /// # Errors
    ///
    /// The system refuses what the generator itself needs.
    pub(crate) fn run(&mut self, job: Job<'_>, hooks: &Hooks<'_>) -> Result<Tally, Error> {
        let events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        let mut run = Run::begin(self, job);
        let ended = run.drive(events, hooks);
        let tally = run.tally;
        self.events = ended.map_err(|source| Error::Generator { what: "go on", source })?;
        Ok(tally)
    }
}

/// One run.
struct Run<'a, S> {
    of: &'a mut Generator<S>,
    job: Job<'a>,
    start: Instant,
    tally: Tally,
    free: VecDeque<usize>,
    in_flight: usize,
    connected: usize,
    /// How many connections are to be made again at some time.
    down: usize,
    /// The end has come, and what was due before and had a connection was sent.
    has_ended: bool,
    over_since: Option<Duration>,
    alone_since: Option<Duration>,
    last_answer: Duration,
    /// Answers that are read now came no earlier.
    watched_since: Duration,
}

impl<'a, S: Speech> Run<'a, S> {
    fn begin(of: &'a mut Generator<S>, job: Job<'a>) -> Self {
        of.connections.iter_mut().for_each(Connection::begin);
        of.timer.reset();
        let free: VecDeque<_> = (0..)
            .zip(&of.connections)
            .filter(|(_, it)| it.state() == State::Free)
            .map(|(at, _)| at)
            .collect();
        let (connected, down) = (free.len(), of.connections.len() - free.len());
        Self {
            of,
            job,
            start: Instant::now(),
            tally: Tally::default(),
            free,
            in_flight: 0,
            connected,
            down,
            has_ended: false,
            over_since: None,
            alone_since: None,
            last_answer: Duration::ZERO,
            watched_since: Duration::ZERO,
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn drive(&mut self, mut events: Events, hooks: &Hooks<'_>) -> io::Result<Events> {
        let cpu = own_cpu();
        let (mut glance, mut returned) = (Duration::ZERO, Duration::ZERO);
        loop {
            let now = self.now();
            if now >= glance {
                glance = now + GLANCE;
                self.look_up(now, hooks);
            }
            self.reconnect(now);
            let wake = self.dispatch(now);
            if self.is_over(now) {
                break;
            }
            let asked = self.now();
            let most = self.of.timer.arm(wake.min(glance), asked)?;
            match self.of.poll.poll(&mut events, most) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            let now = self.now();
            self.watched_since = if now.saturating_sub(asked) > SLEPT { now } else { returned };
            returned = now;
            for event in &events {
                self.on(event);
            }
        }
        let now = self.now();
        self.abandon(now);
        self.tally.unsent = self.job.schedule.unsent(now);
        self.tally.elapsed = now;
        self.tally.cpu = own_cpu().saturating_sub(cpu);
        Ok(events)
    }

    /// Tells how far it is, and looks whether to stop.
    fn look_up(&mut self, now: Duration, hooks: &Hooks<'_>) {
        if hooks.is_stopped() {
            self.job.schedule.stop(now);
        }
        let (requests, errors) = (self.tally.succeeded() + self.tally.errors(), self.tally.errors());
        hooks.tell(Progress { stage: self.job.stage, elapsed: now, requests, errors });
    }

    /// Makes what is to be made again.
    fn reconnect(&mut self, now: Duration) {
        if self.down == 0 || self.over_since.is_some() {
            return;
        }
        for connection in &mut self.of.connections {
            if !matches!(connection.state(), State::Down(from) if from <= now) {
                continue;
            }
            if let Ok(again) = connection.connect(self.of.address, self.of.poll.registry(), now) {
                self.down -= 1;
                self.tally.reconnections += u64::from(again);
            } else {
                connection.lose(Some(Fault::Connect), now);
                self.tally.failed(Fault::Connect);
            }
        }
    }

    /// Gives what is due to connections that are free; when to look again at the latest.
    fn dispatch(&mut self, now: Duration) -> Duration {
        let mut wake = self.job.schedule.end();
        if self.has_ended {
            return Duration::MAX;
        }
        // Once more at the end: what is due and has a connection is late, but it is not unsent.
        self.has_ended = now >= wake;
        while let Some(at) = self.free.pop_front() {
            match self.job.schedule.turn(now) {
                Turn::Send(ticket) => self.send(at, ticket, now),
                turn => {
                    self.free.push_front(at);
                    if let Turn::Wait(until) = turn {
                        wake = until;
                    }
                    break;
                }
            }
        }
        wake
    }

    fn send(&mut self, at: usize, ticket: Ticket, now: Duration) {
        let Some(connection) = self.of.connections.get_mut(at) else { return };
        let (speech, action) = (&self.of.speech, (self.job.action)(ticket.number));
        self.in_flight += 1;
        let sent = connection.send(ticket, now, |request| speech.write(action, request));
        if let Arrived::Lost(fault) = sent {
            self.lost(true, fault);
        }
    }

    fn on(&mut self, event: &Event) {
        let at = event.token().0;
        let now = self.now();
        let Some(connection) = self.of.connections.get_mut(at) else { return };
        let before = connection.state();
        match connection.on(event, now, &mut self.of.buffer) {
            Arrived::Nothing => {}
            Arrived::Connected => {
                self.connected += 1;
                self.free(at, now);
            }
            Arrived::Answer(ticket, own, answer) => {
                let is_open = connection.state() == State::Free;
                self.in_flight -= 1;
                self.last_answer = now;
                self.tally.body_bytes += answer.body_bytes;
                self.tally.answered(answer.status, ticket.due, now);
                self.tally.punctuality.delayed(own + now.saturating_sub(self.watched_since));
                if is_open {
                    self.free(at, now);
                } else {
                    self.connected -= 1;
                    self.down += 1;
                }
            }
            Arrived::Lost(fault) => match before {
                State::Busy(..) => self.lost(true, fault),
                State::Connecting => {
                    self.down += 1;
                    self.tally.failed(Fault::Connect);
                }
                _ => {
                    self.free.retain(|free| *free != at);
                    self.lost(false, fault);
                }
            },
        }
    }

    /// A connection that was made is no more.
    fn lost(&mut self, was_busy: bool, fault: Option<Fault>) {
        self.in_flight -= usize::from(was_busy);
        self.connected -= 1;
        self.down += 1;
        if let Some(fault) = fault {
            self.tally.failed(fault);
        }
    }

    /// A connection is free: what is due goes out at once, unless others were free before it.
    fn free(&mut self, at: usize, now: Duration) {
        if !self.free.is_empty() || now >= self.job.schedule.end() {
            self.free.push_back(at);
            return;
        }
        match self.job.schedule.turn(now) {
            Turn::Send(ticket) => self.send(at, ticket, now),
            Turn::Wait(_) | Turn::Over => self.free.push_back(at),
        }
    }

    /// Whether nothing more is to be sent or waited for.
    fn is_over(&mut self, now: Duration) -> bool {
        if self.connected > 0 {
            self.alone_since = None;
        } else if self.alone_since.is_none() {
            self.alone_since = Some(now);
        }
        if let Some(since) = self.alone_since.filter(|since| now.saturating_sub(*since) >= GONE) {
            self.tally.gone_after = Some(since);
            return true;
        }
        if self.in_flight > 0 && now.saturating_sub(self.last_answer) >= SILENT {
            self.tally.gone_after = Some(self.last_answer);
            return true;
        }
        let is_over = now >= self.job.schedule.end() || self.job.schedule.is_exhausted();
        if !is_over {
            return false;
        }
        let since = *self.over_since.get_or_insert(now);
        self.in_flight == 0 || now.saturating_sub(since) >= DRAIN
    }

    /// What is still in flight is not waited for; its connections end.
    fn abandon(&mut self, now: Duration) {
        for connection in &mut self.of.connections {
            if matches!(connection.state(), State::Busy(..)) {
                connection.lose(Some(Fault::Unanswered), now);
                self.tally.failed(Fault::Unanswered);
            }
        }
    }
}
