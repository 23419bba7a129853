//! [`News`]: a change as one line for a person who watches.

use jiff::Timestamp;

use super::cause::because;
use super::clock::time_of_day;
use crate::client::wire::Event;
use crate::output::{Ink, Paint};

/// A change in words: when, what, who, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    /// When it happened, by the registry's clock.
    pub(crate) at: Timestamp,
    /// What happened, in a word or two.
    pub(crate) what: String,
    /// Whether that is good.
    pub(crate) ink: Ink,
    /// To whom: `service/id`.
    pub(crate) who: String,
    /// Why, and how things are from then on.
    pub(crate) why: String,
}

/// What happened, for each cause: the registry's name of it, what people read, and its colour.
const WORDS: [(&str, &str, Ink); 15] = [
    ("registered", "registered", Ink::Good),
    ("registered-again", "registered again", Ink::Good),
    ("deregistered", "deregistered", Ink::Wary),
    ("override-set", "status overridden", Ink::Wary),
    ("override-cleared", "override cleared", Ink::Good),
    ("metadata-added", "metadata added", Ink::Faint),
    ("expired", "left", Ink::Bad),
    ("held", "held", Ink::Wary),
    ("returned", "heard again", Ink::Good),
    ("refused", "left", Ink::Bad),
    ("came-back", "came back", Ink::Wary),
    ("undamped", "offered again", Ink::Good),
    ("status-reported", "status reported", Ink::Faint),
    ("connection-lost", "left", Ink::Bad),
    ("suspected", "held", Ink::Wary),
];

/// What people read for a cause; a cause from a newer registry keeps its own name.
pub(super) fn word(cause: &str) -> (&str, Ink) {
    let known = WORDS.iter().find(|(name, ..)| *name == cause);
    known.map_or((cause, Ink::Strong), |(_, word, ink)| (word, *ink))
}

/// A change in words.
pub(crate) fn news(event: &Event) -> News {
    let (what, ink) = word(&event.cause.name);
    let because = because(&event.cause, event.at, event.address.as_deref());
    let now = event.status.as_deref().map(|status| match &event.address {
        Some(address) => format!("{status} at {address}"),
        None => status.to_owned(),
    });
    let why = match now {
        Some(now) if because.is_empty() => now,
        Some(now) => format!("{now}, {because}"),
        None => because,
    };
    News { at: event.at, what: what.to_owned(), ink, who: format!("{}/{}", event.service, event.id), why }
}

impl News {
    /// One line: `11:02:16.207  left  orders/orders-2  no renewal for 3.0 s; …`.
    pub(crate) fn line(&self, paint: Paint) -> String {
        let what = paint.ink(self.ink, &format!("{:<17}", self.what));
        let who = paint.ink(Ink::Strong, &self.who);
        format!("{}  {what}  {who}  {}", paint.ink(Ink::Faint, &time_of_day(self.at)), self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::wire::{Arithmetic, Cause, Scope, Sender, Silence};

    fn event(cause: Cause) -> Event {
        Event {
            at: "2026-11-21T11:02:16.207Z".parse().unwrap(),
            service: "orders".to_owned(),
            id: "orders-2".to_owned(),
            cause,
            status: None,
            address: None,
        }
    }

    #[test]
    fn a_departure_is_one_line_with_time_what_who_and_why() {
        let silence = Silence {
            ttl_ms: 3_000,
            interval_ms: 1_000,
            silent_ms: 3_003,
            intervals_ms: vec![1_000],
            ..Silence::default()
        };
        let line =
            news(&event(Cause { name: "expired".to_owned(), silence: Some(silence), ..Cause::default() }))
                .line(Paint::PLAIN);
        assert!(
            line.starts_with("11:02:16.207  left               orders/orders-2  no renewal for 3.0 s;"),
            "{line}"
        );
    }

    #[test]
    fn an_arrival_tells_where_and_through_what() {
        let cause = Cause {
            name: "registered".to_owned(),
            sender: Sender {
                face: Some("eureka".to_owned()),
                address: Some("127.0.0.1".to_owned()),
                operator: None,
            },
            ..Cause::default()
        };
        let arrival = Event {
            status: Some("UP".to_owned()),
            address: Some("10.0.0.7:8080".to_owned()),
            ..event(cause)
        };
        assert_eq!(news(&arrival).why, "UP at 10.0.0.7:8080, through eureka from 127.0.0.1");
    }

    #[test]
    fn a_cause_that_this_program_does_not_know_is_shown_by_its_name() {
        let unknown = news(&event(Cause { name: "vanished".to_owned(), ..Cause::default() }));
        assert_eq!((unknown.what.as_str(), unknown.why.as_str()), ("vanished", ""));
    }

    #[test]
    fn a_hold_is_one_line_with_the_guards_arithmetic() {
        let cause = Cause {
            name: "held".to_owned(),
            scope: Some(Scope { kind: "registry".to_owned(), name: None }),
            arithmetic: Some(Arithmetic { hosts: 40, silent: 12, tolerated: 6 }),
            silence: Some(Silence { silent_ms: 3_003, ..Silence::default() }),
            ..Cause::default()
        };
        let held = Event {
            status: Some("UP".to_owned()),
            address: Some("10.0.0.7:8080".to_owned()),
            ..event(cause)
        };
        let line = news(&held).line(Paint::PLAIN);
        assert!(
            line.starts_with(
                "11:02:16.207  held               orders/orders-2  UP at 10.0.0.7:8080, by the guard of the registry: \
                 12 of 40 hosts fell silent within one lease time, up to 6 are tolerated; no renewal for 3.0 s;"
            ),
            "{line}"
        );
    }
}
