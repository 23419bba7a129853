//! [`Story`]: the life of one instance in whole sentences, for `lubdub why`.

use std::time::Duration;

use jiff::Timestamp;

use super::cause::because;
use super::clock::{ago_and_when, since, time_seen_from};
use super::news::word;
use super::silence::{hundredths, rhythm};
use super::span::{chosen, span};
use crate::client::wire::{Entry, Instance, Lease};
use crate::output::{Ink, Paint};

/// What is known of an instance.
#[derive(Debug, Clone)]
pub(crate) struct Story<'a> {
    /// Its service, as it was asked for.
    pub(crate) service: &'a str,
    /// Its id, as it was asked for.
    pub(crate) id: &'a str,
    /// As it is now; none when it is not registered.
    pub(crate) instance: Option<&'a Instance>,
    /// What happened to it, oldest first.
    pub(crate) history: &'a [Entry],
}

/// The story, line by line, seen from `now`.
pub(crate) fn story(story: &Story<'_>, now: Timestamp, paint: Paint) -> Vec<String> {
    let mut lines = vec![heading(story, now, paint)];
    if let Some(instance) = story.instance {
        lines.extend(instance.leases.iter().map(|lease| format!("  {}", lease_sentence(lease, now))));
    }
    lines.push(String::new());
    if story.history.is_empty() {
        lines.push("What happened to it is not remembered any more.".to_owned());
    } else {
        lines.push("What happened, oldest first (times are UTC):".to_owned());
        // One that left has no address any more: it was where it was last known to be.
        let mut seat = None;
        for entry in story.history {
            seat = entry.address.as_deref().or(seat);
            lines.push(format!("  {}", entry_sentence(entry, seat, now, paint)));
        }
    }
    lines
}

fn heading(story: &Story<'_>, now: Timestamp, paint: Paint) -> String {
    let who = paint.ink(Ink::Strong, &format!("{}/{}", story.service, story.id));
    let Some(instance) = story.instance else {
        let left = story.history.last().map(|entry| format!("; it left {}", ago_and_when(now, entry.at)));
        return format!("{who} is {}{}.", paint.ink(Ink::Bad, "not registered"), left.unwrap_or_default());
    };
    let mut said = format!(
        "{who} is {} at {}",
        paint.ink(Ink::of_status(&instance.status), &instance.status),
        instance.address
    );
    let reports = &instance.reported;
    if instance.status_override.is_some() {
        said = format!("{said}, because an operator said so; it reports {reports} itself");
    } else if instance.damped {
        said = format!("{said}, because damping keeps it out; it reports {reports} itself");
    }
    if instance.held {
        said = format!("{said}; its lease is over, but the guard holds it");
    }
    format!("{said}.")
}

/// `left 12 s ago, at 11:02:16.207: no renewal for 3.0 s; …`. `seat` is where it was by then.
fn entry_sentence(entry: &Entry, seat: Option<&str>, now: Timestamp, paint: Paint) -> String {
    let (what, ink) = word(&entry.cause.name);
    let what = paint.ink(ink, what);
    let because = because(&entry.cause, entry.at, seat);
    let so = match (&entry.status, &entry.address) {
        (Some(status), Some(address)) => format!("{status} at {address}"),
        (Some(status), None) => status.clone(),
        _ => String::new(),
    };
    let details: Vec<&str> =
        [so.as_str(), because.as_str()].into_iter().filter(|part| !part.is_empty()).collect();
    let said = format!("{what} {}", ago_and_when(now, entry.at));
    if details.is_empty() { said } else { format!("{said}: {}", details.join(", ")) }
}

