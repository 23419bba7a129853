//! What the registry's REST face answers, as far as this program reads it.
//!
//! These are twins of the face's own types, not the same: members that this program does not
//! know are passed over, and those that it can do without may be absent, so that it talks to
//! registries that are a little older or newer than itself. For the same reason words of a closed
//! set are read as text: one that is new is shown as it is.

mod cause;
mod instances;
mod problem;
mod protection;
mod server;

pub(crate) use cause::{
    Cause, ConnectionLoss, Entry, Event, Flap, GuardWord, History, Refusal, Reset, Sender, Silence, Undamped,
};
pub(crate) use instances::{Instance, Lease, Page, Place, Service, Services};
pub(crate) use problem::Problem;
pub(crate) use protection::{
    Arithmetic, Damping, DampingRules, Deaf, Episode, Guard, GuardRules, GuardedScope, Penalized, Released,
    Scope,
};
pub(crate) use server::{Journal, LogFilter, Readiness, Restored, Server};
