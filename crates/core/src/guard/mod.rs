//! The guard against mass eviction: when too many hosts fall silent at once, it is more
//! likely that we do not hear than that they are dead.

mod config;
mod report;
mod scope;

pub use config::{GuardConfig, MaxHold};
pub use report::{Arithmetic, Episode, GuardReport, PastEpisode, Phase, Released, ScopeReport, ScopeState};
pub use scope::Scope;
