//! [`Contract`]: what is wanted of a detector, from which its interval and margin follow.
//!
//! Chen, Toueg, Aguilera 2002, section 5: of the network only the loss and the mean and variance of the delay are known, so each
//! probability is bounded by the one-sided inequality of Chebyshev. With `T = detection − mean delay`, loss p and variance V:
//!
//! 1. `γ = (1 − p) · T² / (V + T²)`; the interval is at most `min(γ · duration, T)`.
//! 2. `f(η) = η · Π [V + (T − jη)²] / [V + p · (T − jη)²]`, over j from 1 to `⌈T/η⌉ − 1`; the interval is the largest η within 1. with
//!    `f(η) ≥ recurrence`. f rises and falls, so it is searched from above in small steps.
//! 3. The margin of [`NfdS`](crate::NfdS) is `detection − η`, that of [`NfdE`](crate::NfdE) less by the mean delay.

use std::time::Duration;

use crate::fault::Fault;
use crate::tick::{micros, whole};

/// What is wanted of a detector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contract {
    /// A death is suspected for good within this.
    pub detection: Duration,
    /// From one mistake to the next, on average, at least.
    pub recurrence: Duration,
    /// A mistake lasts no longer than this, on average.
    pub duration: Duration,
}

/// What is known of the network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Network {
    /// The probability that a beat is lost, from 0 to 0.99.
    pub loss: f64,
    /// How long a beat takes, on average.
    pub mean_delay: Duration,
    /// The standard deviation of that: the root of the paper's variance.
    pub delay_deviation: Duration,
}

/// What achieves a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How often the peer has to beat.
    pub interval: Duration,
    /// The margin of [`NfdS`](crate::NfdS), from sending.
    pub margin_from_sending: Duration,
    /// The margin of [`NfdE`](crate::NfdE), from the expected arrival.
    pub margin_from_arrival: Duration,
}

/// Why there are no settings.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unattainable {
    /// A figure cannot be meant.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Nothing can be concluded from a beat before it can arrive. Ask for a longer detection time.
    #[error("detection is {detection:?}; expected more than mean_delay, which is {mean_delay:?}")]
    Detection {
        /// What was wanted.
        detection: Duration,
        /// What a beat takes.
        mean_delay: Duration,
    },
    /// Even with the shortest interval that was tried, mistakes are not known to be so rare, or so short. Ask for a longer
    /// detection time, or for less.
    #[error(
        "recurrence is {recurrence:?} and duration {duration:?}; expected what beats each {shortest:?} achieve: \
         raise detection, which is {detection:?}, or lower recurrence"
    )]
    Mistakes {
        /// What was wanted.
        recurrence: Duration,
        /// What was wanted.
        duration: Duration,
        /// What was wanted.
        detection: Duration,
        /// The shortest interval that was tried.
        shortest: Duration,
    },
}

/// The shortest interval that is tried, as a share of the detection time: more beats than these within it help nobody.
const MOST_BEATS: f64 = 1_000.0;

/// From one interval that is tried to the next.
const STEP: f64 = 0.9995;

impl Contract {
    /// The settings with the longest interval that achieve this on such a network, whatever its delays look like.
    ///
    /// # Errors
    ///
    /// A figure is out of range, or what is wanted cannot be had.
    pub fn settings(&self, network: &Network) -> Result<Settings, Unattainable> {
        self.check(network)?;
        let slack = self.detection.saturating_sub(network.mean_delay).as_secs_f64();
        if slack <= 0.0 {
            let (detection, mean_delay) = (self.detection, network.mean_delay);
            return Err(Unattainable::Detection { detection, mean_delay });
        }
        let variance = network.delay_deviation.as_secs_f64().powi(2);
        let square = slack * slack;
        let gamma = (1.0 - network.loss) * square / (variance + square);
        let longest = (gamma * self.duration.as_secs_f64()).min(slack);
        let shortest = slack / MOST_BEATS;
        let mut interval = longest;
        while interval >= shortest {
            // Whole microseconds, so that what is promised is what is set.
            let whole = Duration::from_micros(whole(interval * 1e6));
            if recurrence(whole.as_secs_f64(), slack, variance, network.loss) >= self.recurrence.as_secs_f64()
            {
                let margin = self.detection.saturating_sub(whole);
                return Ok(Settings {
                    interval: whole,
                    margin_from_sending: margin,
                    margin_from_arrival: margin.saturating_sub(network.mean_delay),
                });
            }
            interval *= STEP;
        }
        Err(Unattainable::Mistakes {
            recurrence: self.recurrence,
            duration: self.duration,
            detection: self.detection,
            shortest: Duration::from_secs_f64(shortest),
        })
    }

