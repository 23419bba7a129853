//! Counts of what happened since the start: cheap to add to from many threads.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lubdub_core::lease::Renewal;
use lubdub_core::{Change, Tick};
use parking_lot::Mutex;

use crate::change_counts::{ChangeCounts, ChangeTally};
use crate::commits::Commits;
use crate::stripe::{STRIPES, stripe};

/// What happened since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Renewals that kept a lease.
    pub renewals: u64,
    /// Of these, in the last minute (sampled once a second).
    pub renewals_last_minute: u64,
    /// Renewals of leases that are not (or no longer) known.
    pub renewals_unknown: u64,
    /// Renewals by the sender of an incarnation that is over.
    pub renewals_other_generation: u64,
    /// Registrations that took effect, again or anew.
    pub registrations: u64,
    /// Departures on an instance's own word.
    pub deregistrations: u64,
    /// Departures because a lease was lost, or an address refused a connection.
    pub expirations: u64,
    /// All changes by their cause.
    pub changes: ChangeCounts,
}

/// A stripe fills a cache line, so that workers do not take each other's.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Stripe {
    renewed: AtomicU64,
    unknown: AtomicU64,
    other_generation: AtomicU64,
}

#[derive(Debug, Default)]
pub(crate) struct Tally {
    stripes: [Stripe; STRIPES],
    changes: ChangeTally,
    pub(crate) commits: Arc<Commits>,
    pub(crate) own_beats: AtomicU64,
    /// Milliseconds since the start in which nothing could be heard.
    pub(crate) deaf_millis: AtomicU64,
    /// Totals of renewals, one a second, for the last minute.
    samples: Mutex<VecDeque<(Tick, u64)>>,
}

impl Tally {
    pub(crate) fn renewal(&self, outcome: Renewal) {
        let Some(stripe) = self.stripes.get(stripe()) else { return };
        let counter = match outcome {
            Renewal::Renewed { .. } => &stripe.renewed,
            Renewal::Unknown => &stripe.unknown,
            Renewal::OtherGeneration => &stripe.other_generation,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn change(&self, change: &Change) {
        self.changes.note(change.cause());
    }

    /// Notes the total for the last minute; called about once a second.
    pub(crate) fn sample(&self, now: Tick) {
        let mut samples = self.samples.lock();
        if samples.is_empty() {
            // What came before the first sample counts as well.
            samples.push_back((Tick::START, 0));
        }
        samples.push_back((now, self.renewals()));
        while samples.get(1).is_some_and(|(at, _)| now.millis_since(*at) >= 60_000) {
            samples.pop_front();
        }
    }

    pub(crate) fn read(&self) -> Counters {
        let renewals = self.renewals();
        let minute_ago = self.samples.lock().front().map_or(0, |(_, total)| *total);
        let changes = self.changes.read();
        Counters {
            renewals,
            renewals_last_minute: renewals.saturating_sub(minute_ago),
            renewals_unknown: self.sum(|stripe| &stripe.unknown),
            renewals_other_generation: self.sum(|stripe| &stripe.other_generation),
            registrations: changes.joined + changes.reregistered + changes.came_back,
            deregistrations: changes.deregistered + changes.removed,
            expirations: changes.expired + changes.refused + changes.connection_lost,
            changes,
        }
    }

    fn renewals(&self) -> u64 {
        self.sum(|stripe| &stripe.renewed)
    }

    fn sum(&self, counter: impl Fn(&Stripe) -> &AtomicU64) -> u64 {
        self.stripes.iter().map(|stripe| counter(stripe).load(Ordering::Relaxed)).sum()
    }
}

#[cfg(test)]
mod tests {
    use lubdub_core::lease::LeaseId;

    use super::*;

    fn renewed() -> Renewal {
        Renewal::Renewed { precedence: None, lease: LeaseId { index: 0, reuse: 1 }, returned: false }
    }

    #[test]
    fn what_came_before_the_first_sample_is_of_the_last_minute() {
        let tally = Tally::default();
        tally.renewal(Renewal::Unknown);
        tally.renewal(Renewal::OtherGeneration);
        tally.renewal(renewed());
        assert_eq!(tally.read().renewals_last_minute, 1);
        tally.sample(Tick(1_000));
        let counters = tally.read();
        assert_eq!((counters.renewals, counters.renewals_last_minute), (1, 1));
        assert_eq!((counters.renewals_unknown, counters.renewals_other_generation), (1, 1));
    }

    #[test]
    fn the_last_minute_forgets_what_is_older() {
        let tally = Tally::default();
        tally.sample(Tick(0));
        for second in 1..=90 {
            tally.renewal(renewed());
            tally.sample(Tick(second * 1000));
        }
        let counters = tally.read();
        assert_eq!((counters.renewals, counters.renewals_last_minute), (90, 60));
    }
}
