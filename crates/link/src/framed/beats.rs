//! [`Beats`]: how a protocol says ping and pong.

/// What a frame is to the heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// The other end asks for a pong.
    Ping,
    /// An answer to a ping, with the ping's id where the protocol carries one. Without, it answers the oldest ping that waits.
    Pong(Option<u64>),
}

/// How a protocol's frames say ping and pong. Called while the link is locked: it must not wait.
pub trait Beats {
    /// What the codec reads.
    type Received;
    /// What the codec writes.
    type Sent;

    /// A ping with this id. Ids of one link follow each other; a protocol with shorter ids may cut them, and reads
    /// [`Beat::Pong`] with the rest of them restored, or without an id.
    fn ping(&self, id: u64) -> Self::Sent;

    /// The answer to a ping, with all in it that the other end knows it by.
    fn pong(&self, ping: &Self::Received) -> Self::Sent;

    /// Whether a frame is a beat; such frames never reach the application. A protocol whose pings and pongs look alike needs one
    /// implementation for each side, or each answers the other's answers.
    fn read(&self, frame: &Self::Received) -> Option<Beat>;
}
