//! [`AdaptiveConfig`]: the settings of adaptive leases, and who is judged by them.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::Asked;
use crate::model::{LeaseTerms, PhiLevel, ServiceName};
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
    /// No lease is lost before so many promised intervals. Default 2, 2 to 100 and to three times the ceiling. A lease for
    /// which that is more than the ceiling allows has a fixed time-to-live.
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

    /// The least and the most that a lease of these terms can be allowed. None where the first would be more than the second: so
    /// rarely does it promise a beat, for its time-to-live, that this can only be fixed.
    pub(crate) fn bounds(&self, ttl: Duration, interval: Duration) -> Option<(Duration, Duration)> {
        let floor = interval.saturating_mul(self.floor.0) / 100;
        let ceiling = ttl.saturating_mul(self.ceiling);
        (floor <= ceiling).then_some((floor, ceiling))
    }

    /// These terms, with a fixed time-to-live where they could be judged by nothing else.
    pub(crate) fn or_fixed(&self, terms: LeaseTerms) -> LeaseTerms {
        match self.bounds(terms.ttl(), terms.interval()) {
            Some(_) => terms,
            None => terms.fixed(),
        }
    }

    /// The silence that is allowed to a lease of these terms of which nothing is learnt.
    pub(crate) fn allowed_at_first(&self, terms: LeaseTerms) -> Duration {
        let floor =
            terms.phi().and_then(|_| self.bounds(terms.ttl(), terms.interval())).map(|(floor, _)| floor);
        floor.unwrap_or_default().max(terms.ttl())
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
        if faults.is_empty() && u64::from(self.floor.0) > 300 * u64::from(self.ceiling) {
            let expected = "at most three times the ceiling: a time-to-live has three intervals as a rule, and three in a session";
            faults.push(Fault::new("floor", self.floor, expected));
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

    #[test]
    fn a_floor_that_no_usual_lease_has_room_for_is_a_fault() {
        let of = |floor, ceiling| {
            let config = AdaptiveConfig { floor: Hundredths(floor), ceiling, ..AdaptiveConfig::default() };
            config.faults().iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!((of(300, 1), of(10_000, 34)), (vec![], vec![]));
        let [told] = &of(10_000, 1)[..] else { panic!("one fault") };
        assert!(told.starts_with("floor is \"100\", expected at most three times the ceiling"), "{told}");
    }
}
