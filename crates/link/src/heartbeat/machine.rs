//! [`Heartbeat`]: what one end does when, and what came of it.

use std::time::Duration;

use lubdub_detect::Tick;

use super::config::{Concern, HeartbeatConfig, HeartbeatFault, Pings};
use super::flood::Flood;
use super::round_trip::RoundTrip;
use super::sent::{Belongs, Sent};
use crate::idle::{Idle, IdleConfig};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Send a ping with this id, before anything else that waits to be written.
    Ping(u64),
    /// Close the connection. Nothing more is wanted after that.
    Close(Verdict),
}

/// Why a connection is given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Verdict {
    /// Nothing whole was heard for so long.
    #[error("nothing was heard for {lasted:?}")]
    Silent {
        /// Since the last whole frame.
        lasted: Duration,
    },
    /// Nothing was heard after so many pings.
    #[error("{pings} pings in a row were not answered, and nothing was heard for {lasted:?}")]
    Unanswered {
        /// In a row.
        pings: u32,
        /// Since the last whole frame; short where the other end answers with ids that nobody sent.
        lasted: Duration,
    },
    /// More beats than are taken.
    #[error("{beats} beats came within {within:?}: more than are taken")]
    Flood {
        /// Pings, and pongs that nobody asked for.
        beats: u32,
        /// The interval.
        within: Duration,
    },
}

/// What a pong turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pong {
    /// The answer to a ping that waited for it.
    Answer {
        /// How long it took.
        round_trip: Duration,
        /// Worth a warning; told once until a round trip is in order again.
        concern: Option<Concern>,
    },
    /// Of a ping that does not wait: answered already, or too old.
    Repeated,
    /// Of a ping that was never sent.
    Unknown,
}

/// One end of a connection, beating and judging.
///
/// What is heard goes in, for each whole frame one of [`frame`](Self::frame), [`ping`](Self::ping) and [`pong`](Self::pong), then
/// [`read_complete`](Self::read_complete) when there is no more for now; and [`written`](Self::written) when everything is written. At the
/// [`deadline`](Self::deadline), [`check`](Self::check) says what to do, until it says nothing. As with [`Idle`], a deadline that moves
/// needs no new timer.
///
/// What counts as life:
///
/// - Any whole frame ends the silence, a pong with a wrong id, too: its bytes did come from the other end.
/// - Unanswered pings are forgotten at any frame but a pong, and at a pong that was waited for. A pong with an unknown id, or one that
///   comes twice, is counted ([`strays`](Self::strays)) and proves nothing: an end that answers with anything but what it was asked is given up
///   where `unanswered` is limited.
/// - Bytes of an unfinished frame excuse silence and missing answers, as they hold up the pongs behind them, but no ping is left out for them:
///   the other end wants to hear something, too. The bound is [`HeartbeatConfig::frame`].
/// - While a batch is being read, and so while nobody reads what has come, neither silence nor missing answers are judged.
/// - A check that comes much too late judges nobody, once in a row ([`HeartbeatConfig::pause`]); it pings again.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    config: HeartbeatConfig,
    /// When to ping. Silence is judged by what it knows of reading.
    idle: Idle,
    /// When the last ping was sent; at first, when the connection began.
    pinged: Tick,
    unanswered: u32,
    was_excused: bool,
    is_slow: bool,
    is_over: bool,
    /// Before this no silence is judged that was too long by then: this program stood still.
    excused: Tick,
    sent: Sent,
    flood: Flood,
    round_trip: RoundTrip,
    strays: u64,
}

impl Heartbeat {
    /// The end of a connection that began now; `first` is the id of its first ping, the others follow.
    ///
    /// # Errors
    ///
    /// The settings cannot be used.
    pub fn new(config: HeartbeatConfig, first: u64, now: Tick) -> Result<Self, HeartbeatFault> {
        config.check()?;
        let interval = if config.pings == Pings::WhenIdle { config.interval } else { Duration::ZERO };
        // A ping is late rather than left out, and for no bytes.
        let none = Duration::ZERO;
        let idle = IdleConfig { reader: interval, writer: interval, all: none, frame: none, pause: none };
        Ok(Self {
            config,
            idle: Idle::new(idle, now),
            pinged: now,
            unanswered: 0,
            was_excused: false,
            is_slow: false,
            is_over: false,
            excused: Tick(0),
            sent: Sent::new(first),
            flood: Flood::default(),
            round_trip: RoundTrip::default(),
            strays: 0,
        })
    }

    /// A whole frame was read that is no beat.
    pub fn frame(&mut self) {
        self.idle.reading();
        self.unanswered = 0;
    }

    /// There is nothing more to read for now.
    pub fn read_complete(&mut self, now: Tick) {
        self.idle.read_complete(now);
    }

    /// Everything that was to be written is written.
    pub fn written(&mut self, now: Tick) {
        self.idle.written(now);
    }

    /// Bytes of an unfinished frame came in.
    pub fn moved_in(&mut self, now: Tick) {
        self.idle.moved_in(now);
    }

    /// A ping was read: it is to be answered, before anything else that waits to be written.
    ///
    /// # Errors
    ///
    /// It is one too many: the connection is to be closed.
    pub fn ping(&mut self, now: Tick) -> Result<(), Verdict> {
        self.frame();
        self.beat(now)
    }

