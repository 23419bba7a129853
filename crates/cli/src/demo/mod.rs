//! `lubdub demo`: a registry, provider processes that register and beat over Eureka's protocol,
//! one that is killed, one that is stopped and returns; then a summary of what was measured
//! against what was promised.
//!
//! The demo is an outside client of its own registry: what it shows and measures comes through
//! the REST face's events and from what its providers were answered.
//!
//! | file | what |
//! | --- | --- |
//! | `script.rs` | what is done, in which order, and what is expected of it |
//! | `stage.rs`, `happening.rs` | what happens meanwhile: gathered, told, drawn |
//! | `registry.rs` | the registry in this process |
//! | `fleet.rs`, `provider.rs`, `report.rs` | the provider processes and what they report |
//! | `ledger.rs`, `summary.rs` | what was seen, and whether it is as promised |
//! | `picture.rs`, `screen.rs` | the heart-beat chart, and where it is drawn |

mod arguments;
mod fleet;
mod happening;
mod ledger;
mod picture;
mod provider;
mod registry;
mod report;
mod screen;
mod script;
mod stage;
mod summary;

pub(crate) use arguments::Demo;
pub(crate) use provider::{ProviderArgs, run as provide};
