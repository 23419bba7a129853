//! [`KillOutcome`]: what was measured of deaths, as it is written in JSON.

use serde::Serialize;

use super::plan::Manner;

/// What was measured. The names of its members are those of `lubdub bench kill --json`, and stay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KillOutcome {
    /// What was asked for.
    pub asked: KillsAsked,
    /// After so long without a beat the registry lets an instance go, in seconds.
    pub timeout_s: f64,
    /// Of those who were killed: from the signal to the consumer's callback. Of those who fell silent:
    /// from the end of the time-out, which begins when the last beat was sent that was answered; less
    /// than nothing where it was heard before.
    pub told_ms: SpansMs,
    /// Whether it was stopped before its time.
    pub stopped_early: bool,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KillsAsked {
    /// The registry's URL.
    pub registry: String,
    /// How providers died.
    pub manner: Manner,
    /// How many.
    pub deaths: u32,
    /// How many others lived on.
    pub fleet: u32,
}

/// Spans in milliseconds. All are nought where there is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SpansMs {
    /// How many there are.
    pub count: usize,
    /// The shortest.
    pub min: f64,
    /// Half were at most this.
    pub p50: f64,
    /// Nine in ten.
    pub p90: f64,
    /// 99 in 100.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

impl SpansMs {
    /// Of these, in any order.
    pub(crate) fn of(mut spans: Vec<f64>) -> Self {
        spans.sort_by(f64::total_cmp);
        let at = |hundredths: usize| {
            let place = (spans.len() * hundredths).div_ceil(100).max(1);
            spans.get(place.saturating_sub(1)).copied().unwrap_or_default()
        };
        Self { count: spans.len(), min: at(0), p50: at(50), p90: at(90), p99: at(99), max: at(100) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_in_a_hundred_are_at_most_as_long() {
        let spans = SpansMs::of((1..=200).rev().map(f64::from).collect());
        assert_eq!(
            (spans.min, spans.p50, spans.p90, spans.p99, spans.max),
            (1.0, 100.0, 180.0, 198.0, 200.0)
        );
        let alone = SpansMs::of(vec![7.0]);
        assert_eq!((alone.count, alone.min, alone.p99), (1, 7.0, 7.0));
        assert_eq!(SpansMs::of(Vec::new()), SpansMs::default());
    }
}
