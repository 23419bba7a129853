//! [`MotanBeats`]: Motan's heartbeat requests and their answers.

use super::message::Message;
use crate::framed::{Beat, Beats};

/// How motan2 says ping and pong; the same at either end.
///
/// A Motan server whose workers are all busy refuses heartbeats as it refuses calls, by an exception with the id of the ping. It is
/// alive, so that is a pong, too; what tells it from an exception for a call is that ids of pings begin with [`Self::FIRST_PING`].
#[derive(Debug, Clone, Copy, Default)]
pub struct MotanBeats;

impl MotanBeats {
    /// The least id of pings, to be set as [`LinkConfig::first_ping`](crate::framed::LinkConfig::first_ping). Motan's own ids are
    /// times, positive for Java; the ids of calls over a link are to be less than this.
    pub const FIRST_PING: u64 = 0xFFFF_FFFF_0000_0000;
}

impl Beats for MotanBeats {
    type Received = Message;
    type Sent = Message;

    fn ping(&self, id: u64) -> Message {
        Message::heartbeat(id)
    }

    fn pong(&self, ping: &Message) -> Message {
        Message::heartbeat_answer(ping)
    }

    fn read(&self, message: &Message) -> Option<Beat> {
        match (message.is_heartbeat(), message.is_response()) {
            (false, true) if message.is_exception() && message.id >= Self::FIRST_PING => {
                Some(Beat::Pong(Some(message.id)))
            }
            (false, _) => None,
            (true, false) => Some(Beat::Ping),
            (true, true) => Some(Beat::Pong(Some(message.id))),
        }
    }
}
