//! Sessions: long connections whose life is the lease of all that is registered on them.
//!
//! The messages of a session stamp one cell, its *heart*, and each of its leases is judged by
//! that word; so a session of ten thousand instances is kept by one compare-and-swap.
//!
//! | a session ends | what becomes of its instances |
//! | --- | --- |
//! | by a goodbye | they leave at once |
//! | by a connection that closes alone | they leave after the grace that it asked for, none by default; the guard counts a loss |
//! | by connections that close in a mass | they are *suspect*, and held for the session's timeout |
//! | by silence | each lease is due after the timeout, as any other |
//! | by the registry's own doing | nothing: they have the session's timeout from the last message |
//!
//! Until its instances have left, whoever knows the session's token takes it up again. (Tokens are
//! random, so they are made and compared outside.)
//!
//! The incident: a proxy is reloaded, and a thousand connections close in one moment. Each of them
//! looks like a killed process. So a closing waits for company, for a moment too short for anybody
//! to notice: two milliseconds, and a tenth of a second where another one closed within a
//! second before; and then until an own beat has shown that input is served, for the others may lie
//! unread; what waits for that counts for as long as it waits. (Where there are fewer sessions than the
//! rule speaks of, nothing is waited for.) Where more close within a second than the guard's rule tolerates, all that wait
//! are suspect. Worked example, 40 sessions, rule 15 % and at least 3: six that are killed within
//! a second leave; with the seventh all that have not left yet are held.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `state` | what there is of each session |
//! | `gathering` | whether a closing came alone |

mod gathering;
mod state;

use std::time::Duration;

use crate::model::{LeaseTerms, PhiLevel, SessionId};
use crate::tick::Millis;

pub(crate) use gathering::Gathering;
pub(crate) use state::{Phase, Sessions};

/// What a session asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTerms {
    /// The silence that loses its instances. Within the limits on the time-to-live of a lease.
    pub timeout: Duration,
    /// For how long they stay when its connection closes alone; at most the timeout.
    pub grace: Duration,
    /// From which level on its silence loses them, where that is to be judged by what is learnt of its messages. None for
    /// the timeout.
    pub phi: Option<PhiLevel>,
}

impl SessionTerms {
    /// The terms of each lease that a session of these keeps.
    pub(crate) fn of_lease(&self, session: SessionId) -> LeaseTerms {
        LeaseTerms::Session { timeout: Millis::of(self.timeout), session, phi: self.phi }
    }
}
