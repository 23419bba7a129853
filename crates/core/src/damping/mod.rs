//! Damping: an instance that is lost and returns over and over is kept out for a while.
//!
//! Only losses that the registry concluded itself count, and only when the same process
//! returns: one that beat for its lost lease before it registered again. (A process that was
//! restarted registers without having beaten, and starts clean.) Each loss adds 1 000 to a
//! penalty that falls to its half in each half-life; above `suppress` the instance is kept out
//! of what consumers are offered until it has fallen to `reuse` (RFC 2439, section 4). Only the
//! way up is delayed, and never for more than half of a service's instances that are `UP`.
//!
//! With the defaults (half-life 60 s, 2 500, 1 000): the third loss within a minute or so
//! keeps an instance out for about 95 s, and none for more than five minutes. Penalties are not
//! kept across a restart.

mod config;
mod ledger;
mod report;

pub use config::{DampingConfig, DampingRules, PENALTY_OF_A_LOSS};
pub(crate) use ledger::Ledger;
pub use report::{DampingReport, Flap, FlapOutcome, Undamped};
