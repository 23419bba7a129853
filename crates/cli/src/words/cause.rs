//! Causes, as the second half of a sentence: `left 12 s ago, at 11:02:16.207: …`.

use std::time::Duration;

use jiff::Timestamp;

use super::guard::{arithmetic, scope, word};
use super::silence::{last_beat, rhythm, silence as silence_of};
use super::span::{chosen, count, rough, span};
use crate::client::wire::{Arithmetic, Cause, ConnectionLoss, Flap, Refusal, Sender, Undamped};

/// Why something happened `at` that time: whose word it was, or the arithmetic of a silence. `seat` is
/// where the instance was last known to be. Empty where there is nothing to say beyond what happened.
///
/// It goes by what is told rather than by the cause's name, so that a cause of a later registry
/// is told as far as it is made of what is known.
pub(crate) fn because(cause: &Cause, at: Timestamp, seat: Option<&str>) -> String {
    let mut said = Vec::new();
    if let (None, Some(figures)) = (&cause.scope, &cause.arithmetic) {
        said.push(closings(figures));
    }
    if let Some(place) = &cause.scope {
        said.push(match &cause.arithmetic {
            Some(figures) => format!("by the guard of {}: {}", scope(place), arithmetic(figures)),
            None => format!("by the guard of {}", scope(place)),
        });
    }
    if let Some(silence) = &cause.silence {
        said.push(silence_of(silence, at, seat));
    }
    if let Some(held) = cause.held_ms {
        said.push(format!("the guard had held it for {}", span(Duration::from_millis(held))));
    }
    said.extend(cause.refusal.as_ref().map(|refusal| refused(refusal, at)));
    said.extend(cause.connection.as_ref().map(|loss| disconnected(loss, at)));
    said.extend(cause.flap.as_ref().map(flapped));
    said.extend(cause.undamped.as_ref().map(undamped));
    said.extend(Some(asked_by(&cause.sender)).filter(|said| !said.is_empty()));
    said.join("; ")
}

/// Whose word it was: `by alice through rest from 10.0.0.9`. Empty where nobody's.
pub(crate) fn asked_by(sender: &Sender) -> String {
    let by = sender.operator.as_ref().map(|name| format!("by {name}"));
    let through = sender.face.as_ref().map(|face| format!("through {face}"));
    let from = sender.address.as_ref().map(|address| match (&by, &through) {
        (None, None) => format!("asked from {address}"),
        _ => format!("from {address}"),
    });
    let said: Vec<String> = [by, through, from].into_iter().flatten().collect();
    said.join(" ")
}

/// A word of the registry's that this program does not know, as people would write it.
pub(super) fn unknown(word: &str) -> String {
    word.replace(['_', '-'], " ")
}

fn refused(refusal: &Refusal, at: Timestamp) -> String {
    let tried = match refusal.suspicion.as_str() {
        "connection_closed" => "tried because the connection that carried its beats was closed".to_owned(),
        "beat_late" => "tried because a beat was late by half an interval".to_owned(),
        "" => String::new(),
        other => format!("tried because of {}", unknown(other)),
    };
    let heard = last_beat(at, refusal.silent_ms);
    let rhythm = rhythm(&refusal.intervals_ms);
    let before = if rhythm.is_empty() { String::new() } else { format!("intervals before it {rhythm}") };
    let gone = format!("{} refused a connection, so its process is gone", refusal.address);
    let said: Vec<String> = [gone, tried, format!("last beat {heard}"), before]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    said.join("; ")
}

fn closings(figures: &Arithmetic) -> String {
    let Arithmetic { hosts, silent, tolerated } = figures;
    format!(
        "the connections of {silent} of {hosts} sessions closed within a second, up to {tolerated} are tolerated"
    )
}

