//! The screen of `lubdub status`: a line for each thing that one wants to know first.

use std::time::Duration;

use jiff::Timestamp;

use super::Seen;
use crate::client::wire::{Journal, Restored};
use crate::output::{Ink, Paint};
use crate::words::{ago, count, date_and_time, rough, since, span, time_seen_from};

/// The lines, seen from `now`.
pub(super) fn screen(seen: &Seen, url: &str, now: Timestamp, paint: Paint) -> Vec<String> {
    let (server, readiness) = (&seen.server.document, &seen.readiness.document);
    let ink = match readiness.status.as_str() {
        "ready" => Ink::Good,
        "degraded" => Ink::Wary,
        _ => Ink::Bad,
    };
    let ready = paint.ink(ink, &readiness.status);
    let mut lines = vec![format!("lubdub {} at {url} is {ready}.", server.version)];
    let mut line = |name: &str, text: String| {
        lines.push(format!("  {} {text}", paint.ink(Ink::Faint, &format!("{name:<10}"))));
    };
    if let Some(started) = server.started_at {
        line("up", format!("for {}, since {}", rough(since(started, now)), date_and_time(started)));
    }
    line("revision", server.revision.to_string());
    line("instances", instances(seen));
    line("journal", journal(&server.journal, now));
    line("restored", restored(readiness.restored.as_ref()));
    line("renewals", renewals(seen));
    line("guard", guard(seen));
    line(
        "held",
        if seen.held == 0 { "none".to_owned() } else { paint.ink(Ink::Wary, &count(seen.held, "instance")) },
    );
    line("damped", damped(seen));
    line("deaf", deaf(seen, now));
    match readiness.warnings.as_slice() {
        [] => line("warnings", "none".to_owned()),
        warnings => warnings.iter().for_each(|warning| line("warning", paint.ink(Ink::Wary, warning))),
    }
    lines
}

fn instances(seen: &Seen) -> String {
    let server = &seen.server.document;
    let of = count(server.services, "service");
    let mut said = format!("{} of {of}", server.instances);
    let statuses: Vec<String> = seen
        .statuses
        .iter()
        .filter(|(_, number)| **number > 0)
        .map(|(status, number)| format!("{number} {status}"))
        .collect();
    if !statuses.is_empty() {
        said = format!("{said}: {}", statuses.join(", "));
    }
    said
}

fn journal(journal: &Journal, now: Timestamp) -> String {
    match journal.state.as_str() {
        "memory" => "none: kept in memory only".to_owned(),
        "durable" => "durable: on disk before it is answered".to_owned(),
        "unavailable" => {
            let since =
                journal.since.map(|at| format!(" since {} ({})", time_seen_from(now, at), ago(now, at)));
            let reason = journal.reason.as_ref().map(|reason| format!(": {reason}"));
            let unwritten =
                journal.unwritten.map(|number| format!("; {} not written", count(number, "instance")));
            let parts = [since, reason, unwritten].into_iter().flatten().collect::<String>();
            format!("unavailable{parts}")
        }
        other => other.to_owned(),
    }
}

fn restored(restored: Option<&Restored>) -> String {
    let Some(restored) = restored else { return "nothing: it started empty".to_owned() };
    let mut said =
        format!("{} of {}", count(restored.instances, "instance"), count(restored.services, "service"));
    if let Some(heard) = restored.last_heard {
        let outage = rough(Duration::from_millis(restored.outage_ms));
        said = format!("{said}, last heard {}, {outage} before it started", date_and_time(heard));
    }
    said
}

fn renewals(seen: &Seen) -> String {
    let heard = seen.server.document.counters.renewals_last_minute;
    let promised = seen.guard.as_ref().and_then(|guard| guard.document.promised_per_minute);
    let total = seen.server.document.counters.renewals;
    match promised {
        Some(promised) => {
            format!("{promised} promised a minute, {heard} heard in the last; {total} since it started")
        }
        None => format!("{heard} heard in the last minute; {total} since it started"),
    }
}

/// The registry's own sentences: that of the whole, and of every scope that is held.
fn guard(seen: &Seen) -> String {
    let Some(guard) = &seen.guard else { return "not told".to_owned() };
    let said: Vec<&str> = guard.document.scopes.iter().map(|scope| scope.sentence.as_str()).collect();
    if said.is_empty() { "not told".to_owned() } else { said.join("\n             ") }
}

fn damped(seen: &Seen) -> String {
    let Some(damping) = &seen.damping else { return "not told".to_owned() };
    let damping = &damping.document;
    let on = damping.rules.enabled || damping.services.values().any(|rules| rules.enabled);
    match damping.instances.iter().filter(|it| it.damped).count() {
        0 if !on => "none: damping is off".to_owned(),
        0 => "none".to_owned(),
        number => count(number, "instance"),
    }
}

