//! [`Fault`]: a setting that cannot be used, with what was expected.

use std::fmt::{Debug, Display};
use std::ops::RangeInclusive;
use std::time::Duration;

/// A setting that cannot be used. Nothing was made or changed; set the field to what is expected and try again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}; expected {expected}")]
pub struct Fault {
    /// Which setting.
    pub field: &'static str,
    /// What it is.
    pub value: String,
    /// What it may be.
    pub expected: String,
}

/// The longest span of any setting: sums of such spans fit their integers.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// Beats that a window may hold.
const WINDOWS: RangeInclusive<usize> = 1..=1_000_000;

impl Fault {
    /// That a field has a value where something else was expected; for whoever has settings beside a detector's, too.
    pub fn new(field: &'static str, value: impl Display, expected: impl Into<String>) -> Self {
        Self { field, value: value.to_string(), expected: expected.into() }
    }

    fn of_span(field: &'static str, value: Duration, expected: &str) -> Self {
        Self::new(field, format_args!("{value:?}"), expected)
    }

    /// From a microsecond to a year.
    pub(crate) fn unless_span(field: &'static str, value: Duration) -> Result<(), Self> {
        if value.as_micros() > 0 && value <= LONGEST {
            return Ok(());
        }
        Err(Self::of_span(field, value, "a span from 1 µs to 366 days"))
    }

    /// From nothing to a year.
    pub(crate) fn unless_span_or_none(field: &'static str, value: Duration) -> Result<(), Self> {
        if value <= LONGEST {
            return Ok(());
        }
        Err(Self::of_span(field, value, "a span of at most 366 days"))
    }

    /// Longer than another setting.
    pub(crate) fn unless_longer(
        field: &'static str,
        value: Duration,
        than: (&'static str, Duration),
    ) -> Result<(), Self> {
        if value > than.1 {
            return Ok(());
        }
        Err(Self::of_span(field, value, &format!("more than {}, which is {:?}", than.0, than.1)))
    }

    /// A number of beats that a window may hold.
    pub(crate) fn unless_window(field: &'static str, value: usize) -> Result<(), Self> {
        Self::unless_within(field, value, WINDOWS)
    }

    /// A number in a range. Nothing that is no number is in one.
    pub(crate) fn unless_within<N: PartialOrd + Display + Debug>(
        field: &'static str,
        value: N,
        range: RangeInclusive<N>,
    ) -> Result<(), Self> {
        if range.contains(&value) {
            return Ok(());
        }
        let expected = format!("a number from {} to {}", range.start(), range.end());
        Err(Self::new(field, value, expected))
    }
}
