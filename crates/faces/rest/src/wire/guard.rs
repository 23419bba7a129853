//! What the guard does and why.

use serde::Serialize;
use utoipa::ToSchema;

use super::words::{GuardState, PhaseWord};
use super::{Arithmetic, Scope, Sender, Time};

/// The guard's arithmetic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Guard {
    pub(crate) rules: GuardRules,
    /// How many beats a minute all leases together promise.
    pub(crate) promised_per_minute: u64,
    /// How many beats came in the last minute.
    pub(crate) heard_last_minute: u64,
    /// The registry first, then every zone and service that is held.
    pub(crate) scopes: Vec<GuardScope>,
    /// What was over lately, the newest first.
    pub(crate) past: Vec<PastEpisode>,
}

/// When the guard holds, and for how long.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuardRules {
    pub(crate) enabled: bool,
    /// A scope with fewer hosts is never held.
    pub(crate) min_hosts: usize,
    /// As many hosts may always leave.
    pub(crate) tolerated_hosts: usize,
    /// And as many of a hundred.
    pub(crate) tolerated_percent: usize,
    /// Of a hundred beats promised by the others so many must come for the silent to count as dead.
    pub(crate) kept_percent: usize,
    /// Then so many of a hundred hosts leave in one lease time.
    pub(crate) leave_percent: usize,
    pub(crate) max_hold: LongestHold,
}

/// The longest hold of a lease: in lease times, or `forever`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum LongestHold {
    LeaseTimes(u32),
    #[schema(value_type = String)]
    Word(&'static str),
}

/// A scope at one moment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GuardScope {
    pub(crate) scope: Scope,
    #[schema(value_type = GuardState)]
    pub(crate) state: &'static str,
    /// The arithmetic in words.
    pub(crate) sentence: String,
    pub(crate) hosts: usize,
    pub(crate) silent: usize,
    pub(crate) tolerated: usize,
    /// Of `holding`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) episode: Option<Episode>,
}

/// A scope that is held.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Episode {
    pub(crate) since: Time,
    /// What made it hold.
    pub(crate) entered: Arithmetic,
    pub(crate) held_hosts: usize,
    pub(crate) held_leases: usize,
    /// The longest time-to-live that is held.
    pub(crate) lease_time_ms: u64,
    #[schema(value_type = PhaseWord)]
    pub(crate) phase: &'static str,
    /// Of `listening` (once it was judged) and `draining`: how many of a hundred promised beats came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) kept_percent: Option<u8>,
    /// Of `draining`: how many hosts leave in one lease time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) hosts_per_lease_time: Option<usize>,
    /// Of `listening`: when it is judged next; of `draining`: when the next host leaves.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) next_at: Option<Time>,
    /// Of `released`: who let them go.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) by: Option<Sender>,
}

/// A scope that was held.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PastEpisode {
    pub(crate) scope: Scope,
    pub(crate) since: Time,
    pub(crate) until: Time,
    /// What made it hold.
    pub(crate) entered: Arithmetic,
    /// How many held leases were heard again.
    pub(crate) returned: usize,
    /// How many left, as dead or by hand.
    pub(crate) left: usize,
}

/// What an operator's release let go.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Released {
    pub(crate) released_hosts: usize,
    pub(crate) released_leases: usize,
}
