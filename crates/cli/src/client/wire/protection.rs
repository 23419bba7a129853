//! What protects instances from wrong evictions and consumers from restless instances: the
//! guard, damping, deaf time.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::cause::Sender;

/// What the guard counts hosts in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Scope {
    /// `registry`, `zone`, `service`.
    pub(crate) kind: String,
    pub(crate) name: Option<String>,
}

/// Hosts of a scope at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Arithmetic {
    pub(crate) hosts: usize,
    pub(crate) silent: usize,
    pub(crate) tolerated: usize,
}

/// The guard, with its arithmetic.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Guard {
    pub(crate) rules: GuardRules,
    pub(crate) promised_per_minute: Option<u64>,
    pub(crate) heard_last_minute: Option<u64>,
    /// The registry first, then every zone and service that is held.
    pub(crate) scopes: Vec<GuardedScope>,
    /// What was over lately, the newest first.
    pub(crate) past: Vec<PastEpisode>,
}

/// When the guard holds, and for how long.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GuardRules {
    pub(crate) enabled: bool,
    pub(crate) min_hosts: usize,
    pub(crate) tolerated_hosts: usize,
    pub(crate) tolerated_percent: usize,
    pub(crate) kept_percent: usize,
    pub(crate) leave_percent: usize,
    /// A number of lease times, or `"forever"`.
    pub(crate) max_hold: Value,
}

/// A scope at one moment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GuardedScope {
    pub(crate) scope: Scope,
    /// `off`, `too_few_hosts`, `open`, `holding`.
    pub(crate) state: String,
    /// The arithmetic, as the registry says it.
    pub(crate) sentence: String,
    pub(crate) hosts: usize,
    pub(crate) silent: usize,
    pub(crate) tolerated: usize,
    /// Only while it holds.
    pub(crate) episode: Option<Episode>,
}

/// A scope that is held.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Episode {
    pub(crate) since: Option<Timestamp>,
    pub(crate) held_hosts: usize,
    pub(crate) held_leases: usize,
    /// `listening`, `draining`, `released`.
    pub(crate) phase: String,
    pub(crate) kept_percent: Option<u8>,
    pub(crate) hosts_per_lease_time: Option<usize>,
    /// When it is judged, or the next host leaves.
    pub(crate) next_at: Option<Timestamp>,
    pub(crate) by: Option<Sender>,
}

/// A scope that was held.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PastEpisode {
    pub(crate) scope: Scope,
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
    #[serde(default)]
    pub(crate) entered: Arithmetic,
    #[serde(default)]
    pub(crate) returned: usize,
    #[serde(default)]
    pub(crate) left: usize,
}

/// What an operator let go.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Released {
    pub(crate) released_hosts: usize,
    pub(crate) released_leases: usize,
}

/// Damping: its rules, and the instances with a penalty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Damping {
    pub(crate) rules: DampingRules,
    /// Services with rules of their own.
    pub(crate) services: BTreeMap<String, DampingRules>,
    pub(crate) instances: Vec<Penalized>,
}

/// When an instance is kept out for its losses.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DampingRules {
    pub(crate) enabled: bool,
    pub(crate) half_life_ms: u64,
    pub(crate) suppress: u32,
    pub(crate) reuse: u32,
    pub(crate) longest_ms: u64,
}

/// An instance with a penalty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Penalized {
    pub(crate) service: String,
    pub(crate) id: String,
    pub(crate) penalty: u32,
    pub(crate) losses: u32,
    pub(crate) damped: bool,
    pub(crate) until: Option<Timestamp>,
}

/// For how long the registry could not hear.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Deaf {
    pub(crate) intervals: Vec<DeafInterval>,
}

/// A while in which the registry could not hear.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DeafInterval {
    pub(crate) to: Timestamp,
    pub(crate) ms: u64,
}
