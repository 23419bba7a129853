//! What the registry's REST face answers, as far as this program reads it.
//!
//! These are twins of the face's own types, not the same: members that this program does not
//! know are passed over, and those that it can do without may be absent, so that it talks to
//! registries that are a little older or newer than itself.

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

/// What happened to an instance, oldest first, each entry read as a `T`.
#[derive(Debug, Deserialize)]
pub(crate) struct History<T> {
    pub(crate) history: Vec<T>,
}

/// Where the registry is in the order of everything.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Place {
    pub(crate) revision: u64,
}

/// What a stream of events tells when it cannot tell everything: how things are now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Reset {
    pub(crate) services: usize,
    pub(crate) instances: usize,
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
    pub(crate) status: String,
    pub(crate) reported: String,
    pub(crate) status_override: Option<String>,
    pub(crate) address: String,
    pub(crate) zone: Option<String>,
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
    pub(crate) last_beat: Option<Timestamp>,
    pub(crate) intervals_ms: Vec<u64>,
    pub(crate) unconfirmed: bool,
}

/// One thing that happened to an instance.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) cause: Cause,
    pub(crate) status: Option<String>,
    pub(crate) address: Option<String>,
}

/// One change, as it is streamed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    pub(crate) service: String,
    pub(crate) id: String,
    pub(crate) cause: Cause,
    pub(crate) status: Option<String>,
    pub(crate) address: Option<String>,
}

/// Why something happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Cause {
    pub(crate) name: String,
    pub(crate) face: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) silence: Option<Silence>,
}

/// The silence for which a lease was lost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Silence {
    pub(crate) check: String,
    pub(crate) ttl_ms: u64,
    pub(crate) interval_ms: u64,
    pub(crate) silent_ms: u64,
    pub(crate) excused_ms: u64,
    pub(crate) intervals_ms: Vec<u64>,
    pub(crate) unconfirmed: bool,
}

/// Why a request was refused (RFC 9457).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    detail: Option<String>,
}

impl Problem {
    /// The problem that a body tells, if it tells one.
    pub(crate) fn read(body: &str) -> Option<Self> {
        serde_json::from_str(body).ok().filter(|problem: &Self| problem.kind.starts_with("urn:lubdub:"))
    }

    /// Whether it says that what was asked for is not there, rather than that the question has
    /// no such path.
    pub(crate) fn is_absence(&self) -> bool {
        !self.kind.ends_with(":unknown-path")
    }

    /// The registry's reason for people.
    pub(crate) fn in_words(&self) -> &str {
        self.detail.as_deref().unwrap_or(&self.title)
    }
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
    }

    #[test]
    fn only_a_problem_of_a_registry_is_read_as_one() {
        let absent = r#"{"type":"urn:lubdub:problem:unknown-instance","title":"t","detail":"no such"}"#;
        let problem = Problem::read(absent).unwrap();
        assert!(problem.is_absence());
        assert_eq!(problem.in_words(), "no such");
        assert!(
            !Problem::read(r#"{"type":"urn:lubdub:problem:unknown-path","title":"t"}"#).unwrap().is_absence()
        );
        assert!(Problem::read(r#"{"title":"t"}"#).is_none());
        assert!(Problem::read("<html>").is_none());
    }
}
