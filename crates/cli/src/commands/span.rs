//! Spans of time as arguments.

use std::time::Duration;

use jiff::SignedDuration;

/// A span such as `500ms`, `10s` or `2m`.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let span = text.parse::<SignedDuration>().ok().and_then(|span| Duration::try_from(span).ok());
    span.ok_or_else(|| "expected a span such as 500ms, 10s or 2m".to_owned())
}

/// The same, and not nothing.
pub(super) fn some_time(text: &str) -> Result<Duration, String> {
    let expected = || "expected a span longer than nothing, such as 500ms, 10s or 2m".to_owned();
    span(text).ok().filter(|span| !span.is_zero()).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_with_their_unit() {
        assert_eq!(span("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(span("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["10", "-1s", "soon", ""] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_must_take_some_time_is_not_nothing() {
        assert_eq!(span("0s"), Ok(Duration::ZERO));
        assert!(some_time("0s").unwrap_err().contains("longer than nothing"));
        assert_eq!(some_time("1s"), Ok(Duration::from_secs(1)));
    }
}
