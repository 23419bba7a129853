//! The guard against mass eviction: when too many hosts fall silent at once, it is more
//! likely that we do not hear than that they are dead.
//!
//! Its unit is the host, so that one dead machine is one loss however many instances it had.
//! It counts hosts in three kinds of scope: the whole registry, a zone, a service. A host is
//! silent in a scope when each of its leases there is overdue by half an interval; only hosts
//! that were heard since the registry started count. When a lease is due, and in one of its
//! scopes more hosts than tolerated are silent or left for their silence within one lease
//! time, it is *held* in that scope, in the widest one first. Because silence is noticed before
//! it is due, the first lease of a mass that comes due is held already.
//!
//! | a held lease leaves the hold | when |
//! | --- | --- |
//! | back | it beats |
//! | dead | the others kept their beats for one lease time: then hosts leave a few at a time |
//! | dead | it was held for as long as the rules allow |
//! | dead | an operator says so |
//!
//! Explicit deregistration is never held. What a hold ends does not count as a new loss.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `config` | the rules |
//! | `scope` | what hosts are counted in |
//! | `hosts` | the counting |
//! | `tallies` | what is counted of one host in one scope |
//! | `listening` | whether the others keep their beats |
//! | `holding` | one scope that is held, from entry to end |
//! | `state` | the guard itself |
//! | `report` | its arithmetic, for people and machines |

mod config;
mod holding;
mod hosts;
mod listening;
mod report;
mod scope;
mod state;
mod tallies;

pub use config::{GuardConfig, MaxHold};
pub(crate) use listening::{SAMPLE_SIZE, Sample};
pub use report::{Arithmetic, Episode, GuardReport, PastEpisode, Phase, Released, ScopeReport, ScopeState};
pub use scope::Scope;
pub(crate) use state::{Guard, Judgement};
