//! The registry itself: how it is, what it counts, when it could not hear, how it is set.

use serde::Serialize;
use utoipa::ToSchema;

use super::Time;
use super::words::{JournalWord, ReadinessWord};

/// How the registry is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    #[schema(value_type = ReadinessWord)]
    pub(crate) status: &'static str,
    pub(crate) warnings: Vec<String>,
    pub(crate) journal: Journal,
    /// What came back from an earlier run, if anything did.
    #[schema(required = true)]
    pub(crate) restored: Option<Restored>,
    pub(crate) started_at: Time,
    pub(crate) deaf_last_hour_ms: u64,
}

/// The registry itself, in figures.
#[derive(Debug, Serialize, ToSchema)]
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
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Counters {
    pub(crate) renewals: u64,
    pub(crate) renewals_last_minute: u64,
    /// Of leases that were not (or no longer) known.
    pub(crate) renewals_unknown: u64,
    pub(crate) registrations: u64,
    pub(crate) deregistrations: u64,
    pub(crate) expirations: u64,
}

/// Whether what is registered survives a restart.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Journal {
    #[schema(value_type = JournalWord)]
    pub(crate) state: &'static str,
    /// Of `unavailable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) since: Option<Time>,
    /// Of `unavailable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) reason: Option<String>,
    /// Of `unavailable`: so many instances live in memory only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) unwritten: Option<usize>,
}

/// What came back from an earlier run.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Restored {
    pub(crate) instances: usize,
    pub(crate) services: usize,
    /// When that run last noted that it was alive.
    pub(crate) last_heard: Time,
    pub(crate) outage_ms: u64,
    /// What was damaged: what was moved where, and what is missing.
    #[schema(required = true)]
    pub(crate) damaged: Option<String>,
}

/// When the registry could not hear.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deaf {
    /// All of it in the last hour.
    pub(crate) last_hour_ms: u64,
    /// Those of the last hour, the newest last.
    pub(crate) intervals: Vec<DeafInterval>,
}

/// A stretch of time in which the registry could not hear.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeafInterval {
    pub(crate) from: Time,
    pub(crate) to: Time,
    pub(crate) ms: u64,
}

/// How the registry is set.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Configuration {
    /// Every setting; secrets are in files of which only the names are told.
    pub(crate) settings: Vec<Setting>,
}

/// A setting that is in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Setting {
    pub(crate) name: String,
    pub(crate) value: String,
    /// Whether that is what it is unless told otherwise.
    pub(crate) default: bool,
}

/// What is logged.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LogFilter {
    /// Such as `info` or `info,lubdub_core=debug`.
    pub(crate) filter: String,
}
