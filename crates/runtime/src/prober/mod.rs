//! The prober's shell: a thread that opens the connections that [`lubdub_core::probe`] asks
//! for, and tells how they ended. Nobody waits for it.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `event` | what the thread is told |
//! | `thread` | the loop around the pure [`Prober`](lubdub_core::probe::Prober) |
//! | `attempt` | one connection: opened, and closed with a reset |
//! | `own` | whether an address is this machine's |
//! | `counters` | what it did, for everybody to read |

mod attempt;
mod counters;
mod event;
mod own;
mod thread;

pub use counters::ProbeCounters;
pub(crate) use counters::ProbeTally;
pub(crate) use event::Event;
pub use event::{CarriedBeat, SignOfLife};
pub(crate) use thread::start;
