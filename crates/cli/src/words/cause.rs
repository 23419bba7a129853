//! Causes, as the second half of a sentence: `left at 11:02:16.207 (12 s ago): …`.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::clock::time_seen_from;
use super::span::{chosen, span};
use crate::client::wire::{Cause, Silence};

/// Why something happened `at` that time: whose word it was, or the arithmetic of a silence.
/// Empty where there is nothing to say beyond what happened.
pub(crate) fn because(cause: &Cause, at: Timestamp) -> String {
    match &cause.silence {
        Some(silence) => silence_of(silence, at),
        None => asked_by(cause),
    }
}

/// The intervals between beats, oldest first: `1.0, 1.0, 1.1, 1.0 s`. Empty without any.
///
/// All in one unit, that of the longest, so that the eye finds the odd one.
pub(crate) fn rhythm(newest_first_ms: &[u64]) -> String {
    let Some(longest) = newest_first_ms.iter().max() else { return String::new() };
    let (unit, say): (&str, fn(u64) -> String) = match longest {
        0..1_000 => ("ms", |millis| millis.to_string()),
        _ => ("s", |millis| format!("{}.{}", millis / 1_000, millis % 1_000 / 100)),
    };
    let oldest_first: Vec<String> = newest_first_ms.iter().rev().map(|millis| say(*millis)).collect();
    format!("{} {unit}", oldest_first.join(", "))
}

fn asked_by(cause: &Cause) -> String {
    match (&cause.face, &cause.address) {
        (Some(face), Some(address)) => format!("through {face} from {address}"),
        (Some(face), None) => format!("through {face}"),
        (None, Some(address)) => format!("asked from {address}"),
        (None, None) => String::new(),
    }
}

fn silence_of(silence: &Silence, at: Timestamp) -> String {
    let millis = Duration::from_millis;
    let last_heard =
        at - SignedDuration::from_millis(i64::try_from(silence.silent_ms).unwrap_or(i64::MAX / 1_000_000));
    let mut said = format!("no renewal for {}", span(millis(silence.silent_ms)));
    if !silence.check.is_empty() {
        said = format!("check {}: {said}", silence.check);
    }
    if silence.excused_ms > 0 {
        let excused = span(millis(silence.excused_ms));
        said = format!("{said}, of which {excused} did not count because the registry could not hear");
    }
    let promised = (chosen(millis(silence.ttl_ms)), chosen(millis(silence.interval_ms)));
    said = format!("{said}; its lease allows {}, a beat was promised every {}", promised.0, promised.1);
    if silence.unconfirmed {
        return format!("{said}; nothing was heard from it since the registry started");
    }
    said = format!("{said}; last beat {}", time_seen_from(at, last_heard));
    if silence.intervals_ms.is_empty() {
        format!("{said}, the only one")
    } else {
        format!("{said}; intervals before it {}", rhythm(&silence.intervals_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        "2026-11-21T11:02:16.207Z".parse().unwrap()
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
            because(&expired(silence()), at()),
            "no renewal for 3.0 s; its lease allows 3 s, a beat was promised every 1 s; \
             last beat 11:02:13.204; intervals before it 1.0, 1.0, 1.1, 1.0 s"
        );
    }

    #[test]
    fn deaf_time_that_was_excused_is_told() {
        let told = because(&expired(Silence { excused_ms: 400, silent_ms: 3_400, ..silence() }), at());
        assert!(
            told.starts_with(
                "no renewal for 3.4 s, of which 0.4 s did not count because the registry could not hear"
            ),
            "{told}"
        );
    }

    #[test]
    fn one_that_was_never_heard_has_no_last_beat() {
        let told = because(&expired(Silence { unconfirmed: true, ..silence() }), at());
        assert!(told.ends_with("nothing was heard from it since the registry started"), "{told}");
        assert!(!told.contains("last beat"), "{told}");
    }

    #[test]
    fn one_that_beat_once_has_no_rhythm() {
        let told = because(&expired(Silence { intervals_ms: vec![], ..silence() }), at());
        assert!(told.ends_with("last beat 11:02:13.204, the only one"), "{told}");
    }

    #[test]
    fn a_word_is_told_with_its_face_and_where_it_came_from() {
        let cause = |face: Option<&str>, address: Option<&str>| Cause {
            name: "registered".to_owned(),
            face: face.map(str::to_owned),
            address: address.map(str::to_owned),
            silence: None,
        };
        assert_eq!(because(&cause(Some("eureka"), Some("10.0.0.7")), at()), "through eureka from 10.0.0.7");
        assert_eq!(because(&cause(Some("eureka"), None), at()), "through eureka");
        assert_eq!(because(&cause(None, None), at()), "");
    }

    #[test]
    fn short_intervals_are_in_milliseconds() {
        assert_eq!(rhythm(&[52, 50, 49]), "49, 50, 52 ms");
        assert_eq!(rhythm(&[30_010, 900]), "0.9, 30.0 s");
        assert_eq!(rhythm(&[]), "");
    }
}
