//! [`Deadline`]: until when a caller waits, over all of its call's attempts.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use lubdub_detect::Tick;

use crate::clock::Clock;

/// gRPC's own header for it.
const HEADER: &str = "grpc-timeout";

/// Until when a caller waits; `None` where it did not say. What a header says counts from each attempt anew, so it is told how
/// much is left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Option<Tick>);

impl Deadline {
    /// As a call's head has it that begins now.
    pub(super) fn of(headers: &HeaderMap, clock: Clock) -> Self {
        Self(time_given(headers).map(|span| clock.now().after(span)))
    }

    /// When, if ever.
    pub(super) fn at(self) -> Option<Tick> {
        self.0
    }

    /// Puts into an attempt's head what is left; `false` when nothing is.
    pub(super) fn tell(self, headers: &mut HeaderMap, now: Tick) -> bool {
        let Some(deadline) = self.0 else { return true };
        let left = deadline.micros_since(now);
        if left == 0 {
            return false;
        }
        // Eight digits are as many as there may be.
        let text = if left < 100_000_000 {
            format!("{left}u")
        } else {
            format!("{}m", (left / 1_000).min(99_999_999))
        };
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(HEADER, value);
        }
        true
    }
}

/// How long an attempt may take, as its head has it.
pub(super) fn time_given(headers: &HeaderMap) -> Option<Duration> {
    headers.get(HEADER).and_then(span)
}

/// A number of at most eight digits and a unit (the gRPC protocol over HTTP/2, `Timeout`).
fn span(value: &HeaderValue) -> Option<Duration> {
    let text = value.to_str().ok()?;
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if number.is_empty() || number.len() > 8 || !number.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number: u64 = number.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number * 3_600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(timeout: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(timeout).unwrap());
        headers
    }

    impl Deadline {
        fn from(headers: &HeaderMap, now: Tick) -> Self {
            Self(time_given(headers).map(|given| now.after(given)))
        }
    }

    #[test]
    fn a_second_attempt_has_what_the_first_left_of_the_callers_time() {
        let mut headers = head("2S");
        let deadline = Deadline::from(&headers, Tick::of_secs(10));
        assert!(deadline.tell(&mut headers, Tick::of_millis(11_500)));
        assert_eq!(headers[HEADER], "500000u");
        assert!(!deadline.tell(&mut headers, Tick::of_secs(12)));
        let mut long = head("30H");
        let deadline = Deadline::from(&long, Tick(0));
        assert!(deadline.tell(&mut long, Tick::of_secs(3_600)));
        assert_eq!(long[HEADER], "99999999m");
    }

    #[test]
    fn what_is_no_time_is_left_to_whoever_reads_it() {
        for odd in ["", "S", "123456789S", "-1S", "1.5S", "1x", "\u{fc}"] {
            let Ok(value) = HeaderValue::from_str(odd) else { continue };
            assert_eq!(span(&value), None, "{odd:?}");
        }
        let mut headers = HeaderMap::new();
        assert!(Deadline::from(&headers, Tick(0)).tell(&mut headers, Tick::of_secs(1_000_000)));
        assert!(headers.is_empty());
    }

    #[test]
    fn every_unit_is_understood() {
        for (text, expected) in [
            ("1H", Duration::from_secs(3_600)),
            ("2M", Duration::from_secs(120)),
            ("3S", Duration::from_secs(3)),
            ("4m", Duration::from_millis(4)),
            ("5u", Duration::from_micros(5)),
            ("6n", Duration::from_nanos(6)),
        ] {
            assert_eq!(span(&HeaderValue::from_static(text)), Some(expected));
        }
    }
}
