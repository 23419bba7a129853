//! [`Happening`]: what comes to the stage from the threads that listen.

use std::time::Instant;

use jiff::Timestamp;

use super::report::Report;
use crate::client::wire::Event;

/// What happens while the demo runs.
#[derive(Debug)]
pub(super) enum Happening {
    /// A provider said something of itself.
    Reported {
        /// Who.
        name: String,
        /// What.
        report: Report,
        /// When it was read.
        at: Instant,
    },
    /// The registry told a change.
    Told {
        /// What.
        event: Box<Event>,
        /// When it was read, by the wall clock
        seen: Timestamp,
        /// and by the one that does not step.
        at: Instant,
    },
    /// The registry tells no more.
    Deaf,
    /// The person wants it to end.
    Interrupted,
}
