//! All failure detectors on the same generated networks, at several settings, beside what others found.
//!
//! What it is: [`NETWORKS`], each with the settings that are tried on it, and [`Network::rows`], which replays
//! them. The detectors and the traces are those of `lubdub-detect`; nothing here knows of the registry.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `network` | what is tried where |
//! | `setting` | a detector with its settings |
//! | `reference` | what others published or computed |
//! | `row` | what one of them showed |
//! | `table` | all of it, as it stands in `docs/detectors.md` |

mod network;
mod reference;
mod row;
mod setting;
mod table;

pub use network::{NETWORKS, Network, network};
pub use reference::Reference;
pub use row::Row;
pub use table::{MARK, secs, share, table};
