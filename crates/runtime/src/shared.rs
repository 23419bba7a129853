//! What the driver publishes and everybody reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};

use arc_swap::ArcSwap;
use lubdub_core::Snapshot;
use lubdub_core::damping::DampingReport;
use lubdub_core::guard::GuardReport;
use lubdub_core::lease::LeaseTable;
use parking_lot::Mutex;

use crate::clock::Clock;
use crate::condition::{Condition, DeafSpan};
use crate::counters::Tally;
use crate::ears::Ears;
use crate::prober::ProbeTally;
use crate::sessions::Secrets;
use crate::waiters::Waiters;

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) leases: Arc<LeaseTable>,
    pub(crate) snapshot: ArcSwap<Snapshot>,
    /// As of the last round that concerned it, and of every second.
    pub(crate) guard: ArcSwap<GuardReport>,
    pub(crate) damping: ArcSwap<Vec<DampingReport>>,
    pub(crate) deaf: ArcSwap<Vec<DeafSpan>>,
    pub(crate) waiters: Waiters,
    pub(crate) tally: Tally,
    pub(crate) condition: Mutex<Condition>,
    /// Milliseconds of the last hour in which nothing could be heard.
    pub(crate) deaf_last_hour: AtomicU64,
    /// Commands that wait for the driver, and how many may.
    pub(crate) waiting: AtomicUsize,
    pub(crate) most_waiting: usize,
    pub(crate) stopping: AtomicBool,
    pub(crate) ears: Ears,
    /// Whether addresses are tried, and what came of it.
    pub(crate) probing: bool,
    pub(crate) probes: ProbeTally,
    pub(crate) sessions: Secrets,
    /// How many watches faces have open.
    pub(crate) watches: AtomicUsize,
}
