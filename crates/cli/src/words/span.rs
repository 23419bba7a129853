//! Spans of time and counts, as people say them.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A span that was measured: `23 ms`, `3.0 s`, `1 min 30 s`, `2 h 5 min`, `3 d 4 h`. Cut, not
/// rounded, so that it never says more than there was.
pub(crate) fn span(span: Duration) -> String {
    let (millis, secs) = (span.as_millis(), span.as_secs());
    if millis < 100 {
        return format!("{millis} ms");
    }
    if secs < MINUTE {
        return format!("{secs}.{} s", span.subsec_millis() / 100);
    }
    rough(span)
}

/// A span of which only the size matters: `840 ms`, `41 s`, `1 min 30 s`, `2 h 5 min`.
pub(crate) fn rough(span: Duration) -> String {
    let secs = span.as_secs();
    match secs {
        0 => format!("{} ms", span.as_millis()),
        1..MINUTE => format!("{secs} s"),
        MINUTE..HOUR => two(secs, (MINUTE, "min"), (1, "s")),
        HOUR..DAY => two(secs, (HOUR, "h"), (MINUTE, "min")),
        DAY.. => two(secs, (DAY, "d"), (HOUR, "h")),
    }
}

/// A span that somebody chose, in full: `3 s`, `2.5 s`, `250 ms`, `1 min 30 s`.
pub(crate) fn chosen(span: Duration) -> String {
    match span.subsec_millis() {
        0 => rough(span),
        millis if span.as_secs() > 0 => {
            let fraction = format!("{millis:03}");
            format!("{}.{} s", span.as_secs(), fraction.trim_end_matches('0'))
        }
        millis => format!("{millis} ms"),
    }
}

/// `1 service`, `2 services`.
pub(crate) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// A span in two units; the smaller one is left out where it is nought.
fn two(secs: u64, (large, large_name): (u64, &str), (small, small_name): (u64, &str)) -> String {
    let rest = secs % large / small;
    let whole = format!("{} {large_name}", secs / large);
    if rest == 0 { whole } else { format!("{whole} {rest} {small_name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_the_unit_that_fits() {
        for (millis, said) in [
            (0, "0 ms"),
            (23, "23 ms"),
            (99, "99 ms"),
            (100, "0.1 s"),
            (1_000, "1.0 s"),
            (3_003, "3.0 s"),
            (3_999, "3.9 s"),
            (59_999, "59.9 s"),
            (60_000, "1 min"),
            (90_000, "1 min 30 s"),
            (7_500_000, "2 h 5 min"),
            (273_600_000, "3 d 4 h"),
        ] {
            assert_eq!(span(Duration::from_millis(millis)), said);
        }
    }

    #[test]
    fn a_rough_span_has_no_tenths() {
        for (millis, said) in [(840, "840 ms"), (1_900, "1 s"), (41_200, "41 s"), (61_000, "1 min 1 s")] {
            assert_eq!(rough(Duration::from_millis(millis)), said);
        }
    }

    #[test]
    fn a_chosen_span_is_said_in_full() {
        for (millis, said) in
            [(3_000, "3 s"), (2_500, "2.5 s"), (250, "250 ms"), (1_010, "1.01 s"), (90_000, "1 min 30 s")]
        {
            assert_eq!(chosen(Duration::from_millis(millis)), said);
        }
    }

    #[test]
    fn only_one_is_singular() {
        assert_eq!(count(1, "service"), "1 service");
        assert_eq!(count(0, "service"), "0 services");
        assert_eq!(count(14, "service"), "14 services");
    }
}
