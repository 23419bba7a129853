//! The command line from outside: real processes, free ports, each ended by the test that
//! started it.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod actions;
mod adaptive;
mod any_registry;
mod bench;
mod bench_long;
mod demo;
#[cfg(target_os = "linux")]
mod faults;
mod generated;
mod insight;
mod killed;
mod paused;
mod protected;
mod questions;
mod register;
mod serve;
mod support;
mod usage;