    /// A pong was read; without an id it answers the oldest ping that waits.
    ///
    /// # Errors
    ///
    /// Too many of them answer nothing: the connection is to be closed.
    pub fn pong(&mut self, now: Tick, id: Option<u64>) -> Result<Pong, Verdict> {
        self.idle.reading();
        let sent = match self.sent.pong(id) {
            Belongs::To(sent) => sent,
            other => {
                self.strays = self.strays.saturating_add(1);
                self.beat(now)?;
                return Ok(if other == Belongs::Past { Pong::Repeated } else { Pong::Unknown });
            }
        };
        self.unanswered = 0;
        let round_trip = now.since(sent);
        self.round_trip.took(round_trip);
        let HeartbeatConfig { interval, timeout, .. } = self.config;
        let was_slow = std::mem::replace(&mut self.is_slow, round_trip >= interval);
        let is_news = self.is_slow && !was_slow;
        let concern = is_news.then_some(Concern::SlowRoundTrip { round_trip, interval, timeout });
        Ok(Pong::Answer { round_trip, concern })
    }

    /// When to [`check`](Self::check). None where nothing is to be done by itself.
    pub fn deadline(&self) -> Option<Tick> {
        if self.is_over {
            return None;
        }
        let silence = self.silent_at().map(|silent| silent.max(self.excused));
        [self.next_ping(), silence].into_iter().flatten().min()
    }

    /// What to do by now; call it until it says nothing.
    pub fn check(&mut self, now: Tick) -> Option<Action> {
        if self.is_over {
            return None;
        }
        self.notice_pause(now);
        if self.is_ping_due(now) {
            let HeartbeatConfig { interval, frame, unanswered, .. } = self.config;
            let is_excused = self.was_excused || self.idle.is_moving_in(now, interval, frame);
            if unanswered > 0 && self.unanswered >= unanswered && !is_excused {
                let pings = self.unanswered;
                return Some(self.close(Verdict::Unanswered { pings, lasted: self.silent_for(now) }));
            }
            self.pinged = now;
            self.unanswered = self.unanswered.saturating_add(1);
            return Some(Action::Ping(self.sent.ping(now)));
        }
        let is_silent = self.silent_at().is_some_and(|silent| silent.max(self.excused) <= now);
        is_silent.then(|| self.close(Verdict::Silent { lasted: self.silent_for(now) }))
    }

    /// How long nothing whole has been heard; zero while a batch is being read.
    pub fn silent_for(&self, now: Tick) -> Duration {
        if self.idle.is_reading() { Duration::ZERO } else { now.since(self.last_heard()) }
    }

    /// How far pings are apart.
    pub const fn interval(&self) -> Duration {
        self.config.interval
    }

    /// When something whole was heard last; at first, when the connection began.
    pub const fn last_heard(&self) -> Tick {
        self.idle.last_read()
    }

    /// How many pings in a row nothing was heard after.
    pub const fn unanswered(&self) -> u32 {
        self.unanswered
    }

    /// How many pongs answered nothing that waited.
    pub const fn strays(&self) -> u64 {
        self.strays
    }

    /// What pings and their pongs took.
    pub const fn round_trip(&self) -> &RoundTrip {
        &self.round_trip
    }

    /// When to see whether a ping is due.
    fn next_ping(&self) -> Option<Tick> {
        match self.config.pings {
            Pings::Never => None,
            Pings::WhenIdle => self.idle.deadline(),
            Pings::EachInterval => Some(self.pinged.after(self.config.interval)),
        }
    }

    /// When the silence is too long.
    fn silent_at(&self) -> Option<Tick> {
        let HeartbeatConfig { timeout, frame, .. } = self.config;
        if timeout.is_zero() { None } else { self.idle.read_idle_at(timeout, frame) }
    }

    /// Notices a check that comes much too late. It judges nobody; the next one does, whether it is late or not.
    fn notice_pause(&mut self, now: Tick) {
        let Some(due) = self.deadline().filter(|due| *due <= now) else { return };
        let pause = self.config.pause;
        let is_late = !pause.is_zero() && due.after(pause) < now;
        self.was_excused = is_late && !self.was_excused;
        // Whoever was excused once is not a second time.
        if self.was_excused && self.silent_at().is_some_and(|silent| silent > self.excused) {
            self.excused = now.after(pause);
        }
    }

    /// Whether a ping is due. One that is due soon after another is left out: an end that fell silent for reading shortly after it
    /// did for writing would be asked twice, and judged by the shorter time.
    fn is_ping_due(&mut self, now: Tick) -> bool {
        let is_far = self.pinged.after(self.config.interval) <= now;
        match self.config.pings {
            Pings::Never => false,
            Pings::EachInterval => is_far,
            Pings::WhenIdle => {
                let mut is_idle = false;
                while self.idle.check(now).is_some() {
                    is_idle = true;
                }
                is_idle && is_far
            }
        }
    }

    fn beat(&mut self, now: Tick) -> Result<(), Verdict> {
        let HeartbeatConfig { beats, interval, .. } = self.config;
        let Some(beats) = self.flood.beat(now, beats, interval) else { return Ok(()) };
        self.is_over = true;
        Err(Verdict::Flood { beats, within: interval })
    }

    fn close(&mut self, verdict: Verdict) -> Action {
        self.is_over = true;
        Action::Close(verdict)
    }
}

#[cfg(test)]
mod tests;
