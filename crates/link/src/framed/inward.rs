//! What comes in: frames for the application, and beats that are taken out on the way.

use std::fmt::Display;
use std::task::{Context, Poll};

use futures_util::{Sink, Stream, StreamExt};
use tracing::warn;

use super::beats::{Beat, Beats};
use super::ended::{Ended, LinkError};
use super::state::{Fault, State};
use crate::heartbeat::Pong;

/// Frames that are looked at in one go before others have a turn.
const AT_ONCE: usize = 128;

/// What the application is given.
pub(super) type Read<T, B> = Option<Result<<B as Beats>::Received, LinkError<Fault<T, B>>>>;

impl<T, B> State<T, B>
where
    T: Stream<Item = Result<B::Received, Fault<T, B>>> + Sink<B::Sent> + Unpin,
    Fault<T, B>: Display,
    B: Beats,
{
    /// The next frame for the application: first what was read while it did not. None when the link is over and why has been told.
    pub(super) fn poll_read(&mut self) -> Poll<Read<T, B>> {
        self.reads = self.reads.wrapping_add(1);
        if let Some(frame) = self.parked.pop_front() {
            return Poll::Ready(Some(Ok(frame)));
        }
        if self.ended.is_none() {
            match self.poll_frame() {
                Poll::Ready(Some(frame)) => return Poll::Ready(Some(Ok(frame))),
                Poll::Ready(None) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
        if std::mem::replace(&mut self.is_told, true) {
            return Poll::Ready(None);
        }
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Some(Err(LinkError::Transport(failure))));
        }
        match &self.ended {
            None | Some(Ended::ByPeer | Ended::ByUs) => Poll::Ready(None),
            Some(ended) => Poll::Ready(Some(Err(LinkError::Ended(ended.clone())))),
        }
    }

    /// Reads what there is in the application's place, as far as there is room for it. Whether there was anything for it.
    pub(super) fn read_ahead(&mut self) -> bool {
        let before = self.parked.len();
        while self.ended.is_none() && self.has_room() {
            match self.poll_frame() {
                Poll::Ready(Some(frame)) => self.parked.push_back(frame),
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        self.parked.len() > before || self.ended.is_some()
    }

    /// Whether there is room for what is read in the application's place.
    fn has_room(&self) -> bool {
        self.parked.len() < self.most_parked as usize
    }

    /// The next frame that is no beat; none when the link is over.
    fn poll_frame(&mut self) -> Poll<Option<B::Received>> {
        if self.has_urgent() {
            // The transport may have woken us for that.
            let _ = self.poll_urgent();
        }
        for _ in 0..AT_ONCE {
            let Some(transport) = &mut self.transport else { return Poll::Ready(None) };
            match transport.poll_next_unpin(&mut Context::from_waker(&self.waker)) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.is_reading = true;
                    match self.beats.read(&frame) {
                        None => {
                            self.heartbeat.frame();
                            return Poll::Ready(Some(frame));
                        }
                        Some(beat) => self.heard(beat, &frame),
                    }
                }
                Poll::Ready(Some(Err(failure))) => {
                    let reason = failure.to_string();
                    self.failure = Some(failure);
                    self.end(Ended::Transport { reason });
                }
                Poll::Ready(None) => self.closed_by_peer(),
                Poll::Pending => {
                    if std::mem::take(&mut self.is_reading) {
                        self.heartbeat.read_complete(self.clock.now());
                    }
                    return Poll::Pending;
                }
            }
            if self.ended.is_some() {
                return Poll::Ready(None);
            }
        }
        // So many beats in a row: whoever else runs here has a turn.
        self.waker.wake_by_ref();
        Poll::Pending
    }

    fn heard(&mut self, beat: Beat, frame: &B::Received) {
        let now = self.clock.now();
        let flood = match beat {
            Beat::Ping => {
                let taken = self.heartbeat.ping(now);
                if taken.is_ok() {
                    self.answer(frame);
                }
                taken.err()
            }
            Beat::Pong(id) => match self.heartbeat.pong(now, id) {
                Ok(Pong::Answer { concern: Some(concern), .. }) => {
                    warn!("{concern}");
                    None
                }
                Ok(_) => None,
                Err(flood) => Some(flood),
            },
        };
        if let Some(flood) = flood {
            self.end(flood.into());
        }
    }

    /// Answers a ping before anything else that is to be written. Who pings and never fetches the answers is flooding, too.
    fn answer(&mut self, ping: &B::Received) {
        let beats = u32::try_from(self.urgent.len()).unwrap_or(u32::MAX);
        if beats > self.most_urgent {
            let within = self.heartbeat.interval();
            self.end(Ended::Flood { beats, within });
            return;
        }
        let pong = self.beats.pong(ping);
        self.send(pong);
    }

    fn closed_by_peer(&mut self) {
        let ended = match self.write_failure.take() {
            _ if self.is_closing => Ended::ByUs,
            Some(reason) => Ended::Transport { reason: reason.into() },
            None => Ended::ByPeer,
        };
        self.end(ended);
    }
}
