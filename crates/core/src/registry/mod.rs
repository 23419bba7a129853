//! The [`Registry`]: every decision, in one place, without a clock, a socket or a disk.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `state` | what there is, and the contract with the driver |
//! | `decide` | from a command to changes, or a reject: reads, never writes |
//! | `check` | the rules for what a registrant may say |
//! | `profiles` | what instances say alike, kept once |
//! | `apply` | from changes to the next state: writes, never decides |
//! | `restoration` | the instances of an earlier run, all at once |
//! | `expire` | from the passing of time to changes |
//! | `adaptive` | what is learnt of beats, and allowed for it |
//! | `guarded` | who falls silent, is heard again, and is let go by the guard |
//! | `damped` | who is kept out for having come and gone too often |
//! | `refused`, `suspect` | what the probe of an address says, and about whom |
//! | `sessions`, `closed` | long connections whose messages keep leases, and what their end does |
//! | `protect` | what the protections say, and what operators say to them |
//! | `snapshot` | what readers get |

mod adaptive;
mod apply;
mod check;
mod closed;
mod damped;
mod decide;
mod expire;
mod guarded;
mod leases;
mod profiles;
mod protect;
mod refused;
mod restoration;
mod sessions;
mod snapshot;
mod state;
mod suspect;

pub use expire::Ticked;
pub use restoration::Restoration;
pub use sessions::{Attached, Lost, LostReason};
pub use snapshot::Snapshot;
pub use state::Registry;
pub use suspect::Suspect;
