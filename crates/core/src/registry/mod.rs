//! The [`Registry`]: every decision, in one place, without a clock, a socket or a disk.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `state` | what there is, and the contract with the driver |
//! | `decide` | from a command to changes, or a reject: reads, never writes |
//! | `check` | the rules for what a registrant may say |
//! | `apply` | from changes to the next state: writes, never decides |
//! | `expire` | from the passing of time to changes |
//! | `snapshot` | what readers get |

mod apply;
mod check;
mod decide;
mod expire;
mod leases;
mod protect;
mod snapshot;
mod state;

pub use expire::Ticked;
pub use snapshot::Snapshot;
pub use state::Registry;
