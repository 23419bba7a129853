//! Long connections of consumers: how soon all are told of a change, and what an open watch takes.

mod bench;
mod outcome;
mod plan;

pub use bench::WatchBench;
pub use outcome::{RoundMs, WatchOutcome, WatchesAsked};
pub use plan::WatchPlan;
