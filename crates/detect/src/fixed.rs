//! [`FixedTimeout`]: suspected after a fixed silence.
//!
//! The rule: `timeout > interval > round trip`, and in practice `timeout = k · interval + slack` for `k` lost beats in a row that are
//! tolerated, with slack for late beats and for the longest pause of a peer that is. A timeout below two intervals makes each lost
//! beat a mistake; with two or more, one lost beat never is, as long as beats come no later than the timeout less two intervals.

use std::time::Duration;

use crate::detector::{Detector, Newest, Unnumbered};
use crate::fault::Fault;
use crate::tick::{Tick, micros};

/// How long a silence is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedConfig {
    /// How far beats are apart when they are sent. From 1 µs.
    pub interval: Duration,
    /// A silence of this length is suspected. More than the interval, up to 366 days. At least two intervals, or each lost beat is a
    /// mistake; each interval more is a lost beat more that is tolerated, and a death that is noticed so much later.
    pub timeout: Duration,
}

impl FixedConfig {
    /// Tolerates so many lost beats in a row, each up to `slack` late.
    #[must_use]
    pub fn tolerating(interval: Duration, lost: u32, slack: Duration) -> Self {
        let timeout = interval.saturating_mul(lost.saturating_add(1)).saturating_add(slack);
        Self { interval, timeout }
    }

    /// How many beats in a row must be lost before it is a mistake.
    fn lost(&self) -> u64 {
        micros(self.timeout) / micros(self.interval).max(1)
    }

    /// The quality of service to expect where beats are lost independently with this probability, and their delays
    /// vary little against the interval (Chen, Toueg, Aguilera 2002, section 3).
    ///
    /// # Errors
    ///
    /// The configuration is at fault, or `loss` is not from 0 to 0.99.
    pub fn predicted(&self, loss: f64) -> Result<PredictedQuality, Fault> {
        self.check()?;
        Fault::unless_within("loss", loss, 0.0..=0.99)?;
        let lost = self.lost();
        let interval = self.interval.as_secs_f64();
        let probability = (1.0 - loss) * libm::pow(loss, lost as f64);
        Ok(PredictedQuality {
            recurrence_secs: interval / probability,
            duration_secs: (lost + 1) as f64 * interval - self.timeout.as_secs_f64()
                + interval * loss / (1.0 - loss),
        })
    }

    fn check(&self) -> Result<(), Fault> {
        Fault::unless_span("interval", self.interval)?;
        Fault::unless_span("timeout", self.timeout)?;
        Fault::unless_longer("timeout", self.timeout, ("interval", self.interval))
    }
}

/// What a formula says of a detector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictedQuality {
    /// From one mistake to the next, in seconds, on average; infinite where there is none.
    pub recurrence_secs: f64,
    /// How long a mistake lasts, in seconds, on average.
    pub duration_secs: f64,
}

/// Suspects after a fixed silence.
#[derive(Debug, Clone)]
pub struct FixedTimeout {
    config: FixedConfig,
    newest: Option<Newest>,
}

impl FixedTimeout {
    /// One that heard nothing yet.
    ///
    /// # Errors
    ///
    /// The timeout is not longer than the interval, or a span is out of range.
    pub fn new(config: FixedConfig) -> Result<Self, Fault> {
        config.check()?;
        Ok(Self { config, newest: None })
    }

    /// How many beats should have come since the last one: whole intervals of silence. None where nothing was heard yet.
    pub fn missed(&self, now: Tick) -> Option<u64> {
        let silence = now.micros_since(self.newest?.at);
        Some(silence / micros(self.config.interval).max(1))
    }
}

impl Detector for FixedTimeout {
    fn heard(&mut self, now: Tick, sequence: u64) {
        self.newest = Newest::after(self.newest, now, sequence).or(self.newest);
    }

    fn deadline(&self) -> Option<Tick> {
        self.newest.map(|newest| newest.at.after(self.config.timeout))
    }
}

impl Unnumbered for FixedTimeout {}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: f64) -> Duration {
        Duration::from_secs_f64(secs)
    }

    #[test]
    fn missed_beats_are_whole_intervals_of_silence() {
        let config = FixedConfig::tolerating(secs(1.0), 2, secs(0.5));
        let mut detector = FixedTimeout::new(config).unwrap();
        assert_eq!(detector.missed(Tick::of_secs(9)), None);
        detector.heard(Tick::of_secs(10), 1);
        assert_eq!(detector.missed(Tick::of_millis(10_999)), Some(0));
        assert_eq!(detector.missed(Tick::of_millis(13_400)), Some(3));
        assert_eq!(detector.deadline(), Some(Tick::of_millis(13_500)));
    }

    #[test]
    fn settings_that_cannot_be_meant_are_told_with_what_was_expected() {
        let fault = |interval, timeout| {
            FixedTimeout::new(FixedConfig { interval, timeout }).err().map(|fault| fault.to_string())
        };
        assert_eq!(
            fault(secs(1.0), secs(1.0)).unwrap(),
            "timeout is 1s; expected more than interval, which is 1s"
        );
        assert_eq!(
            fault(Duration::ZERO, secs(1.0)).unwrap(),
            "interval is 0ns; expected a span from 1 µs to 366 days"
        );
        assert!(fault(secs(1.0), Duration::MAX).is_some());
        assert_eq!(fault(secs(1.0), secs(1.1)), None);
        let config = FixedConfig { interval: secs(1.0), timeout: secs(3.5) };
        assert!(config.predicted(f64::NAN).unwrap_err().to_string().starts_with("loss is NaN; expected"));
    }

    #[test]
    fn the_formula_gives_the_figures_of_its_source() {
        let config = FixedConfig { interval: secs(1.0), timeout: secs(3.5) };
        let tenth = config.predicted(0.1).unwrap();
        assert!((tenth.recurrence_secs - 1_111.0).abs() < 1.0, "{tenth:?}");
        assert!((tenth.duration_secs - 0.61).abs() < 0.01, "{tenth:?}");
        assert!((config.predicted(0.3).unwrap().recurrence_secs - 53.0).abs() < 0.5);
        assert!(config.predicted(0.0).unwrap().recurrence_secs.is_infinite());
    }
}
