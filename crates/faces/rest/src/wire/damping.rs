//! Which instances are kept out for their losses, and by which rules.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Time;

/// Damping: its rules, and every instance with a penalty.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Damping {
    /// For services that have no rules of their own.
    pub(crate) rules: DampingRules,
    /// For these.
    pub(crate) services: BTreeMap<String, DampingRules>,
    /// Ordered by service and id.
    pub(crate) instances: Vec<Damped>,
}

/// When an instance is kept out for its losses.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DampingRules {
    pub(crate) enabled: bool,
    /// In this time a penalty falls to its half.
    pub(crate) half_life_ms: u64,
    /// Above this penalty an instance that returns is kept out; a loss costs 1000.
    pub(crate) suppress: u32,
    /// Below this it is offered again.
    pub(crate) reuse: u32,
    /// No instance is kept out for longer than this after its last loss.
    pub(crate) longest_ms: u64,
}

/// An instance with a penalty.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Damped {
    pub(crate) service: String,
    pub(crate) id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) node: String,
    /// Now.
    pub(crate) penalty: u32,
    /// Losses that counted since its penalty was last forgotten.
    pub(crate) losses: u32,
    /// Whether it is kept out.
    pub(crate) damped: bool,
    /// Until then, if nothing more happens; null where it is not kept out.
    #[schema(required = true)]
    pub(crate) until: Option<Time>,
}
