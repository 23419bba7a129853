//! [`Fact`]: what the registry's process did, told to those who check it, in order.

use std::sync::Arc;
use std::time::Duration;

use lubdub_core::model::{Instance, SessionId};
use lubdub_core::{Change, Moment, Revision, Tick};

/// One thing that the registry's process did.
#[derive(Debug)]
pub(crate) enum Fact {
    /// It started with these instances, after so long an outage.
    Started { restored: Vec<Arc<Instance>>, outage: Duration, revision: Revision },
    /// It ended.
    Ended,
    /// It answered "renewed".
    Renewed { provider: usize, at: Tick },
    /// It answered that it knows no such lease.
    Unknown { provider: usize },
    /// It judged what was due, as far as it had heard.
    Judged { now: Tick, heard_until: Tick, concluded: usize, overdue: usize },
    /// It made changes the truth: what it concluded itself, or what commands asked for.
    Applied { now: Moment, revision: Revision, changes: Vec<Change>, concluded: bool },
    /// It answered commands; what readers saw then had this revision.
    Answered { promised: Revision, visible: Revision },
    /// An operator let the guard go.
    Released,
    /// A refused connection was told to it.
    Refusal { provider: usize, asked_at: Tick },
    /// It opened a session, which this token resumes.
    SessionOpened { session: SessionId, token: u64, grace: u64, at: Tick },
    /// It had a session taken up over another connection.
    SessionResumed { host: usize, session: SessionId, token: u64, attachment: u32, at: Tick },
    /// A message on a session was stamped.
    SessionHeard { session: SessionId, at: Tick },
    /// A connection of a session closed.
    SessionClosed { session: SessionId, attachment: u32, at: Tick },
    /// A session can be taken up no more.
    SessionOver { session: SessionId },
}
