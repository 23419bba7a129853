//! Points in time, in UTC: the same words on every machine that looks at one registry.

use std::time::Duration;

use jiff::Timestamp;

use super::span::rough;

/// `2026-11-21 10:02:11 UTC`.
pub(crate) fn date_and_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// `11:02:16.207`: for lines that come as things happen.
pub(crate) fn time_of_day(at: Timestamp) -> String {
    at.strftime("%H:%M:%S%.3f").to_string()
}

/// `11:02:16.207`, with the date before it unless that is today's.
pub(crate) fn time_seen_from(now: Timestamp, at: Timestamp) -> String {
    let date = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
    if date(now) == date(at) { time_of_day(at) } else { format!("{} {}", date(at), time_of_day(at)) }
}

/// `12 s ago`; `just now` within half a second, also when the other clock is ahead of ours.
pub(crate) fn ago(now: Timestamp, at: Timestamp) -> String {
    let passed = since(at, now);
    if passed < Duration::from_millis(500) { "just now".to_owned() } else { format!("{} ago", rough(passed)) }
}

/// `12 s ago, at 11:02:16.207`.
pub(super) fn ago_and_when(now: Timestamp, at: Timestamp) -> String {
    format!("{}, at {}", ago(now, at), time_seen_from(now, at))
}

/// `in 12 s`; `any moment` within half a second, also when it should have been.
pub(crate) fn until(now: Timestamp, at: Timestamp) -> String {
    let left = since(now, at);
    if left < Duration::from_millis(500) { "any moment".to_owned() } else { format!("in {}", rough(left)) }
}

/// From `earlier` to `later`; nothing when they are the other way round.
pub(crate) fn since(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_is_said_in_utc_with_milliseconds_where_lines_follow_each_other() {
        let time = at("2026-11-21T11:02:16.207Z");
        assert_eq!(time_of_day(time), "11:02:16.207");
        assert_eq!(date_and_time(time), "2026-11-21 11:02:16 UTC");
        assert_eq!(time_of_day(at("2026-11-21T11:02:16Z")), "11:02:16.000");
    }

    #[test]
    fn another_day_is_named() {
        let now = at("2026-11-21T00:00:05Z");
        assert_eq!(time_seen_from(now, at("2026-11-21T00:00:01.5Z")), "00:00:01.500");
        assert_eq!(time_seen_from(now, at("2026-11-20T23:59:59Z")), "2026-11-20 23:59:59.000");
    }

    #[test]
    fn what_is_past_is_so_long_ago_and_what_is_ahead_is_now() {
        let now = at("2026-11-21T10:00:00Z");
        assert_eq!(ago(now, at("2026-11-21T09:59:48Z")), "12 s ago");
        assert_eq!(ago(now, at("2026-11-21T09:59:59.9Z")), "just now");
        assert_eq!(ago(now, at("2026-11-21T10:00:01Z")), "just now");
    }

    #[test]
    fn what_is_past_is_said_from_here_and_by_the_clock() {
        let now = at("2026-11-21T10:00:00Z");
        assert_eq!(ago_and_when(now, at("2026-11-21T09:59:48.207Z")), "11 s ago, at 09:59:48.207");
        assert_eq!(ago_and_when(now, at("2026-11-20T22:00:00Z")), "12 h ago, at 2026-11-20 22:00:00.000");
    }

    #[test]
    fn what_is_to_come_is_so_far_off() {
        let now = at("2026-11-21T10:00:00Z");
        assert_eq!(until(now, at("2026-11-21T10:01:30Z")), "in 1 min 30 s");
        assert_eq!(until(now, at("2026-11-21T09:00:00Z")), "any moment");
    }
}
