//! Every decision of the SDK, as state machines that do nothing: they open no socket, read no clock and
//! no file. What happened and what time it is come in as arguments; what is to be done comes out.
//! So they are tested in simulated time, and so anyone can drive them otherwise than this crate does.
//!
//! | machine | it decides |
//! | --- | --- |
//! | [`Schedule`] | when the next beat is due, and how long to wait after one that failed |
//! | [`Registration`] | what the registry must be told next about one instance: the switch and the beats together |
//! | [`LiveSet`] | which endpoints a consumer may call, when answers are missing or strange |
//! | [`changes_between`] | what joined, left and changed between two such sets |

mod changes;
mod live_set;
mod registration;
mod schedule;
mod tick;

pub use changes::{Change, changes_between};
pub use live_set::{Freshness, LiveSet, View};
pub use registration::{Next, Outcome, Registration, Task};
pub use schedule::{MOST_INTERVALS, Miss, Schedule};
pub use tick::Tick;
