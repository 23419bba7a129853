//! [`Finding`]: what was promised, what was measured, and whether the one is the other.

use std::time::Duration;

use super::ledger::Departure;
use crate::output::{Ink, Paint, Table};
use crate::words::{count, time_of_day};

/// How late something may be seen before the demo calls it broken: far above what the registry
/// needs (tens of milliseconds), because the machine may be busy with something else.
const LATE: Duration = Duration::from_secs(1);

/// How early a departure may look: the two clocks of its measurement each count whole
/// milliseconds.
const ROUNDING: Duration = Duration::from_millis(2);

/// One line of the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    what: String,
    who: String,
    from: String,
    promised: String,
    measured: String,
    kept: bool,
}

impl Finding {
    /// A provider that fell silent left when its lease was over: not before, and not much later.
    pub(super) fn of_departure(what: &str, who: &str, departure: Option<&Departure>, ttl: Duration) -> Self {
        let deadline = departure.map_or(ttl, |departure| ttl + departure.excused);
        let took = departure.map(Departure::took);
        Self {
            what: what.to_owned(),
            who: who.to_owned(),
            from: departure.map_or_else(String::new, |departure| {
                format!("last beat {}", time_of_day(departure.last_beat))
            }),
            promised: format!("gone after {}", seconds(deadline)),
            measured: took.map_or_else(|| "still there".to_owned(), seconds),
            kept: took.is_some_and(|took| took + ROUNDING >= deadline && took <= deadline + LATE),
        }
    }

    /// A provider that was killed left when its address refused a connection, which is tried as soon as
    /// its connection closes, and when a beat is late by half an interval at the latest.
    pub(super) fn of_kill(what: &str, who: &str, departure: Option<&Departure>, interval: Duration) -> Self {
        let latest = interval * 3 / 2;
        let took = departure.map(Departure::took);
        let refused = departure.is_some_and(|departure| departure.refused);
        Self {
            promised: format!("gone within {}", seconds(latest)),
            kept: refused && took.is_some_and(|took| took <= latest + LATE),
            ..Self::of_departure(what, who, departure, latest)
        }
    }

    /// A provider that went on learnt that its lease was gone, and was back within a beat.
    pub(super) fn of_return(
        who: &str,
        took: Option<Duration>,
        was_refused: bool,
        interval: Duration,
    ) -> Self {
        Self {
            what: "went on (SIGCONT)".to_owned(),
            who: who.to_owned(),
            from: if was_refused { "SIGCONT, by way of 404" } else { "SIGCONT" }.to_owned(),
            promised: format!("back within {}", seconds(interval)),
            measured: took.map_or_else(|| "not back".to_owned(), seconds),
            kept: was_refused && took.is_some_and(|took| took <= interval + LATE),
        }
    }

    /// The providers that nothing was done to stayed.
    pub(super) fn of_others(others: usize, beats: usize, left: &[&str]) -> Self {
        Self {
            what: "went on beating".to_owned(),
            who: count(others, "other"),
            from: format!("{beats} beats"),
            promised: "none leaves".to_owned(),
            measured: if left.is_empty() {
                "none left".to_owned()
            } else {
                format!("left: {}", left.join(", "))
            },
            kept: left.is_empty(),
        }
    }

    /// Whether it was as promised.
    pub(super) fn is_kept(&self) -> bool {
        self.kept
    }
}

/// The findings as a table.
pub(super) fn table(findings: &[Finding], paint: Paint) -> String {
    let mut table = Table::new(paint, &["WHAT HAPPENED", "TO", "MEASURED FROM", "PROMISED", "MEASURED", ""]);
    for finding in findings {
        let (ink, verdict) =
            if finding.kept { (Ink::Good, "as promised") } else { (Ink::Bad, "NOT AS PROMISED") };
        table.row([
            (finding.what.clone(), None),
            (finding.who.clone(), Some(Ink::Strong)),
            (finding.from.clone(), None),
            (finding.promised.clone(), None),
            (finding.measured.clone(), Some(ink)),
            (verdict.to_owned(), Some(ink)),
        ]);
    }
    table.to_string()
}

/// To the millisecond: `3.004 s`.
fn seconds(span: Duration) -> String {
    format!("{}.{:03} s", span.as_secs(), span.subsec_millis())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{SignedDuration, Timestamp};

    const TTL: Duration = Duration::from_secs(3);

    fn departure(took_ms: i64, excused_ms: u64) -> Departure {
        let last_beat: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        Departure {
            last_beat,
            seen: last_beat + SignedDuration::from_millis(took_ms),
            excused: Duration::from_millis(excused_ms),
            refused: false,
        }
    }

    #[test]
    fn a_killed_one_is_gone_within_a_beat_and_a_half_because_its_address_refuses() {
        let interval = Duration::from_secs(1);
        for (took, refused, kept) in
            [(300, true, true), (2_499, true, true), (2_501, true, false), (300, false, false)]
        {
            let departure = Departure { refused, ..departure(took, 0) };
            let finding = Finding::of_kill("killed", "orders-2", Some(&departure), interval);
            assert_eq!(finding.is_kept(), kept, "{took} ms");
            assert_eq!(finding.promised, "gone within 1.500 s");
        }
        assert!(!Finding::of_kill("killed", "orders-2", None, interval).is_kept());
    }

    #[test]
    fn a_departure_is_as_promised_from_the_deadline_on_and_not_much_later() {
        for (took, excused, kept) in [
            (2_990, 0, false),
            (2_998, 0, true),
            (3_004, 0, true),
            (4_000, 0, true),
            (4_001, 0, false),
            (3_004, 500, false),
            (3_520, 500, true),
        ] {
            let finding = Finding::of_departure("killed", "orders-2", Some(&departure(took, excused)), TTL);
            assert_eq!(finding.is_kept(), kept, "{took} ms with {excused} ms excused");
        }
        assert!(!Finding::of_departure("killed", "orders-2", None, TTL).is_kept());
    }

    #[test]
    fn a_return_is_promised_within_a_beat_by_way_of_an_unknown_lease() {
        let interval = Duration::from_secs(1);
        let back = |took: Option<u64>, was_refused| {
            Finding::of_return("a", took.map(Duration::from_millis), was_refused, interval).is_kept()
        };
        assert!(back(Some(300), true));
        assert!(!back(Some(2_300), true));
        assert!(!back(None, true));
        assert!(!back(Some(300), false));
    }

    #[test]
    fn the_table_says_what_was_not_kept() {
        let findings = [
            Finding::of_departure("killed (SIGKILL)", "orders-2", Some(&departure(3_004, 0)), TTL),
            Finding::of_others(3, 40, &["orders-1"]),
        ];
        let text = table(&findings, Paint::PLAIN);
        assert!(text.contains("last beat 10:00:00.000"), "{text}");
        assert!(text.contains("gone after 3.000 s  3.004 s"), "{text}");
        assert!(text.contains("left: orders-1") && text.contains("NOT AS PROMISED"), "{text}");
    }
}
