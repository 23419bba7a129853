//! [`Pulse`]: what others may know of a link, and how they close it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::ended::Ended;
use crate::connections::Connection;
use crate::heartbeat::RoundTrip;

/// A link, without its kind of transport and frames.
pub(super) trait Vital: Send + Sync {
    fn ended(&self) -> Option<Ended>;
    fn silent_for(&self) -> Duration;
    fn round_trip(&self) -> RoundTrip;
    fn unanswered(&self) -> u32;
    fn strays(&self) -> u64;
    fn close(&self);
}

/// A look at a link from outside: for tables of connections, metrics, and whoever closes one. It keeps no connection open.
#[derive(Clone)]
pub struct Pulse {
    link: Arc<dyn Vital>,
}

impl Pulse {
    pub(super) fn of(link: Arc<dyn Vital>) -> Self {
        Self { link }
    }

    /// Why the link is over; none while it is not.
    pub fn ended(&self) -> Option<Ended> {
        self.link.ended()
    }

    /// How long nothing whole has been heard of the other end.
    pub fn silent_for(&self) -> Duration {
        self.link.silent_for()
    }

    /// What pings and their pongs took.
    pub fn round_trip(&self) -> RoundTrip {
        self.link.round_trip()
    }

    /// How many pings in a row nothing was heard after.
    pub fn unanswered(&self) -> u32 {
        self.link.unanswered()
    }

    /// How many pongs answered no ping that waited for one.
    pub fn strays(&self) -> u64 {
        self.link.strays()
    }

    /// Closes the connection at once; what was not written yet is lost.
    pub fn close(&self) {
        self.link.close();
    }
}

impl Connection for Pulse {
    fn is_over(&self) -> bool {
        self.ended().is_some()
    }

    fn silent_for(&self) -> Duration {
        Self::silent_for(self)
    }

    fn close(&self) {
        Self::close(self);
    }
}

impl fmt::Debug for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pulse").field("ended", &self.ended()).finish_non_exhaustive()
    }
}
