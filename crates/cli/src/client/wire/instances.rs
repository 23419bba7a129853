//! Services, instances and the leases that keep them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

/// Every service.
#[derive(Debug, Deserialize)]
pub(crate) struct Services {
    pub(crate) services: Vec<Service>,
}

/// A page of instances, each read as a `T`.
#[derive(Debug, Deserialize)]
pub(crate) struct Page<T> {
    pub(crate) revision: u64,
    pub(crate) instances: Vec<T>,
    /// Where the next page begins; none after the last.
    pub(crate) next: Option<String>,
}

/// Where the registry is in the order of everything.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Place {
    pub(crate) revision: u64,
}

/// One service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) instances: usize,
    pub(crate) statuses: BTreeMap<String, usize>,
}

/// One instance, with the leases that keep it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Instance {
    pub(crate) service: String,
    pub(crate) id: String,
    /// Empty for all but those whose id is scoped by a node.
    pub(crate) node: String,
    /// What consumers are shown.
    pub(crate) status: String,
    pub(crate) reported: String,
    pub(crate) status_override: Option<String>,
    /// What its checks say: `passing`, `warning`, `critical`.
    pub(crate) health: String,
    pub(crate) address: String,
    pub(crate) zone: Option<String>,
    /// Its lease is due, but the guard holds it.
    pub(crate) held: bool,
    /// Damping keeps it out.
    pub(crate) damped: bool,
    pub(crate) leases: Vec<Lease>,
}

/// What keeps an instance.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Lease {
    pub(crate) check: String,
    /// `refused` while its renewals are answered "unknown" until it registers again.
    pub(crate) state: String,
    pub(crate) ttl_ms: u64,
    pub(crate) interval_ms: u64,
    /// Of an adaptive lease.
    pub(crate) phi: Option<f64>,
    /// What is allowed now.
    pub(crate) allowed_ms: u64,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) last_beat: Option<Timestamp>,
    pub(crate) intervals_ms: Vec<u64>,
    pub(crate) unconfirmed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_read_with_members_that_are_not_known_yet_and_without_some_that_are() {
        let json = r#"{"service":"orders","id":"a","status":"UP","new":{"x":[1]},
            "leases":[{"check":"","ttl_ms":3000,"last_beat":"2026-11-21T11:02:16.207Z","intervals_ms":[1000]}]}"#;
        let instance: Instance = serde_json::from_str(json).unwrap();
        assert_eq!((instance.service.as_str(), instance.leases[0].ttl_ms), ("orders", 3_000));
        assert_eq!(instance.leases[0].last_beat, Some("2026-11-21T11:02:16.207Z".parse().unwrap()));
        assert!(!instance.held && !instance.damped);
    }
}
