//! Long connections of providers: beats as fast as they go, or each in its interval, and what an open
//! session takes.

mod bench;
mod outcome;
mod plan;

pub use bench::SessionBench;
pub use outcome::{SessionOutcome, SessionsAsked};
pub use plan::SessionPlan;
