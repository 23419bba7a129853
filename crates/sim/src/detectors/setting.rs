//! [`Setting`]: a detector with its settings.

use std::fmt;
use std::time::Duration;

use lubdub_detect::traces::{Plan, Trace};
use lubdub_detect::{
    Bertier, BertierConfig, Detector, Fault, FixedConfig, FixedTimeout, NfdE, NfdEConfig, NfdS, NfdSConfig,
    Phi, PhiConfig, Tail, TwoWindows, TwoWindowsConfig,
};

/// Beats, or intervals, that each remembers.
pub(super) const WINDOW: usize = 1_000;

/// Intervals of phi that are longer than so many usual ones are not remembered.
const LONGEST: u32 = 20;

/// A detector with its settings. Spans in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Setting {
    Fixed { timeout: u64 },
    Phi { tail: Tail, threshold: f64, pause: u64 },
    NfdS { margin: u64 },
    NfdE { margin: u64 },
    TwoWindows { margin: u64 },
    Bertier,
}

impl Setting {
    pub(super) fn family(&self) -> &'static str {
        match self {
            Self::Fixed { .. } => "fixed timeout",
            Self::Phi { tail: Tail::Normal, .. } => "phi",
            Self::Phi { tail: Tail::Logistic, .. } => "phi, logistic",
            Self::Phi { tail: Tail::Exponential, .. } => "phi, exponential",
            Self::NfdS { .. } => "NFD-S",
            Self::NfdE { .. } => "NFD-E",
            Self::TwoWindows { .. } => "2W-FD",
            Self::Bertier => "Bertier",
        }
    }

    /// One that heard nothing yet, for beats of this plan.
    pub(super) fn detector(&self, plan: &Plan, trace: &Trace) -> Result<Box<dyn Detector>, Fault> {
        let interval = plan.interval;
        let millis = Duration::from_millis;
        Ok(match *self {
            Self::Fixed { timeout } => {
                Box::new(FixedTimeout::new(FixedConfig { interval, timeout: millis(timeout) })?)
            }
            Self::Phi { tail, threshold, pause } => Box::new(Phi::new(PhiConfig {
                threshold,
                window: WINDOW,
                least_deviation: interval / 10,
                accepted_pause: millis(pause),
                first_interval: interval,
                longest_interval: Some(interval * LONGEST),
                tail,
            })?),
            Self::NfdS { margin } => Box::new(NfdS::new(NfdSConfig {
                first_sent: trace.began(),
                interval,
                margin: millis(margin),
            })?),
            Self::NfdE { margin } => {
                Box::new(NfdE::new(NfdEConfig { interval, margin: millis(margin), window: WINDOW })?)
            }
            Self::TwoWindows { margin } => Box::new(TwoWindows::new(TwoWindowsConfig {
                interval,
                margin: millis(margin),
                long_window: WINDOW,
                short_window: 1,
            })?),
            Self::Bertier => Box::new(Bertier::new(BertierConfig { interval, window: WINDOW })?),
        })
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed { timeout } => write!(f, "{} s", seconds(*timeout)),
            Self::Phi { threshold, pause: 0, .. } => write!(f, "Φ {}", level(*threshold)),
            Self::Phi { threshold, pause, .. } => {
                write!(f, "Φ {}, pause {} s", level(*threshold), seconds(*pause))
            }
            Self::NfdS { margin } => write!(f, "δ {} s", seconds(*margin)),
            Self::NfdE { margin } | Self::TwoWindows { margin } => write!(f, "α {} s", seconds(*margin)),
            Self::Bertier => f.write_str("–"),
        }
    }
}

fn seconds(millis: u64) -> f64 {
    millis as f64 / 1_000.0
}

/// Two digits are enough.
fn level(threshold: f64) -> f64 {
    (threshold * 100.0).round() / 100.0
}
