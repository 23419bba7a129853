//! [`AdaptiveConfig`]: the settings of adaptive leases, and who is judged by them.

use std::collections::BTreeSet;
use std::fmt;

use super::Asked;
use crate::model::{PhiLevel, ServiceName};
use crate::reject::Fault;

/// The settings of adaptive leases. See [`crate::adaptive`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdaptiveConfig {
    /// Whether each lease that renewals keep is adaptive, unless its provider asks for a fixed one. Default false.
    pub enabled: bool,
    /// Services whose leases are, although not all are. Default none.
    pub services: BTreeSet<ServiceName>,
    /// The level of those whose provider asks for none. Default 8. Lower finds the dead sooner and errs more often.
    pub phi: PhiLevel,
    /// No lease is lost before so many promised intervals. Default 2, 2 to 100.
    pub floor: Hundredths,
    /// None is kept for more than so many times-to-live. Default 2, 1 to 1 000.
    pub ceiling: u32,
    /// How many intervals are remembered of each lease, four bytes each. Default 64, 16 to 1 000.
    pub window: usize,
}

impl Default for AdaptiveConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            services: BTreeSet::new(),
            phi: PhiLevel::USUAL,
            floor: Hundredths(200),
            ceiling: 2,
            window: 64,
        }
    }
}

impl AdaptiveConfig {
    /// The level by which a lease of a service is judged; none where its time-to-live is fixed.
    pub fn level(&self, service: &ServiceName, asked: Asked) -> Option<PhiLevel> {
        match asked {
            Asked::Adaptive(level) => Some(level),
            Asked::Fixed => None,
            Asked::Nothing => (self.enabled || self.services.contains(service)).then_some(self.phi),
        }
    }

    /// What is out of range; fields without the section's name.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if !(200..=10_000).contains(&self.floor.0) {
            faults.push(Fault::new("floor", self.floor, "a number of intervals from 2 to 100"));
        }
        if !(1..=1_000).contains(&self.ceiling) {
            faults.push(Fault::new(
                "ceiling",
                self.ceiling,
                "a whole number of times-to-live from 1 to 1000",
            ));
        }
        if !(16..=1_000).contains(&self.window) {
            faults.push(Fault::new("window", self.window, "a whole number from 16 to 1000"));
        }
        faults
    }
}

/// A number with two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hundredths(pub u32);

impl Hundredths {
    /// The nearest one; none where the number is none, negative or above forty million.
    pub fn of(number: f64) -> Option<Self> {
        let hundredths = u32::try_from((number * 100.0).round() as i64).ok()?;
        number.is_finite().then_some(Self(hundredths))
    }
}

impl fmt::Display for Hundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&(f64::from(self.0) / 100.0), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_s_word_outranks_the_settings_and_these_may_name_services() {
        let four = PhiLevel::parse("4").unwrap();
        let services = BTreeSet::from([ServiceName::new("orders")]);
        let some = AdaptiveConfig { services, ..AdaptiveConfig::default() };
        let all = AdaptiveConfig { enabled: true, phi: four, ..AdaptiveConfig::default() };
        let level = |config: &AdaptiveConfig, service, asked| config.level(&ServiceName::new(service), asked);
        assert_eq!(level(&AdaptiveConfig::default(), "orders", Asked::Nothing), None);
        assert_eq!(level(&some, "ORDERS", Asked::Nothing), Some(PhiLevel::USUAL));
        assert_eq!(level(&some, "payments", Asked::Nothing), None);
        assert_eq!(level(&all, "payments", Asked::Nothing), Some(four));
        assert_eq!(level(&all, "payments", Asked::Fixed), None);
        assert_eq!(level(&AdaptiveConfig::default(), "payments", Asked::Adaptive(four)), Some(four));
    }

    #[test]
    fn settings_that_would_let_one_lost_beat_end_a_lease_are_faults() {
        let wrong =
            AdaptiveConfig { floor: Hundredths(199), ceiling: 0, window: 15, ..AdaptiveConfig::default() };
        let told: Vec<_> = wrong.faults().iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert_eq!(told[0], "floor is \"1.99\", expected a number of intervals from 2 to 100");
        assert!(AdaptiveConfig::default().faults().is_empty());
    }
}
