//! What this face writes. The only place with serde; members are never taken away or given
//! another meaning within `/api/v1`, and readers pass over those they do not know.
//!
//! Spans end in `_ms` and are whole milliseconds; points in time are RFC 3339 in UTC with
//! milliseconds; revisions are whole numbers below 2^53.

#![expect(clippy::struct_field_names, reason = "they are the names that are written")]

use std::collections::BTreeMap;

use jiff::Timestamp;
use lubdub_core::WallTime;
use lubdub_core::model::Metadata;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// `GET /api/v1/services`.
#[derive(Debug, Serialize)]
pub(crate) struct Services {
    pub(crate) revision: u64,
    pub(crate) services: Vec<Service>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) instances: usize,
    pub(crate) statuses: BTreeMap<&'static str, usize>,
    /// When anything in it changed last.
    pub(crate) revision: u64,
}

/// `GET /api/v1/instances`.
#[derive(Debug, Serialize)]
pub(crate) struct Instances {
    pub(crate) revision: u64,
    pub(crate) instances: Vec<Instance>,
    /// Where the next page begins; none after the last.
    pub(crate) next: Option<String>,
}

/// `GET /api/v1/services/{service}/instances/{id}`.
#[derive(Debug, Serialize)]
pub(crate) struct Instance {
    pub(crate) service: String,
    pub(crate) id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) node: String,
    pub(crate) status: &'static str,
    pub(crate) reported: &'static str,
    pub(crate) status_override: Option<&'static str>,
    pub(crate) health: &'static str,
    /// Host and port in one, for people; an IPv6 address is in brackets.
    pub(crate) address: String,
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    pub(crate) secure_port: Option<u16>,
    pub(crate) version: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) zone: Option<String>,
    pub(crate) weight: Option<u32>,
    pub(crate) tags: Vec<String>,
    pub(crate) metadata: Entries,
    /// The face that it registered through, where that keeps something of its own.
    pub(crate) origin: Option<String>,
    pub(crate) generation: u32,
    pub(crate) registered_at: Time,
    pub(crate) up_at: Option<Time>,
    pub(crate) updated_at: Time,
    /// When it changed last.
    pub(crate) revision: u64,
    pub(crate) leases: Vec<Lease>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Lease {
    /// The check that it is the lease of; empty for the heartbeat.
    pub(crate) check: String,
    /// What the check says: `passing`, `warning`, `critical`.
    pub(crate) health: &'static str,
    /// `live`, `held`, `refused`, `gone`.
    pub(crate) state: &'static str,
    pub(crate) ttl_ms: u64,
    pub(crate) interval_ms: u64,
    /// None while nothing was heard since the registry started.
    pub(crate) last_beat: Option<Time>,
    /// How long ago that was; while nothing was heard, the time since the registry started.
    pub(crate) age_ms: u64,
    /// Between the last beats, the newest first, at most four; each within 0.1 %.
    pub(crate) intervals_ms: Vec<u64>,
    pub(crate) unconfirmed: bool,
}

/// `GET /api/v1/services/{service}/instances/{id}/history`.
#[derive(Debug, Serialize)]
pub(crate) struct History {
    pub(crate) service: String,
    pub(crate) id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) node: String,
    /// Whether it is there now.
    pub(crate) registered: bool,
    /// Oldest first.
    pub(crate) history: Vec<Entry>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) revision: u64,
    pub(crate) at: Time,
    pub(crate) cause: Cause,
    /// In force from then on; none when it left.
    pub(crate) status: Option<&'static str>,
    pub(crate) address: Option<String>,
}

/// `GET /api/v1/events`.
#[derive(Debug, Serialize)]
pub(crate) struct Events {
    /// Where to go on from.
    pub(crate) revision: u64,
    /// Some of what happened since is not remembered: read everything again.
    pub(crate) reset: bool,
    pub(crate) events: Vec<Event>,
}

