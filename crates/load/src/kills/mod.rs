//! How soon a consumer hears that a provider is dead: killed, or silent.

mod bench;
mod outcome;
mod plan;
mod provider;

pub use bench::KillBench;
pub use outcome::{KillOutcome, KillsAsked, SpansMs};
pub use plan::{KillPlan, Manner};
pub use provider::ProviderCommand;
