//! What the prober did since the start.

use std::sync::atomic::{AtomicU64, Ordering};

use lubdub_core::probe::Counts;
use parking_lot::Mutex;

/// What the prober did since the start. All zero where it is switched off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProbeCounters {
    /// Addresses that were tried: at registrations and for suspicions together.
    pub started: u64,
    /// Of these, so many accepted,
    pub accepted: u64,
    /// so many refused,
    pub refused: u64,
    /// and so many said nothing in time, or anything else.
    pub no_evidence: u64,
    /// Registrations whose address may not be tried, or is a name.
    pub not_allowed: u64,
    /// Attempts that were not made because `probe.most_waiting` waited already.
    pub dropped: u64,
    /// Instances that left because their address refused.
    pub evictions: u64,
    /// How many attempts wait for their turn now.
    pub waiting: usize,
}

/// Where the prober's thread and the driver note what they did.
#[derive(Debug, Default)]
pub(crate) struct ProbeTally {
    prober: Mutex<(Counts, usize)>,
    evictions: AtomicU64,
}

impl ProbeTally {
    pub(crate) fn eviction(&self) {
        self.evictions.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn note(&self, counts: Counts, waiting: usize) {
        *self.prober.lock() = (counts, waiting);
    }

    pub(crate) fn read(&self) -> ProbeCounters {
        let (counts, waiting) = *self.prober.lock();
        let Counts { started, accepted, refused, no_evidence, not_allowed, dropped } = counts;
        let evictions = self.evictions.load(Ordering::Relaxed);
        ProbeCounters { started, accepted, refused, no_evidence, not_allowed, dropped, evictions, waiting }
    }
}