/// One change, in [`Events`] or as a server-sent event `change`.
#[derive(Debug, Serialize)]
pub(crate) struct Event {
    pub(crate) revision: u64,
    pub(crate) at: Time,
    pub(crate) service: String,
    pub(crate) id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) node: String,
    /// `registered`, `updated`, `removed`.
    pub(crate) change: &'static str,
    pub(crate) cause: Cause,
    pub(crate) status: Option<&'static str>,
    pub(crate) address: Option<String>,
}

/// The server-sent event `reset`.
#[derive(Debug, Serialize)]
pub(crate) struct Reset {
    pub(crate) revision: u64,
    pub(crate) services: usize,
    pub(crate) instances: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct Cause {
    /// `registered`, `registered-again`, `deregistered`, `override-set`,
    /// `override-cleared`, `metadata-added`, `expired`.
    pub(crate) name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) face: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) silence: Option<Silence>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Silence {
    pub(crate) check: String,
    pub(crate) ttl_ms: u64,
    pub(crate) interval_ms: u64,
    pub(crate) silent_ms: u64,
    pub(crate) excused_ms: u64,
    pub(crate) intervals_ms: Vec<u64>,
    pub(crate) unconfirmed: bool,
}

/// `GET /readyz`.
#[derive(Debug, Serialize)]
pub(crate) struct Readiness {
    /// `ready`, `degraded`, `stopping`.
    pub(crate) status: &'static str,
    pub(crate) warnings: Vec<String>,
    pub(crate) journal: Journal,
    pub(crate) restored: Option<Restored>,
    pub(crate) started_at: Time,
    pub(crate) deaf_last_hour_ms: u64,
}

/// The registry itself, in figures.
#[derive(Debug, Serialize)]
pub(crate) struct Server {
    pub(crate) version: &'static str,
    pub(crate) started_at: Time,
    pub(crate) revision: u64,
    pub(crate) services: usize,
    pub(crate) instances: usize,
    pub(crate) journal: Journal,
    pub(crate) deaf_last_hour_ms: u64,
    pub(crate) counters: Counters,
}

/// What happened since the start.
#[derive(Debug, Serialize)]
pub(crate) struct Counters {
    pub(crate) renewals: u64,
    pub(crate) renewals_last_minute: u64,
    /// Of leases that were not (or no longer) known.
    pub(crate) renewals_unknown: u64,
    pub(crate) registrations: u64,
    pub(crate) deregistrations: u64,
    pub(crate) expirations: u64,
}

#[derive(Debug, Serialize)]
pub(crate) struct Journal {
    /// `memory`, `durable`, `unavailable`.
    pub(crate) state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) since: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unwritten: Option<usize>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Restored {
    pub(crate) instances: usize,
    pub(crate) services: usize,
    pub(crate) last_heard: Time,
    pub(crate) outage_ms: u64,
    pub(crate) damaged: Option<String>,
}

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) WallTime);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let millis = i64::try_from(self.0.0).unwrap_or(i64::MAX);
        let time = Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX);
        serializer.collect_str(&format_args!("{time:.3}"))
    }
}

/// Names and values, in the order in which they were given.
#[derive(Debug, Clone)]
pub(crate) struct Entries(pub(crate) Metadata);

impl Serialize for Entries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.0.iter() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_in_time_is_written_in_utc_with_milliseconds() {
        for (millis, written) in [
            (1_795_258_936_207, "\"2026-11-21T11:02:16.207Z\""),
            (1_795_258_936_000, "\"2026-11-21T11:02:16.000Z\""),
            (0, "\"1970-01-01T00:00:00.000Z\""),
        ] {
            assert_eq!(serde_json::to_string(&Time(WallTime(millis))).unwrap(), written);
        }
        assert!(serde_json::to_string(&Time(WallTime(u64::MAX))).unwrap().starts_with("\"9999-"));
    }

    #[test]
    fn metadata_is_an_object_in_its_own_order() {
        let entries = Entries(Metadata::new([("z", "1"), ("a", "2")]));
        assert_eq!(serde_json::to_string(&entries).unwrap(), r#"{"z":"1","a":"2"}"#);
    }
}
