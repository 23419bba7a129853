//! Counts of what happened since the start: cheap to add to from many threads.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use lubdub_core::lease::Renewal;
use lubdub_core::{Cause, Change, Tick};
use parking_lot::Mutex;

/// What happened since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Renewals that kept a lease.
    pub renewals: u64,
    /// Of these, in the last minute (sampled once a second).
    pub renewals_last_minute: u64,
    /// Renewals of leases that are not (or no longer) known.
    pub renewals_unknown: u64,
    /// Registrations that took effect, again or anew.
    pub registrations: u64,
    /// Departures on an instance's own word.
    pub deregistrations: u64,
    /// Departures because a lease was lost.
    pub expirations: u64,
}

/// More stripes than workers, so that two workers rarely share one.
const STRIPES: usize = 16;

/// A stripe fills a cache line, so that workers do not take each other's.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Stripe {
    renewed: AtomicU64,
    unknown: AtomicU64,
}

#[derive(Debug, Default)]
pub(crate) struct Tally {
    stripes: [Stripe; STRIPES],
    registrations: AtomicU64,
    deregistrations: AtomicU64,
    expirations: AtomicU64,
    /// Totals of renewals, one a second, for the last minute.
    samples: Mutex<VecDeque<(Tick, u64)>>,
}

thread_local! {
    static STRIPE: Cell<usize> = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        Cell::new(NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES)
    };
}

impl Tally {
    pub(crate) fn renewal(&self, outcome: Renewal) {
        let Some(stripe) = self.stripes.get(STRIPE.get()) else { return };
        let counter = match outcome {
            Renewal::Renewed { .. } => &stripe.renewed,
            Renewal::Unknown | Renewal::OtherGeneration => &stripe.unknown,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn change(&self, change: &Change) {
        let counter = match change.cause() {
            Cause::Joined(_) | Cause::Reregistered(_) | Cause::CameBack { .. } => &self.registrations,
            Cause::Deregistered(_) => &self.deregistrations,
            Cause::Expired(_) | Cause::Refused(_) => &self.expirations,
            Cause::OverrideSet(_)
            | Cause::OverrideCleared(_)
            | Cause::MetadataAdded(_)
            | Cause::Held { .. }
            | Cause::Returned { .. }
            | Cause::Undamped(_) => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes the total for the last minute; called about once a second.
    pub(crate) fn sample(&self, now: Tick) {
        let mut samples = self.samples.lock();
        samples.push_back((now, self.renewals()));
        while samples.get(1).is_some_and(|(at, _)| now.millis_since(*at) >= 60_000) {
            samples.pop_front();
        }
    }

    pub(crate) fn read(&self) -> Counters {
        let renewals = self.renewals();
        let minute_ago = self.samples.lock().front().map_or(0, |(_, total)| *total);
        Counters {
            renewals,
            renewals_last_minute: renewals.saturating_sub(minute_ago),
            renewals_unknown: self.stripes.iter().map(|stripe| stripe.unknown.load(Ordering::Relaxed)).sum(),
            registrations: self.registrations.load(Ordering::Relaxed),
            deregistrations: self.deregistrations.load(Ordering::Relaxed),
            expirations: self.expirations.load(Ordering::Relaxed),
        }
    }

    fn renewals(&self) -> u64 {
        self.stripes.iter().map(|stripe| stripe.renewed.load(Ordering::Relaxed)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_minute_forgets_what_is_older() {
        let tally = Tally::default();
        tally.sample(Tick(0));
        for second in 1..=90 {
            tally.renewal(Renewal::Renewed { precedence: None });
            tally.sample(Tick(second * 1000));
        }
        let counters = tally.read();
        assert_eq!((counters.renewals, counters.renewals_last_minute), (90, 60));
    }
}
