//! Services and instances.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::words::{CheckWord, LeaseWord, StatusWord};
use super::{Entries, Time};

/// The services.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Services {
    /// Of everything that is told here.
    pub(crate) revision: u64,
    /// Ordered by name.
    pub(crate) services: Vec<Service>,
}

/// One service.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Service {
    pub(crate) name: String,
    /// How many instances it has.
    pub(crate) instances: usize,
    /// How many of them have each status; statuses that none has are left out.
    pub(crate) statuses: BTreeMap<&'static str, usize>,
    /// How many of them have each health, the worst of their checks; one that none has is left out.
    pub(crate) health: BTreeMap<&'static str, usize>,
    /// How many of them the guard holds.
    pub(crate) held: usize,
    /// How many of them damping keeps out.
    pub(crate) damped: usize,
    /// When anything in it changed last.
    pub(crate) revision: u64,
}

/// A page of instances.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Instances {
    /// Of everything that is told here.
    pub(crate) revision: u64,
    /// Ordered by service, id and node.
    pub(crate) instances: Vec<Instance>,
    /// Where the next page begins: give it as `after`. Null after the last.
    #[schema(required = true)]
    pub(crate) next: Option<String>,
}

/// An instance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Instance {
    pub(crate) service: String,
    pub(crate) id: String,
    /// What scopes its id, if anything does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) node: String,
    /// What consumers are shown.
    #[schema(value_type = StatusWord)]
    pub(crate) status: &'static str,
    /// What it says of itself.
    #[schema(value_type = StatusWord)]
    pub(crate) reported: &'static str,
    /// What an operator said.
    #[schema(value_type = Option<StatusWord>, required = true)]
    pub(crate) status_override: Option<&'static str>,
    /// The worst of its checks.
    #[schema(value_type = CheckWord)]
    pub(crate) health: &'static str,
    /// Whether a lease of it is due and the guard holds it.
    pub(crate) held: bool,
    /// Whether damping keeps it out.
    pub(crate) damped: bool,
    /// Host and port in one, for people; an IPv6 address is in brackets.
    pub(crate) address: String,
    pub(crate) host: String,
    #[schema(required = true)]
    pub(crate) port: Option<u16>,
    #[schema(required = true)]
    pub(crate) secure_port: Option<u16>,
    #[schema(required = true)]
    pub(crate) version: Option<String>,
    #[schema(required = true)]
    pub(crate) group: Option<String>,
    #[schema(required = true)]
    pub(crate) zone: Option<String>,
    #[schema(required = true)]
    pub(crate) weight: Option<u32>,
    pub(crate) tags: Vec<String>,
    pub(crate) metadata: Entries,
    /// The face that it registered through, where that keeps something of its own.
    #[schema(required = true)]
    pub(crate) origin: Option<String>,
    /// Which incarnation it is.
    pub(crate) generation: u32,
    pub(crate) registered_at: Time,
    #[schema(required = true)]
    pub(crate) up_at: Option<Time>,
    pub(crate) updated_at: Time,
    /// When it changed last.
    pub(crate) revision: u64,
    /// One for each check.
    pub(crate) leases: Vec<Lease>,
}

/// A lease of an instance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Lease {
    /// The check that it is the lease of; empty for the heartbeat.
    pub(crate) check: String,
    /// What the check says.
    #[schema(value_type = CheckWord)]
    pub(crate) health: &'static str,
    #[schema(value_type = LeaseWord)]
    pub(crate) state: &'static str,
    /// The silence that loses it; an adaptive one, while little is learnt of its beats.
    pub(crate) ttl_ms: u64,
    /// From which level of suspicion on a silence loses it, where it is adaptive: judged by what is learnt of its beats. Null
    /// where its time-to-live is fixed.
    #[schema(required = true)]
    pub(crate) phi: Option<f64>,
    /// The silence that is allowed now.
    pub(crate) allowed_ms: u64,
    /// When it will be lost if no beat comes, unless the registry has something to excuse.
    pub(crate) due_at: Time,
    /// The promised time between two beats.
    pub(crate) interval_ms: u64,
    /// Null while nothing was heard since the registry started.
    #[schema(required = true)]
    pub(crate) last_beat: Option<Time>,
    /// How long ago that was; while nothing was heard, the time since the registry started.
    pub(crate) age_ms: u64,
    /// Between the last beats, the newest first, at most four; each within 0.1 %.
    pub(crate) intervals_ms: Vec<u64>,
    /// Whether nothing was heard since the registry started.
    pub(crate) unconfirmed: bool,
}

/// An instance that an operator removed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deregistered {
    pub(crate) service: String,
    pub(crate) id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) node: String,
    /// When it left.
    pub(crate) revision: u64,
}
