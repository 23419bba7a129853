//! [`LinkConfig`]: what a link is told.

use crate::heartbeat::HeartbeatConfig;

/// How a link beats, and what it keeps for an application that does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkConfig {
    /// When to ping, and when to give up.
    pub heartbeat: HeartbeatConfig,
    /// So many frames are kept for an application that does not read, so that pings behind them are still answered; at least 1.
    /// When it is full the link stops reading, as there is one stream of bytes, and the other end is held back by the transport:
    /// its pings are not answered then, while own pings go on being sent, and its silence is not judged. 64 by default; each costs up to the
    /// codec's largest frame, and only while the application does not read.
    pub parked: usize,
    /// The id of the first ping; the others follow.
    pub first_ping: u64,
}

impl From<HeartbeatConfig> for LinkConfig {
    fn from(heartbeat: HeartbeatConfig) -> Self {
        Self { heartbeat, parked: 64, first_ping: 1 }
    }
}
