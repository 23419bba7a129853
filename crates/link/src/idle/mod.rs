//! Idleness of a connection: the rules of Netty's `IdleStateHandler`, as a machine without a clock.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `config` | what counts as idle, and how patient one is |
//! | `flow` | one direction: what came through it last, whole or in part |
//! | `machine` | when who is idle, and how often in a row |

mod config;
mod flow;
mod machine;

pub use config::IdleConfig;
pub use machine::{Idle, IdleEvent, IdleKind};
