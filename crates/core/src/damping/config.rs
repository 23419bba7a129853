//! [`DampingConfig`]: what a loss costs, and when that keeps an instance out.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::ServiceName;
use crate::reject::Fault;

/// What each loss costs.
pub const PENALTY_OF_A_LOSS: u32 = 1_000;

/// Damping for all services, and for some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DampingConfig {
    /// For services that have no rules of their own.
    pub rules: DampingRules,
    /// For these.
    pub services: BTreeMap<ServiceName, DampingRules>,
}

/// When an instance is kept out for its losses. After RFC 2439.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DampingRules {
    /// Whether there is damping. Default false.
    pub enabled: bool,
    /// In this time a penalty falls to its half. Default 60 s, 1 s to 24 h.
    pub half_life: Duration,
    /// Above this penalty an instance that returns is kept out; a loss costs 1 000. Default
    /// 2 500, 1 000 to 1 000 000.
    pub suppress: u32,
    /// Below this it is offered again. Default 1 000, from 1, below `suppress`.
    pub reuse: u32,
    /// No instance is kept out for longer than this after its last loss. Default 5 min, from
    /// `half_life` to 24 h.
    pub longest: Duration,
}

impl Default for DampingRules {
    fn default() -> Self {
        Self {
            enabled: false,
            half_life: Duration::from_mins(1),
            suppress: 2_500,
            reuse: 1_000,
            longest: Duration::from_mins(5),
        }
    }
}

impl DampingConfig {
    /// The rules for a service.
    pub fn of(&self, service: &ServiceName) -> &DampingRules {
        self.services.get(service).unwrap_or(&self.rules)
    }
}

impl DampingRules {
    /// What is out of range or contradicts itself; fields without the section's name.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let (second, day) = (Duration::from_secs(1), Duration::from_hours(24));
        if !(second..=day).contains(&self.half_life) {
            faults.push(Fault::new(
                "half_life",
                format!("{:?}", self.half_life),
                "a span of time from 1s to 24h",
            ));
        }
        if !(1_000..=1_000_000).contains(&self.suppress) {
            faults.push(Fault::new("suppress", self.suppress, "a whole number from 1000 to 1000000"));
        }
        if self.reuse == 0 || self.reuse >= self.suppress {
            let expected = format!("a whole number from 1, below suppress, which is {}", self.suppress);
            faults.push(Fault::new("reuse", self.reuse, expected));
        }
        if self.longest < self.half_life || self.longest > day {
            let expected = format!("a span of time from half_life, which is {:?}, to 24h", self.half_life);
            faults.push(Fault::new("longest", format!("{:?}", self.longest), expected));
        }
        faults
    }
}
