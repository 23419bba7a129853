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
    /// When to ping.
    quiet: Idle,
    /// When silence is too long.
    silence: Idle,
    /// When the last ping was sent; at first, when the connection began.
    pinged: Tick,
    unanswered: u32,
    sent: Sent,
    flood: Flood,
    round_trip: RoundTrip,
    strays: u64,
    is_slow: bool,
    was_excused: bool,
    is_over: bool,
}

impl Heartbeat {
    /// The end of a connection that began now; `first` is the id of its first ping, the others follow.
    ///
    /// # Errors
    ///
    /// The settings cannot be used.
    pub fn new(config: HeartbeatConfig, first: u64, now: Tick) -> Result<Self, HeartbeatFault> {
        config.check()?;
        let idle_for = if config.pings == Pings::WhenIdle { config.interval } else { Duration::ZERO };
        let quiet = IdleConfig {
            reader: idle_for,
            writer: idle_for,
            frame: Duration::ZERO,
            pause: Duration::ZERO,
            ..IdleConfig::default()
        };
        let silence = IdleConfig {
            reader: config.timeout,
            frame: config.frame,
            pause: config.pause,
            ..IdleConfig::default()
        };
        Ok(Self {
            config,
            quiet: Idle::new(quiet, now),
            silence: Idle::new(silence, now),
            pinged: now,
            unanswered: 0,
            sent: Sent::new(first),
            flood: Flood::new(config.beats, config.interval),
            round_trip: RoundTrip::default(),
            strays: 0,
            is_slow: false,
            was_excused: false,
            is_over: false,
        })
    }

    /// A whole frame was read that is no beat.
    pub fn frame(&mut self) {
        self.reading();
        self.unanswered = 0;
    }

    /// There is nothing more to read for now.
    pub fn read_complete(&mut self, now: Tick) {
        self.quiet.read_complete(now);
        self.silence.read_complete(now);
    }

    /// Everything that was to be written is written.
    pub fn written(&mut self, now: Tick) {
        self.quiet.written(now);
    }

    /// Bytes of an unfinished frame came in.
    pub fn moved_in(&mut self, now: Tick) {
        self.silence.moved_in(now);
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
        self.reading();
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
        [self.next_ping(), self.silence.deadline()].into_iter().flatten().min()
    }

    /// What to do by now; call it until it says nothing.
    pub fn check(&mut self, now: Tick) -> Option<Action> {
        if self.is_over {
            return None;
        }
        let due = self.next_ping();
        if self.is_ping_due(now) {
            let is_excused = self.excuses(now, due) || self.silence.is_moving_in(now, self.config.interval);
            if self.config.unanswered > 0 && self.unanswered >= self.config.unanswered && !is_excused {
                let pings = self.unanswered;
                return Some(self.close(Verdict::Unanswered { pings, lasted: self.silent_for(now) }));
            }
            self.pinged = now;
            self.unanswered = self.unanswered.saturating_add(1);
            return Some(Action::Ping(self.sent.ping(now)));
        }
        let _ = self.silence.check(now)?;
        Some(self.close(Verdict::Silent { lasted: self.silent_for(now) }))
    }

    /// How long nothing whole has been heard; zero while a batch is being read.
    pub fn silent_for(&self, now: Tick) -> Duration {
        if self.silence.is_reading() { Duration::ZERO } else { now.since(self.last_heard()) }
    }

    /// How far pings are apart.
    pub const fn interval(&self) -> Duration {
        self.config.interval
    }

    /// When something whole was heard last; at first, when the connection began.
    pub const fn last_heard(&self) -> Tick {
        self.silence.last_read()
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

    fn reading(&mut self) {
        self.quiet.reading();
        self.silence.reading();
    }

    /// When to see whether a ping is due.
    fn next_ping(&self) -> Option<Tick> {
        match self.config.pings {
            Pings::Never => None,
            Pings::WhenIdle => self.quiet.deadline(),
            Pings::EachInterval => Some(self.pinged.after(self.config.interval)),
        }
    }

    /// Whether this check comes too late to judge who did not answer, once in a row.
    fn excuses(&mut self, now: Tick, due: Option<Tick>) -> bool {
        let pause = self.config.pause;
        let is_late = !pause.is_zero() && due.is_some_and(|due| now.since(due) > pause);
        let is_excused = is_late && !self.was_excused;
        self.was_excused = is_excused;
        if is_excused {
            self.silence.excuse(now);
        }
        is_excused
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
                while self.quiet.check(now).is_some() {
                    is_idle = true;
                }
                is_idle && is_far
            }
        }
    }

    fn beat(&mut self, now: Tick) -> Result<(), Verdict> {
        let Some(beats) = self.flood.beat(now) else { return Ok(()) };
        self.is_over = true;
        Err(Verdict::Flood { beats, within: self.config.interval })
    }

    fn close(&mut self, verdict: Verdict) -> Action {
        self.is_over = true;
        Action::Close(verdict)
    }
}

#[cfg(test)]
mod tests;
