//! Fuzz targets: everything that reads what comes from outside, each fed with arbitrary bytes.
//!
//! A target panics where something does not hold that must hold for any input. The engine is
//! libFuzzer, guided by coverage; `cargo xtask fuzz` builds and runs it. Inputs that once made a
//! target panic are kept in `found/`, and each test run tries them and all seeds again without
//! the engine (`tests/inputs.rs`).
//!
//! | module | its one idea |
//! | --- | --- |
//! | `targets` | the table of all targets, and how bytes become their input |
//! | `configuration` | a file and an environment |
//! | `journal` | a journal with damaged bytes |
//! | `link` | frames on a link, with pauses and cuts; Motan's frames |
//! | `session` | messages of a session, said to a registry |
//! | `seeds` | where the search begins: recorded exchanges, and one of each kind |

mod configuration;
mod journal;
mod link;
mod seeds;
mod session;
mod targets;

pub use targets::{TARGETS, Target, find};
