//! [`Sample`]: how well the leases that are left are heard.

use crate::lease::{Lease, LeaseId};
use crate::tick::Tick;

/// Some of the leases that were heard when a scope began to be listened to, each with its
/// count of beats then.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    at: Tick,
    leases: Vec<Sampled>,
}

#[derive(Debug)]
struct Sampled {
    id: LeaseId,
    beats: u16,
}

/// More of them would not tell more.
pub(crate) const SAMPLE_SIZE: usize = 512;

impl Sample {
    pub(crate) fn take<'a>(at: Tick, leases: impl Iterator<Item = &'a Lease>) -> Self {
        let sampled = |lease: &Lease| Sampled { id: lease.id(), beats: lease.read().beats() };
        Self { at, leases: leases.take(SAMPLE_SIZE).map(sampled).collect() }
    }

    /// How many of a hundred promised beats came since; none where none was promised. A lease
    /// that ended or was replaced meanwhile is not counted; one beat more than promised is,
    /// because a beat is a little early or late.
    pub(super) fn kept_percent<'a>(
        &self,
        now: Tick,
        find: impl Fn(LeaseId) -> Option<&'a Lease>,
    ) -> Option<u8> {
        let span = now.millis_since(self.at);
        // In thousandths of a beat.
        let (mut promised, mut came) = (0_u64, 0_u64);
        for sampled in &self.leases {
            let Some(lease) = find(sampled.id) else { continue };
            let interval = u64::try_from(lease.terms().interval().as_millis()).unwrap_or(u64::MAX).max(1);
            if interval > span {
                continue;
            }
            let due = span.saturating_mul(1_000) / interval;
            let beats = u64::from(lease.read().beats().wrapping_sub(sampled.beats)) * 1_000;
            promised = promised.saturating_add(due);
            came = came.saturating_add(beats.min(due.saturating_add(1_000)));
        }
        (promised > 0).then(|| u8::try_from((came.saturating_mul(100) / promised).min(100)).unwrap_or(100))
    }
}
