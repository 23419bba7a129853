//! Damping: an instance that is lost and returns over and over is kept out for a while.

mod config;
mod report;

pub use config::{DampingConfig, DampingRules, PENALTY_OF_A_LOSS};
pub use report::{DampingReport, Flap, FlapOutcome, Undamped};
