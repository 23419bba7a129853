//! [`Tally`]: what is counted while requests are sent.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::punctuality::Punctuality;

/// Three digits of a latency are kept: an error of 0.1 %.
const DIGITS: u8 = 3;

/// One hour in microseconds: what takes longer is counted as that.
const LONGEST: u64 = 3_600_000_000;

/// An empty histogram of microseconds.
pub(crate) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, DIGITS).expect("constants that the type allows")
}

/// Whole microseconds, rounded up: no latency is told as shorter than it was.
pub(crate) fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX)
}

/// How an exchange failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// It was answered with a status that is no success.
    Status(u16),
    /// The connection could not be made.
    Connect,
    /// The connection ended before the answer did.
    Closed,
    /// What came is no HTTP/1.1.
    Malformed,
    /// No answer came in time.
    Unanswered,
}

impl Fault {
    /// Its name in JSON.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Status(status) => format!("status_{status}"),
            Self::Connect => "connect".to_owned(),
            Self::Closed => "closed".to_owned(),
            Self::Malformed => "malformed".to_owned(),
            Self::Unanswered => "unanswered".to_owned(),
        }
    }
}

/// What was counted.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    /// Of successes, in microseconds.
    pub(crate) latencies: Histogram<u64>,
    /// What failed, by kind.
    pub(crate) faults: BTreeMap<Fault, u64>,
    /// How the generator did.
    pub(crate) punctuality: Punctuality,
    /// Bytes of bodies, as they came.
    pub(crate) body_bytes: u64,
    /// Connections that were made after the first of each.
    pub(crate) reconnections: u64,
    /// What was due and could not be sent.
    pub(crate) unsent: u64,
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// The generator's processor time.
    pub(crate) cpu: Duration,
    /// After this time nobody answered any more; the run was ended.
    pub(crate) gone_after: Option<Duration>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            latencies: histogram(),
            faults: BTreeMap::new(),
            punctuality: Punctuality::default(),
            body_bytes: 0,
            reconnections: 0,
            unsent: 0,
            elapsed: Duration::ZERO,
            cpu: Duration::ZERO,
            gone_after: None,
        }
    }
}

impl Tally {
    /// A request that was due at `due` was answered at `now`.
    pub(crate) fn answered(&mut self, status: u16, due: Duration, now: Duration) {
        if (200..300).contains(&status) {
            self.latencies.saturating_record(micros(now.saturating_sub(due)));
        } else {
            self.failed(Fault::Status(status));
        }
    }

    /// A request failed, or a connection could not be made.
    pub(crate) fn failed(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// How many succeeded.
    pub(crate) fn succeeded(&self) -> u64 {
        self.latencies.len()
    }

    /// How many failed.
    pub(crate) fn errors(&self) -> u64 {
        self.faults.values().sum()
    }

    /// What failed, in words: `status 500: 12, closed: 1`.
    pub(crate) fn kinds(&self) -> String {
        let kinds =
            self.faults.iter().map(|(fault, count)| format!("{}: {count}", fault.name().replace('_', " ")));
        kinds.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{Schedule, Turn};

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_stall_is_charged_with_every_request_that_was_due_in_it() {
        // One connection, one request each millisecond; the server takes 0.1 ms, and once 100 ms.
        let mut schedule = Schedule::new(Some(1_000.0), Duration::from_secs(1));
        let (mut tally, mut now) = (Tally::default(), Duration::ZERO);
        loop {
            match schedule.turn(now) {
                Turn::Send(ticket) => {
                    now += if ticket.number == 500 { ms(100) } else { Duration::from_micros(100) };
                    tally.answered(200, ticket.due, now);
                }
                Turn::Wait(until) => now = until,
                Turn::Over => break,
            }
        }
        assert_eq!((tally.succeeded(), schedule.unsent(now)), (1_000, 0));
        let at = |quantile| tally.latencies.value_at_quantile(quantile);
        // Counted from sending, 999 of 1 000 would have taken 0.1 ms. About 110 waited up to 100 ms.
        assert_eq!(at(0.5), 100);
        assert!((9_000..=13_000).contains(&at(0.9)), "{}", at(0.9));
        assert!((80_000..=100_100).contains(&at(0.99)), "{}", at(0.99));
    }

    #[test]
    fn only_successes_have_a_latency_and_failures_are_counted_by_kind() {
        let mut tally = Tally::default();
        tally.answered(204, ms(0), ms(3));
        tally.answered(500, ms(0), ms(900));
        tally.answered(500, ms(0), ms(900));
        tally.answered(404, ms(0), ms(900));
        tally.failed(Fault::Closed);
        assert_eq!((tally.succeeded(), tally.errors()), (1, 4));
        assert!(tally.latencies.equivalent(tally.latencies.max(), 3_000), "{}", tally.latencies.max());
        assert_eq!(tally.kinds(), "status 404: 1, status 500: 2, closed: 1");
    }

    #[test]
    fn a_latency_is_never_told_as_shorter_than_it_was() {
        assert_eq!(micros(Duration::from_nanos(1)), 1);
        assert_eq!(micros(Duration::from_nanos(1_000)), 1);
        assert_eq!(micros(Duration::from_nanos(1_001)), 2);
    }
}
