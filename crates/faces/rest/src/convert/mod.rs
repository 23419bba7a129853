//! The model to what is written. Pure: everything that it needs is an argument, the present
//! moment included.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `listed` | services and instances |
//! | `told` | history, events and departures |
//! | `cause` | why something happened |
//! | `guard`, `damping` | what protects the registry, and why |
//! | `server` | the registry itself |

mod cause;
mod damping;
mod guard;
mod listed;
mod server;
mod told;

use std::time::Duration;

pub(crate) use damping::damping;
pub(crate) use guard::{guard, released};
pub(crate) use listed::{instance, instances, services};
pub(crate) use server::{configuration, deaf, readiness, server};
pub(crate) use told::{departures, entry, event, events, page_of, reset};

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