    fn check(&self, network: &Network) -> Result<(), Fault> {
        Fault::unless_span("detection", self.detection)?;
        if micros(self.recurrence) == 0 {
            return Err(Fault::new("recurrence", "0ns", "a span from 1 µs on"));
        }
        Fault::unless_span("duration", self.duration)?;
        Fault::unless_within("loss", network.loss, 0.0..=0.99)?;
        Fault::unless_span_or_none("mean_delay", network.mean_delay)?;
        Fault::unless_span_or_none("delay_deviation", network.delay_deviation)
    }
}

/// f(η): the bound of the recurrence, in seconds; infinite where nothing is lost and nothing late.
fn recurrence(interval: f64, slack: f64, variance: f64, loss: f64) -> f64 {
    if interval <= 0.0 {
        return 0.0;
    }
    let others = whole((slack / interval).ceil());
    (1..others).fold(interval, |product, beat| {
        let left = slack - beat as f64 * interval;
        let square = left * left;
        let late = variance + loss * square;
        if late > 0.0 { product * ((variance + square) / late) } else { f64::INFINITY }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secs(secs: f64) -> Duration {
        Duration::from_secs_f64(secs)
    }

    /// Loss 1 %, mean delay 0.02 s, variance 0.02 s².
    fn of_the_paper() -> Network {
        Network { loss: 0.01, mean_delay: secs(0.02), delay_deviation: secs(0.02_f64.sqrt()) }
    }

    #[test]
    fn the_example_of_the_paper_gives_its_settings() {
        let contract =
            Contract { detection: secs(30.0), recurrence: secs(30.0 * 86_400.0), duration: secs(60.0) };
        let settings = contract.settings(&of_the_paper()).unwrap();
        assert!((settings.interval.as_secs_f64() - 9.71).abs() < 0.01, "{settings:?}");
        assert!((settings.margin_from_sending.as_secs_f64() - 20.29).abs() < 0.01, "{settings:?}");
        assert_eq!(settings.margin_from_arrival + secs(0.02), settings.margin_from_sending);
    }

    #[test]
    fn what_cannot_be_had_is_told_with_what_to_change() {
        let contract = Contract { detection: secs(0.02), recurrence: secs(60.0), duration: secs(1.0) };
        let told = contract.settings(&of_the_paper()).unwrap_err().to_string();
        assert_eq!(told, "detection is 20ms; expected more than mean_delay, which is 20ms");
        let contract = Contract { detection: secs(0.1), recurrence: secs(1e9), duration: secs(1.0) };
        let noisy = Network { loss: 0.9, ..of_the_paper() };
        let told = contract.settings(&noisy).unwrap_err();
        assert!(matches!(told, Unattainable::Mistakes { .. }), "{told}");
        let nowhere = Network { loss: f64::NAN, ..of_the_paper() };
        let told = contract.settings(&nowhere).unwrap_err().to_string();
        assert_eq!(told, "loss is NaN; expected a number from 0 to 0.99");
    }

    #[test]
    fn a_perfect_network_needs_one_beat_within_the_detection_time() {
        let contract = Contract { detection: secs(10.0), recurrence: secs(1e9), duration: secs(60.0) };
        let perfect = Network { loss: 0.0, mean_delay: secs(0.0), delay_deviation: secs(0.0) };
        let settings = contract.settings(&perfect).unwrap();
        assert!(settings.interval > secs(9.9), "{settings:?}");
    }

    proptest! {
        #[test]
        fn settings_keep_what_the_bounds_promise_and_no_longer_interval_tried_does(
            detection in 1.0..60.0f64, recurrence_wanted in 1.0..1e7f64, duration in 0.1..60.0f64, loss in 0.0..0.5f64,
        ) {
            let contract = Contract {
                detection: secs(detection), recurrence: secs(recurrence_wanted), duration: secs(duration),
            };
            let network = Network { loss, ..of_the_paper() };
            if let Ok(settings) = contract.settings(&network) {
                let slack = detection - 0.02;
                let interval = settings.interval.as_secs_f64();
                prop_assert!(recurrence(interval, slack, 0.02, loss) >= contract.recurrence.as_secs_f64() * (1.0 - 1e-9));
                let gamma = (1.0 - loss) * slack * slack / (0.02 + slack * slack);
                let longest = (gamma * duration).min(slack);
                prop_assert!(interval <= longest);
                // The first interval that is tried and does, from above.
                let longer = std::iter::successors(Some(longest), |tried| Some(tried * STEP))
                    .take_while(|tried| *tried > interval + 2e-6);
                for tried in longer {
                    prop_assert!(recurrence((tried * 1e6).floor() / 1e6, slack, 0.02, loss) < recurrence_wanted * (1.0 + 1e-6));
                }
            }
        }
    }
}
