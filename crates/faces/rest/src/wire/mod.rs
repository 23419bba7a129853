//! What this face writes. The only place with serde; members are never taken away or given
//! another meaning within `/api/v1`, and readers pass over those they do not know.
//!
//! Spans end in `_ms` and are whole milliseconds; points in time are RFC 3339 in UTC with
//! milliseconds; revisions are whole numbers below 2^53. Members that are null are always
//! there; those that do not apply and are left out say so by `skip_serializing_if`.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `listed` | services and instances |
//! | `told` | history, events and departures |
//! | `cause` | why something happened |
//! | `guard`, `damping` | what protects the registry, and why |
//! | `server` | the registry itself |
//! | `value` | points in time, names and values |
//! | `words` | members that are one of a few words, for the description alone |

#![expect(clippy::struct_field_names, reason = "they are the names that are written")]

mod cause;
mod damping;
mod guard;
mod listed;
mod server;
mod told;
mod value;
mod words;

pub(crate) use cause::{
    Arithmetic, Cause, ConnectionLoss, Flap, GuardSaid, Learnt, Refusal, Scope, Sender, Silence, Undamped,
};
pub(crate) use damping::{Damped, Damping, DampingRules};
pub(crate) use guard::{Episode, Guard, GuardRules, GuardScope, LongestHold, PastEpisode, Released};
pub(crate) use listed::{Deregistered, Instance, Instances, Lease, Service, Services};
pub(crate) use server::{
    Configuration, Counters, Deaf, DeafInterval, Journal, LogFilter, Readiness, Restored, Server, Setting,
};
pub(crate) use told::{Departure, Departures, Entry, Event, Events, History, Reset};
pub(crate) use value::{Entries, Time};
pub(crate) use words::{CheckWord, StatusWord};
