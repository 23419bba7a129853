//! [`MotanBeats`]: Motan's heartbeat requests and their answers.

use super::message::Message;
use crate::framed::{Beat, Beats};

/// How motan2 says ping and pong; the same at either end.
#[derive(Debug, Clone, Copy, Default)]
pub struct MotanBeats;

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
            (false, _) => None,
            (true, false) => Some(Beat::Ping),
            (true, true) => Some(Beat::Pong(Some(message.id))),
        }
    }
}
