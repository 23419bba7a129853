//! History, events and departures.

use serde::Serialize;
use utoipa::ToSchema;

use super::words::{ChangeWord, StatusWord};
use super::{Cause, Time};

/// What happened to an instance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct History {
    pub(crate) service: String,
    pub(crate) id: String,
    /// What scopes its id, if anything does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) node: String,
    /// Whether it is there now.
    pub(crate) registered: bool,
    /// Oldest first.
    pub(crate) history: Vec<Entry>,
}

/// One thing that happened to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Entry {
    pub(crate) revision: u64,
    pub(crate) at: Time,
    pub(crate) cause: Cause,
    /// Shown to consumers from then on; null when it left.
    #[schema(value_type = Option<StatusWord>, required = true)]
    pub(crate) status: Option<&'static str>,
    #[schema(required = true)]
    pub(crate) address: Option<String>,
}

/// What happened since a revision.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Events {
    /// Where to go on from.
    pub(crate) revision: u64,
    /// Some of what happened since is not remembered: read everything again.
    pub(crate) reset: bool,
    /// Oldest first.
    pub(crate) events: Vec<Event>,
}

/// One change, in a list or as a server-sent event `change`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Event {
    pub(crate) revision: u64,
    pub(crate) at: Time,
    pub(crate) service: String,
    pub(crate) id: String,
    /// What scopes its id, if anything does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) node: String,
    #[schema(value_type = ChangeWord)]
    pub(crate) change: &'static str,
    pub(crate) cause: Cause,
    /// Shown to consumers from then on; null when it left.
    #[schema(value_type = Option<StatusWord>, required = true)]
    pub(crate) status: Option<&'static str>,
    #[schema(required = true)]
    pub(crate) address: Option<String>,
}

/// Who left.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Departures {
    /// Of everything that is told here.
    pub(crate) revision: u64,
    /// Newest first.
    pub(crate) departures: Vec<Departure>,
}

/// An instance that left. One that left several times is there several times.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Departure {
    pub(crate) revision: u64,
    pub(crate) at: Time,
    pub(crate) service: String,
    pub(crate) id: String,
    /// What scopes its id, if anything does.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) node: String,
    pub(crate) cause: Cause,
    /// Whether it is there again.
    pub(crate) registered: bool,
}

/// The server-sent event `reset`: some changes are not remembered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reset {
    pub(crate) revision: u64,
    pub(crate) services: usize,
    pub(crate) instances: usize,
}
