//! The registry itself: its figures, its readiness, its log.

use jiff::Timestamp;
use serde::Deserialize;

/// The registry itself, in figures.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Server {
    pub(crate) version: String,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) revision: u64,
    pub(crate) services: usize,
    pub(crate) instances: usize,
    pub(crate) journal: Journal,
    pub(crate) deaf_last_hour_ms: u64,
    pub(crate) counters: Counters,
}

/// What happened since the start.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Counters {
    pub(crate) renewals: u64,
    pub(crate) renewals_last_minute: u64,
}

/// Where what is registered is kept.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Journal {
    /// `memory`, `durable`, `unavailable`.
    pub(crate) state: String,
    pub(crate) since: Option<Timestamp>,
    pub(crate) reason: Option<String>,
    pub(crate) unwritten: Option<usize>,
}

/// How the registry is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Readiness {
    /// `ready`, `degraded`, `stopping`.
    pub(crate) status: String,
    pub(crate) warnings: Vec<String>,
    pub(crate) restored: Option<Restored>,
}

/// What came back at the start.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Restored {
    pub(crate) instances: usize,
    pub(crate) services: usize,
    pub(crate) last_heard: Option<Timestamp>,
    pub(crate) outage_ms: u64,
}

/// What the registry logs.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct LogFilter {
    pub(crate) filter: String,
}