fn deaf(seen: &Seen, now: Timestamp) -> String {
    let total = seen.server.document.deaf_last_hour_ms;
    if total == 0 {
        return "never in the last hour".to_owned();
    }
    let said = format!("for {} of the last hour", span(Duration::from_millis(total)));
    let last = seen.deaf.as_ref().and_then(|deaf| deaf.document.intervals.iter().max_by_key(|it| it.to));
    match last {
        Some(last) => {
            let span = span(Duration::from_millis(last.ms));
            format!("{said}; last {}, until {}, for {span}", ago(now, last.to), time_seen_from(now, last.to))
        }
        None => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Reply;
    use serde::de::DeserializeOwned;

    fn reply<T: DeserializeOwned>(json: &str) -> Reply<T> {
        Reply { json: json.to_owned(), document: serde_json::from_str(json).unwrap() }
    }

    fn seen(readiness: &str, journal: &str) -> Seen {
        Seen {
            server: reply(&format!(
                r#"{{"version":"0.1.0","started_at":"2026-11-21T08:00:00.000Z","revision":1795258936207000,
                    "services":2,"instances":5,"journal":{journal},"deaf_last_hour_ms":2310,
                    "counters":{{"renewals":90000,"renewals_last_minute":299}}}}"#
            )),
            readiness: reply(readiness),
            statuses: [("UP".to_owned(), 4), ("DOWN".to_owned(), 1), ("STARTING".to_owned(), 0)].into(),
            guard: Some(reply(
                r#"{"promised_per_minute":300,"scopes":[{"scope":{"kind":"registry"},"state":"holding",
                    "sentence":"the registry: held","episode":{"held_leases":3}}]}"#,
            )),
            damping: Some(reply(r#"{"rules":{"enabled":true},"instances":[{"id":"a","damped":true}]}"#)),
            deaf: Some(reply(
                r#"{"intervals":[{"from":"2026-11-21T10:59:00.000Z","to":"2026-11-21T10:59:02.310Z","ms":2310}]}"#,
            )),
            held: 3,
        }
    }

    fn told(seen: &Seen) -> Vec<String> {
        screen(seen, "http://r:8761", "2026-11-21T11:04:30Z".parse().unwrap(), Paint::PLAIN)
    }

    #[test]
    fn everything_that_one_wants_to_know_first_is_on_one_screen() {
        let readiness = r#"{"status":"ready","warnings":[],"restored":{"instances":5,"services":2,
            "last_heard":"2026-11-21T07:59:19.000Z","outage_ms":41000,"damaged":null}}"#;
        assert_eq!(
            told(&seen(readiness, r#"{"state":"durable"}"#)),
            [
                "lubdub 0.1.0 at http://r:8761 is ready.",
                "  up         for 3 h 4 min, since 2026-11-21 08:00:00 UTC",
                "  revision   1795258936207000",
                "  instances  5 of 2 services: 1 DOWN, 4 UP",
                "  journal    durable: on disk before it is answered",
                "  restored   5 instances of 2 services, last heard 2026-11-21 07:59:19 UTC, 41 s before it started",
                "  renewals   300 promised a minute, 299 heard in the last; 90000 since it started",
                "  guard      the registry: held",
                "  held       3 instances",
                "  damped     1 instance",
                "  deaf       for 2.3 s of the last hour; last 5 min 27 s ago, until 10:59:02.310, for 2.3 s",
                "  warnings   none",
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_told_line_by_line() {
        let readiness = r#"{"status":"degraded","warnings":["the disk is full","and slow"],"restored":null}"#;
        let journal =
            r#"{"state":"unavailable","since":"2026-11-21T11:04:00.000Z","reason":"no space","unwritten":1}"#;
        let told = told(&seen(readiness, journal));
        assert!(told[0].ends_with("is degraded."), "{told:#?}");
        for line in [
            "  journal    unavailable since 11:04:00.000 (30 s ago): no space; 1 instance not written",
            "  restored   nothing: it started empty",
            "  warning    the disk is full",
            "  warning    and slow",
        ] {
            assert!(told.iter().any(|told| told == line), "{line}: {told:#?}");
        }
    }

    #[test]
    fn a_registry_that_tells_less_is_shown_with_what_it_tells() {
        let bare = Seen {
            guard: None,
            damping: None,
            deaf: None,
            held: 0,
            ..seen(r#"{"status":"ready"}"#, r#"{"state":"memory"}"#)
        };
        let told = told(&bare);
        for line in [
            "  guard      not told",
            "  held       none",
            "  damped     not told",
            "  journal    none: kept in memory only",
        ] {
            assert!(told.iter().any(|told| told == line), "{line}: {told:#?}");
        }
    }
}