fn disconnected(loss: &ConnectionLoss, at: Timestamp) -> String {
    let mut said = "the connection of its session closed without a goodbye".to_owned();
    if loss.grace_ms > 0 {
        let (grace, closed) = (Duration::from_millis(loss.grace_ms), Duration::from_millis(loss.closed_ms));
        said = format!("{said} {} before, its grace was {}", span(closed), chosen(grace));
    }
    said = format!("{said}; last message {}", last_beat(at, loss.silent_ms));
    match loss.guard.as_ref().and_then(word) {
        Some(guard) => format!("{said}; {guard}"),
        None => said,
    }
}

fn flapped(flap: &Flap) -> String {
    let losses = match flap.losses {
        1 => "the first time lately".to_owned(),
        losses => format!("{} lately", count(losses as usize, "time")),
    };
    let lost = format!("it was lost {losses}, which makes a penalty of {}", flap.penalty);
    let for_so_long =
        flap.kept_out_ms.map(|millis| format!(" for about {}", rough(Duration::from_millis(millis))));
    let so = match flap.outcome.as_str() {
        "offered" => "it is offered".to_owned(),
        "kept_out" => format!("it is kept out{}", for_so_long.unwrap_or_default()),
        "offered_for_lack" => {
            "it is offered all the same, because half of its service is kept out".to_owned()
        }
        other => unknown(other),
    };
    format!("{lost}: {so}")
}

