//! [`Ledger`]: what the demo has seen of each provider, to be measured against what was
//! promised.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::report::Report;
use crate::client::wire::Event;

/// A provider left without a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Departure {
    /// The last beat that the registry heard, by its clock.
    pub(super) last_beat: Timestamp,
    /// When the change was seen here.
    pub(super) seen: Timestamp,
    /// How much of the silence did not count because the registry could not hear.
    pub(super) excused: Duration,
    /// Whether its address refused a connection: then its lease was not waited for.
    pub(super) refused: bool,
}

impl Departure {
    /// From the last beat to the moment in which the departure was seen.
    pub(super) fn took(&self) -> Duration {
        Duration::try_from(self.seen.duration_since(self.last_beat)).unwrap_or_default()
    }
}

/// One provider's page.
#[derive(Debug, Clone)]
pub(super) struct Page {
    /// Its id in the registry.
    pub(super) name: String,
    /// How many of its beats were answered "renewed".
    pub(super) beats: usize,
    /// How many of its renewals were answered "unknown lease".
    pub(super) unknown: usize,
    /// When it was seen to register, again and again.
    pub(super) arrivals: Vec<Instant>,
    /// Its departures without a word.
    pub(super) departures: Vec<Departure>,
}

/// A page for each provider.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger(Vec<Page>);

impl Ledger {
    /// A page for one more.
    pub(super) fn open(&mut self, name: &str) {
        self.0.push(Page {
            name: name.to_owned(),
            beats: 0,
            unknown: 0,
            arrivals: Vec::new(),
            departures: Vec::new(),
        });
    }

    /// What a provider says of itself.
    pub(super) fn reported(&mut self, name: &str, report: Report) {
        if let Some(page) = self.page_mut(name) {
            match report {
                Report::Renewed => page.beats += 1,
                Report::Unknown => page.unknown += 1,
                Report::Registered | Report::Unanswered | Report::Deregistered => {}
            }
        }
    }

    /// What the registry says, and when it was seen here, by both clocks.
    pub(super) fn told(&mut self, event: &Event, seen: Timestamp, at: Instant) {
        let Some(page) = self.page_mut(&event.id) else { return };
        let silence = event.cause.silence.as_ref().map(|it| (it.silent_ms, it.excused_ms, false));
        let refusal = event.cause.refusal.as_ref().map(|it| (it.silent_ms, 0, true));
        match (silence.or(refusal), &event.status) {
            (Some((silent, excused, refused)), None) => {
                let silent = i64::try_from(silent).unwrap_or_default();
                page.departures.push(Departure {
                    last_beat: event.at - jiff::SignedDuration::from_millis(silent),
                    seen,
                    excused: Duration::from_millis(excused),
                    refused,
                });
            }
            (None, Some(_)) => page.arrivals.push(at),
            // One that is held is silent and did not leave.
            (Some(_), Some(_)) | (None, None) => {}
        }
    }

    /// A provider's page.
    pub(super) fn page(&self, name: &str) -> Option<&Page> {
        self.0.iter().find(|page| page.name == name)
    }

    /// Every page.
    pub(super) fn pages(&self) -> &[Page] {
        &self.0
    }

    fn page_mut(&mut self, name: &str) -> Option<&mut Page> {
        self.0.iter_mut().find(|page| page.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::wire::{Cause, Refusal, Silence};

    fn event(cause: Cause, status: Option<&str>) -> Event {
        Event {
            at: "2026-11-21T10:00:03.010Z".parse().unwrap(),
            service: "ORDERS".to_owned(),
            id: "orders-1".to_owned(),
            cause,
            status: status.map(str::to_owned),
            address: None,
        }
    }

    #[test]
    fn a_departure_is_measured_from_the_last_beat_that_the_registry_heard() {
        let mut ledger = Ledger::default();
        ledger.open("orders-1");
        let silence = Silence { silent_ms: 3_005, excused_ms: 5, ..Silence::default() };
        let seen = "2026-11-21T10:00:03.012Z".parse().unwrap();
        ledger.told(&event(Cause { silence: Some(silence), ..Cause::default() }, None), seen, Instant::now());
        let departure = ledger.page("orders-1").unwrap().departures[0];
        assert_eq!(
            (departure.took(), departure.excused),
            (Duration::from_millis(3_007), Duration::from_millis(5))
        );
    }

    #[test]
    fn one_whose_address_refuses_left_and_one_that_is_held_did_not() {
        let mut ledger = Ledger::default();
        ledger.open("orders-1");
        let told = |ledger: &mut Ledger, cause, status| {
            ledger.told(&event(cause, status), Timestamp::UNIX_EPOCH, Instant::now());
        };
        let held = Cause { silence: Some(Silence::default()), ..Cause::default() };
        told(&mut ledger, held, Some("UP"));
        assert!(ledger.page("orders-1").unwrap().departures.is_empty());
        let refusal = Refusal { silent_ms: 800, ..Refusal::default() };
        told(&mut ledger, Cause { refusal: Some(refusal), ..Cause::default() }, None);
        let page = ledger.page("orders-1").unwrap();
        assert!(page.departures[0].refused && page.arrivals.is_empty());
        assert_eq!(page.departures[0].last_beat, "2026-11-21T10:00:02.210Z".parse().unwrap());
    }

    #[test]
    fn beats_answers_and_arrivals_are_counted_for_whom_they_concern() {
        let mut ledger = Ledger::default();
        ledger.open("orders-1");
        ledger.reported("orders-1", Report::Renewed);
        ledger.reported("orders-1", Report::Unknown);
        ledger.reported("stranger", Report::Renewed);
        ledger.told(&event(Cause::default(), Some("UP")), Timestamp::UNIX_EPOCH, Instant::now());
        let page = ledger.page("orders-1").unwrap();
        assert_eq!((page.beats, page.unknown, page.arrivals.len()), (1, 1, 1));
        assert_eq!(ledger.pages().len(), 1);
    }
}
