//! Silences: what was promised, what came, what was excused, and what the guard said of it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::clock::time_seen_from;
use super::guard::word;
use super::span::{chosen, span};
use crate::client::wire::Silence;

/// The silence for which a lease was judged `at` that time; `seat` is where its instance was last
/// known to be.
pub(super) fn silence(silence: &Silence, at: Timestamp, seat: Option<&str>) -> String {
    let millis = Duration::from_millis;
    let mut said = format!("no renewal for {}", span(millis(silence.silent_ms)));
    if !silence.check.is_empty() {
        said = format!("check {}: {said}", silence.check);
    }
    if silence.excused_ms > 0 {
        let excused = span(millis(silence.excused_ms));
        said = format!("{said}, of which {excused} did not count because the registry could not hear");
    }
    let promised = chosen(millis(silence.interval_ms));
    said = format!("{said}; {}, a beat was promised every {promised}", allowed(silence));
    if silence.unconfirmed {
        said = format!("{said}; nothing was heard from it since the registry started");
    } else {
        said = format!("{said}; last beat {}", last_beat(at, silence.silent_ms));
        if let Some(seat) = seat {
            said = format!("{said} at {seat}");
        }
        said = match rhythm(&silence.intervals_ms).as_str() {
            "" => format!("{said}, the only one"),
            rhythm => format!("{said}; intervals before it {rhythm}"),
        };
    }
    match silence.guard.as_ref().and_then(word) {
        Some(guard) => format!("{said}; {guard}"),
        None => said,
    }
}

/// What the lease allowed.
fn allowed(silence: &Silence) -> String {
    let ttl = chosen(Duration::from_millis(silence.ttl_ms));
    match &silence.learnt {
        None => format!("its lease allows {ttl}"),
        Some(learnt) if learnt.enough => {
            let (mean, deviation) = (hundredths(learnt.mean_ms), hundredths(learnt.deviation_ms));
            let (phi, allowed) = (learnt.phi, hundredths(learnt.allowed_ms));
            format!(
                "its adaptive lease (phi {phi}) allows {allowed} s after beats every {mean} ± {deviation} s"
            )
        }
        Some(learnt) => {
            format!(
                "its adaptive lease (phi {}) allows {ttl} while little is learnt of its beats",
                learnt.phi
            )
        }
    }
}

/// Seconds with two decimals.
pub(super) fn hundredths(millis: u64) -> String {
    format!("{}.{:02}", millis / 1_000, millis % 1_000 / 10)
}

/// When the last beat came, for one that was silent for so long `at` that time.
pub(super) fn last_beat(at: Timestamp, silent_ms: u64) -> String {
    let silent = SignedDuration::from_millis(i64::try_from(silent_ms).unwrap_or(i64::MAX));
    match at.checked_sub(silent) {
        Ok(heard) => time_seen_from(at, heard),
        Err(_) => "longer ago than can be said".to_owned(),
    }
}

/// The intervals between beats, oldest first: `1.0, 1.0, 1.1, 1.0 s`. Empty without any.
///
/// All in one unit, that of the longest, so that the eye finds the odd one.
pub(super) fn rhythm(newest_first_ms: &[u64]) -> String {
    let Some(longest) = newest_first_ms.iter().max() else { return String::new() };
    let (unit, say): (&str, fn(u64) -> String) = match longest {
        0..1_000 => ("ms", |millis| millis.to_string()),
        _ => ("s", |millis| format!("{}.{}", millis / 1_000, millis % 1_000 / 100)),
    };
    let oldest_first: Vec<String> = newest_first_ms.iter().rev().map(|millis| say(*millis)).collect();
    format!("{} {unit}", oldest_first.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::wire::GuardWord;

    fn at() -> Timestamp {
        "2026-11-21T11:02:16.207Z".parse().unwrap()
    }

    fn three_seconds() -> Silence {
        Silence {
            ttl_ms: 3_000,
            interval_ms: 1_000,
            silent_ms: 3_003,
            intervals_ms: vec![1_001, 1_102, 1_000, 1_000],
            ..Silence::default()
        }
    }

    #[test]
    fn a_silence_is_told_with_where_the_last_beat_was_and_what_the_guard_said() {
        let guard =
            GuardWord { word: "open".to_owned(), hosts: 40, silent: 1, tolerated: 6, ..GuardWord::default() };
        let it = Silence { guard: Some(guard), ..three_seconds() };
        assert_eq!(
            silence(&it, at(), Some("10.0.0.3:8080")),
            "no renewal for 3.0 s; its lease allows 3 s, a beat was promised every 1 s; \
             last beat 11:02:13.204 at 10.0.0.3:8080; intervals before it 1.0, 1.0, 1.1, 1.0 s; \
             guard open (1 of 40 hosts silent, up to 6 tolerated)"
        );
    }

    #[test]
    fn one_that_was_never_heard_has_no_last_beat() {
        let told = silence(&Silence { unconfirmed: true, ..three_seconds() }, at(), Some("10.0.0.3:8080"));
        assert!(told.ends_with("nothing was heard from it since the registry started"), "{told}");
        assert!(!told.contains("last beat"), "{told}");
    }

    #[test]
    fn one_that_beat_once_has_no_rhythm() {
        let told = silence(&Silence { intervals_ms: vec![], ..three_seconds() }, at(), None);
        assert!(told.ends_with("last beat 11:02:13.204, the only one"), "{told}");
    }

    #[test]
    fn a_silence_beyond_the_calendar_is_no_panic() {
        let told = silence(&Silence { silent_ms: u64::MAX, ..three_seconds() }, at(), None);
        assert!(told.contains("last beat longer ago than can be said"), "{told}");
    }

    #[test]
    fn short_intervals_are_in_milliseconds() {
        assert_eq!(rhythm(&[52, 50, 49]), "49, 50, 52 ms");
        assert_eq!(rhythm(&[30_010, 900]), "0.9, 30.0 s");
        assert_eq!(rhythm(&[]), "");
    }
}