fn undamped(undamped: &Undamped) -> String {
    match (undamped.why.as_str(), undamped.penalty) {
        ("decayed", Some(penalty)) => format!("its penalty fell to {penalty}"),
        ("decayed", None) => "its penalty fell".to_owned(),
        ("for_lack", _) => "more than half of its service would be kept out".to_owned(),
        ("by_hand", _) => "an operator cleared its penalty".to_owned(),
        (other, _) => unknown(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::wire::{Scope, Silence};

    fn at() -> Timestamp {
        "2026-11-21T11:02:16.207Z".parse().unwrap()
    }

    fn told(cause: &Cause) -> String {
        because(cause, at(), None)
    }

    fn expired(silence: Silence) -> Cause {
        Cause { name: "expired".to_owned(), silence: Some(silence), ..Cause::default() }
    }

    fn silence() -> Silence {
        Silence {
            ttl_ms: 3_000,
            interval_ms: 1_000,
            silent_ms: 3_003,
            intervals_ms: vec![1_001, 1_102, 1_000, 1_000],
            ..Silence::default()
        }
    }

    #[test]
    fn a_silence_is_told_with_its_arithmetic() {
        assert_eq!(
            told(&expired(silence())),
            "no renewal for 3.0 s; its lease allows 3 s, a beat was promised every 1 s; \
             last beat 11:02:13.204; intervals before it 1.0, 1.0, 1.1, 1.0 s"
        );
    }

    #[test]
    fn deaf_time_that_was_excused_is_told() {
        let told = told(&expired(Silence { excused_ms: 400, silent_ms: 3_400, ..silence() }));
        assert!(
            told.starts_with(
                "no renewal for 3.4 s, of which 0.4 s did not count because the registry could not hear"
            ),
            "{told}"
        );
    }

    #[test]
    fn a_word_is_told_with_its_face_and_where_it_came_from() {
        let said = |operator: Option<&str>, face: Option<&str>, address: Option<&str>| {
            let owned = |text: Option<&str>| text.map(str::to_owned);
            let sender = Sender { operator: owned(operator), face: owned(face), address: owned(address) };
            told(&Cause { name: "override-set".to_owned(), sender, ..Cause::default() })
        };
        assert_eq!(said(None, Some("eureka"), Some("10.0.0.7")), "through eureka from 10.0.0.7");
        assert_eq!(said(None, Some("eureka"), None), "through eureka");
        assert_eq!(said(None, None, Some("10.0.0.7")), "asked from 10.0.0.7");
        assert_eq!(
            said(Some("alice"), Some("rest"), Some("10.0.0.9")),
            "by alice through rest from 10.0.0.9"
        );
        assert_eq!(said(None, None, None), "");
    }

    fn held() -> Cause {
        Cause {
            name: "held".to_owned(),
            scope: Some(Scope { kind: "zone".to_owned(), name: Some("eu-1".to_owned()) }),
            arithmetic: Some(Arithmetic { hosts: 40, silent: 12, tolerated: 6 }),
            silence: Some(Silence { intervals_ms: vec![], ..silence() }),
            ..Cause::default()
        }
    }

    #[test]
    fn a_hold_is_told_with_its_scope_its_arithmetic_and_the_silence() {
        assert_eq!(
            told(&held()),
            "by the guard of zone eu-1: 12 of 40 hosts fell silent within one lease time, up to 6 are \
             tolerated; no renewal for 3.0 s; its lease allows 3 s, a beat was promised every 1 s; \
             last beat 11:02:13.204, the only one"
        );
    }

    #[test]
    fn one_that_was_held_and_heard_again_is_told_with_how_long() {
        let cause = Cause { name: "returned".to_owned(), held_ms: Some(4_210), ..Cause::default() };
        assert_eq!(told(&cause), "the guard had held it for 4.2 s");
    }

    #[test]
    fn a_refusal_is_told_with_its_address_and_why_it_was_tried() {
        let refusal = |suspicion: &str| Refusal {
            address: "10.0.0.3:8080".to_owned(),
            suspicion: suspicion.to_owned(),
            silent_ms: 1_503,
            intervals_ms: vec![1_000, 1_001],
        };
        let said = |suspicion| told(&Cause { refusal: Some(refusal(suspicion)), ..Cause::default() });
        assert_eq!(
            said("beat_late"),
            "10.0.0.3:8080 refused a connection, so its process is gone; tried because a beat was late by \
             half an interval; last beat 11:02:14.704; intervals before it 1.0, 1.0 s"
        );
        assert!(
            said("connection_closed").contains("because the connection that carried its beats was closed")
        );
        assert!(said("of_new_kind").contains("; tried because of of new kind; "), "{}", said("of_new_kind"));
    }

    #[test]
    fn a_flap_is_told_with_its_cost_and_what_follows() {
        let said = |losses, outcome: &str, kept_out_ms| {
            let flap = Flap { penalty: 2_800, losses, outcome: outcome.to_owned(), kept_out_ms };
            told(&Cause { name: "came-back".to_owned(), flap: Some(flap), ..Cause::default() })
        };
        assert_eq!(
            said(3, "kept_out", Some(89_400)),
            "it was lost 3 times lately, which makes a penalty of 2800: it is kept out for about 1 min 29 s"
        );
        assert!(said(1, "offered", None).starts_with("it was lost the first time lately, "));
        assert!(said(2, "offered", None).ends_with(": it is offered"));
        assert!(said(4, "offered_for_lack", None).ends_with("because half of its service is kept out"));
        assert!(said(4, "of_new_kind", None).ends_with(": of new kind"));
    }

    #[test]
    fn the_end_of_damping_is_told_with_its_reason_and_who_gave_it() {
        let said = |why: &str, penalty, operator: Option<&str>| {
            let sender = Sender { operator: operator.map(str::to_owned), ..Sender::default() };
            let undamped = Some(Undamped { why: why.to_owned(), penalty });
            told(&Cause { name: "undamped".to_owned(), undamped, sender, ..Cause::default() })
        };
        assert_eq!(said("decayed", Some(990), None), "its penalty fell to 990");
        assert_eq!(said("for_lack", None, None), "more than half of its service would be kept out");
        assert_eq!(said("by_hand", None, Some("bob")), "an operator cleared its penalty; by bob");
        assert_eq!(said("of_new_kind", None, None), "of new kind");
    }

    #[test]
    fn a_cause_that_is_not_known_is_told_as_far_as_it_is_made_of_what_is_known() {
        let sender = Sender { face: Some("grpc".to_owned()), ..Sender::default() };
        let later = Cause { name: "vanished".to_owned(), sender, ..held() };
        assert!(told(&later).ends_with("the only one; through grpc"), "{}", told(&later));
    }
}
