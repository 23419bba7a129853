//! [`State`]: the transport, its machine, and what waits on either side of them.

use std::collections::VecDeque;
use std::fmt::Display;
use std::task::Waker;

use futures_util::{Sink, Stream};
use lubdub_detect::Tick;
use tracing::warn;

use super::beats::Beats;
use super::config::LinkConfig;
use super::ended::Ended;
use super::progress::{Moved, Progress};
use crate::clock::Clock;
use crate::heartbeat::{Action, Heartbeat, HeartbeatFault};

/// What a transport of these beats fails with.
pub(super) type Fault<T, B> = <T as Sink<<B as Beats>::Sent>>::Error;

/// What the transport has and may not have written yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unflushed {
    Nothing,
    /// Frames of the application, which flushes them when it wants.
    Frames,
    /// A beat is among it, which nobody else will flush.
    Beats,
}

/// One end of a connection. Whoever holds its lock polls the transport.
pub(super) struct State<T: Sink<B::Sent>, B: Beats> {
    /// None as soon as nothing can be written or read any more: dropping it closes the connection.
    pub(super) transport: Option<T>,
    pub(super) beats: B,
    pub(super) heartbeat: Heartbeat,
    pub(super) clock: Clock,
    moved: Option<Moved>,
    pub(super) waker: Waker,
    /// Beats that wait to be written, before anything else.
    pub(super) urgent: VecDeque<B::Sent>,
    pub(super) most_urgent: u32,
    /// Frames that were read for an application that does not.
    pub(super) parked: VecDeque<B::Received>,
    pub(super) most_parked: u32,
    pub(super) is_reading: bool,
    /// What was handed to the transport since it was last flushed.
    pub(super) unflushed: Unflushed,
    pub(super) is_closing: bool,
    pub(super) write_failure: Option<Box<str>>,
    pub(super) ended: Option<Ended>,
    /// What the transport said, until it is told.
    pub(super) failure: Option<Fault<T, B>>,
    pub(super) is_told: bool,
    /// How often the application asked for a frame.
    pub(super) reads: u32,
}

impl<T, B> State<T, B>
where
    T: Stream<Item = Result<B::Received, Fault<T, B>>> + Sink<B::Sent> + Unpin,
    Fault<T, B>: Display,
    B: Beats,
{
    pub(super) fn new(
        transport: T,
        beats: B,
        config: &LinkConfig,
        progress: Option<Progress>,
        waker: Waker,
    ) -> Result<Self, HeartbeatFault> {
        let clock = progress.as_ref().map_or_else(Clock::start, Progress::clock);
        if let Some(concern) = config.heartbeat.concern() {
            warn!("{concern}");
        }
        Ok(Self {
            transport: Some(transport),
            beats,
            heartbeat: Heartbeat::new(config.heartbeat, config.first_ping, clock.now())?,
            clock,
            moved: progress.map(Progress::into_moved),
            waker,
            urgent: VecDeque::new(),
            most_urgent: config.heartbeat.beats,
            parked: VecDeque::new(),
            most_parked: u32::try_from(config.parked).unwrap_or(u32::MAX).max(1),
            is_reading: false,
            unflushed: Unflushed::Nothing,
            is_closing: false,
            write_failure: None,
            ended: None,
            failure: None,
            is_told: false,
            reads: 0,
        })
    }

    /// Does what the machine wants by now. The caller has read what there was: nobody is judged unread.
    pub(super) fn beat(&mut self, now: Tick) {
        while let Some(action) = self.heartbeat.check(now) {
            match action {
                Action::Ping(id) => {
                    // A ping that waits already says as much; more of them would only pile up.
                    if self.urgent.is_empty() {
                        let ping = self.beats.ping(id);
                        self.send(ping);
                    }
                }
                Action::Close(verdict) => self.end(verdict.into()),
            }
        }
    }

    /// When the machine wants something.
    pub(super) fn deadline(&self) -> Option<Tick> {
        self.heartbeat.deadline().filter(|_| self.ended.is_none())
    }

    /// Tells the machine of bytes that came, where somebody counts them.
    pub(super) fn note_progress(&mut self) {
        let Some(moved) = self.moved.as_ref().and_then(Moved::last_read) else { return };
        if moved > self.heartbeat.last_heard() && !self.is_reading {
            self.heartbeat.moved_in(moved);
        }
    }

    /// The link is over; the connection with it, unless the other end only says nothing more.
    pub(super) fn end(&mut self, ended: Ended) {
        if self.ended.is_some() {
            return;
        }
        if ended != Ended::ByPeer {
            self.transport = None;
        }
        self.urgent = VecDeque::new();
        self.unflushed = Unflushed::Nothing;
        self.ended = Some(ended);
    }

    /// Nobody holds the link any more.
    pub(super) fn abandon(&mut self) {
        self.end(Ended::ByUs);
        self.transport = None;
        self.parked = VecDeque::new();
    }

    pub(super) const fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }
}