fn lease_sentence(lease: &Lease, now: Timestamp) -> String {
    let kind = if lease.phi.is_some() { "adaptive lease" } else { "lease" };
    let mut name = if lease.check.is_empty() {
        format!("Its {kind}")
    } else {
        format!("The {kind} of its check {}", lease.check)
    };
    let allowed = match lease.phi {
        None => format!("{} of silence", chosen(Duration::from_millis(lease.ttl_ms))),
        Some(phi) => {
            name = format!("{name} (phi {phi})");
            format!("{} s of silence now", hundredths(lease.allowed_ms))
        }
    };
    let promised = chosen(Duration::from_millis(lease.interval_ms));
    let terms = format!("{name} allows {allowed}, a beat is promised every {promised}");
    let Some(last_beat) = lease.last_beat.filter(|_| !lease.unconfirmed) else {
        return format!("{terms}; nothing was heard from it since the registry started.");
    };
    let silent = span(since(last_beat, now));
    let mut said = format!("{terms}; the last came {silent} ago, at {}", time_seen_from(now, last_beat));
    if !lease.intervals_ms.is_empty() {
        said = format!("{said}; intervals before it {}", rhythm(&lease.intervals_ms));
    }
    if let (Some(_), Some(due_at)) = (lease.phi, lease.due_at) {
        said = format!("{said}; without another it is due at {}", time_seen_from(now, due_at));
    }
    if lease.state == "refused" {
        said = format!("{said}; until it registers again its renewals are answered as unknown");
    }
    format!("{said}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::wire::{Cause, Sender, Silence};

    fn time(text: &str) -> Timestamp {
        format!("2026-11-21T{text}Z").parse().unwrap()
    }

    fn arrival() -> Entry {
        Entry {
            at: time("11:01:58.101"),
            cause: Cause {
                name: "registered".to_owned(),
                sender: Sender {
                    face: Some("eureka".to_owned()),
                    address: Some("127.0.0.1".to_owned()),
                    operator: None,
                },
                ..Cause::default()
            },
            status: Some("UP".to_owned()),
            address: Some("10.0.0.7:8080".to_owned()),
        }
    }

    fn departure() -> Entry {
        let silence = Silence {
            ttl_ms: 3_000,
            interval_ms: 1_000,
            silent_ms: 3_003,
            intervals_ms: vec![1_000, 1_100, 1_000, 1_000],
            ..Silence::default()
        };
        Entry {
            at: time("11:02:16.207"),
            cause: Cause { name: "expired".to_owned(), silence: Some(silence), ..Cause::default() },
            status: None,
            address: None,
        }
    }

    fn lease() -> Lease {
        Lease {
            ttl_ms: 3_000,
            interval_ms: 1_000,
            last_beat: Some(time("11:02:13.204")),
            intervals_ms: vec![1_000, 1_000],
            ..Lease::default()
        }
    }

    fn instance() -> Instance {
        Instance {
            status: "UP".to_owned(),
            reported: "UP".to_owned(),
            address: "10.0.0.7:8080".to_owned(),
            leases: vec![lease()],
            ..Instance::default()
        }
    }

    fn told(instance: Option<&Instance>, history: &[Entry]) -> Vec<String> {
        story(
            &Story { service: "orders", id: "orders-2", instance, history },
            time("11:02:28.300"),
            Paint::PLAIN,
        )
    }

    #[test]
    fn one_that_left_is_told_with_its_last_beat_and_the_rule_that_fired() {
        assert_eq!(
            told(None, &[arrival(), departure()]),
            [
                "orders/orders-2 is not registered; it left 12 s ago, at 11:02:16.207.",
                "",
                "What happened, oldest first (times are UTC):",
                "  registered 30 s ago, at 11:01:58.101: UP at 10.0.0.7:8080, through eureka from 127.0.0.1",
                "  left 12 s ago, at 11:02:16.207: no renewal for 3.0 s; its lease allows 3 s, a beat was \
                 promised every 1 s; last beat 11:02:13.204 at 10.0.0.7:8080; intervals before it 1.0, 1.0, 1.1, 1.0 s",
            ]
        );
    }

    #[test]
    fn one_that_is_there_is_told_with_its_lease() {
        let lines = told(Some(&instance()), &[arrival()]);
        assert_eq!(lines[0], "orders/orders-2 is UP at 10.0.0.7:8080.");
        assert_eq!(
            lines[1],
            "  Its lease allows 3 s of silence, a beat is promised every 1 s; the last came 15.0 s ago, \
             at 11:02:13.204; intervals before it 1.0, 1.0 s."
        );
    }

    #[test]
    fn an_override_is_told_beside_the_report() {
        let overridden = Instance {
            status: "OUT_OF_SERVICE".to_owned(),
            status_override: Some("OUT_OF_SERVICE".to_owned()),
            ..instance()
        };
        assert_eq!(
            told(Some(&overridden), &[])[0],
            "orders/orders-2 is OUT_OF_SERVICE at 10.0.0.7:8080, because an operator said so; it reports UP itself."
        );
    }

    #[test]
    fn one_that_is_held_or_kept_out_is_told_so() {
        let held = Instance { held: true, ..instance() };
        assert_eq!(
            told(Some(&held), &[])[0],
            "orders/orders-2 is UP at 10.0.0.7:8080; its lease is over, but the guard holds it."
        );
        let damped = Instance { damped: true, status: "OUT_OF_SERVICE".to_owned(), ..instance() };
        assert_eq!(
            told(Some(&damped), &[])[0],
            "orders/orders-2 is OUT_OF_SERVICE at 10.0.0.7:8080, because damping keeps it out; it reports UP itself."
        );
    }

    #[test]
    fn an_action_is_told_with_who_did_it_and_from_where() {
        let sender = Sender {
            operator: Some("alice".to_owned()),
            face: Some("rest".to_owned()),
            address: Some("10.0.0.9".to_owned()),
        };
        let drained = Entry {
            cause: Cause { name: "override-set".to_owned(), sender, ..Cause::default() },
            status: Some("OUT_OF_SERVICE".to_owned()),
            ..arrival()
        };
        assert_eq!(
            told(Some(&instance()), &[drained]).last().unwrap(),
            "  status overridden 30 s ago, at 11:01:58.101: OUT_OF_SERVICE at 10.0.0.7:8080, \
             by alice through rest from 10.0.0.9"
        );
    }

    #[test]
    fn one_that_must_register_again_is_told_so() {
        let refused =
            Instance { leases: vec![Lease { state: "refused".to_owned(), ..lease() }], ..instance() };
        let said = &told(Some(&refused), &[])[1];
        assert!(said.ends_with("; until it registers again its renewals are answered as unknown."), "{said}");
    }

    #[test]
    fn one_that_was_restored_and_not_heard_yet_is_told_so() {
        let silent = Instance { leases: vec![Lease { unconfirmed: true, ..lease() }], ..instance() };
        assert!(
            told(Some(&silent), &[])[1].ends_with("nothing was heard from it since the registry started.")
        );
    }
}
