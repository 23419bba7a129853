//! A load generator for service registries: it sends requests at the times of a schedule, whatever
//! the server does, and counts each latency from the time at which its request was due.
//!
//! For requests it deliberately is not a general HTTP client: plain HTTP/1.1, keep-alive, one in flight
//! on each connection, bodies counted and thrown away. It shares no code with the server but the messages of
//! lubdub's gRPC, so that it measures any server that speaks the same protocol, and it runs on one thread, so that on a
//! small machine it leaves the rest to the server.
//!
//! Start at [`Bench`]: it registers the instances, measures, and deregisters them.
//!
//! ```no_run
//! use lubdub_load::{Bench, Eureka, Hooks, Plan, Target, Work};
//!
//! let target = Target::resolve("http://127.0.0.1:8761")?;
//! let plan = Plan { instances: 1_000, ..Plan::of(Work::Renew) };
//! let eureka = Eureka::new(&target, &plan);
//! let outcome = Bench::new(plan, target, eureka)?.run(&Hooks::default())?;
//! println!("{} renewals/s", outcome.throughput_per_s);
//! # Ok::<(), lubdub_load::Error>(())
//! ```
//!
//! Beside requests, which it writes by itself, it measures **long connections**, with the libraries
//! that clients use: [`SessionBench`] the beats of providers and [`WatchBench`] the news of consumers, each in
//! the protocols of several registries ([`RegistryAt`]); [`KillBench`] how soon a death is heard of, through the
//! SDK.
//!
//! # What a latency is
//!
//! In an **open loop** (with a rate) request number *n* is due *n* ÷ rate after the start. The next
//! connection that is free sends it; when none is, it waits, and the wait counts. A server that
//! stalls is thus charged with every request that should have been sent meanwhile, and not only
//! with those that happened to be in flight (coordinated omission). In a **closed loop** (without
//! a rate) each connection sends its next request when it has the answer to the last, so there is
//! nothing that a request could be late for; a latency counts from sending.
//!
//! # When a measurement is void
//!
//! The generator watches itself: [`Punctuality`] says what it takes as being late. A measurement
//! in which the generator was late says nothing about the server.

mod answer;
mod bench;
mod connection;
mod conversation;
mod error;
mod eureka;
mod generator;
mod kills;
mod outcome;
mod plan;
mod process;
mod punctuality;
mod run;
mod schedule;
mod sessions;
mod speech;
mod tally;
mod target;
mod timer;
mod watches;

pub use bench::{Bench, Hooks, Progress, Stage};
pub use conversation::{Kind, RegistryAt};
pub use error::Error;
pub use eureka::Eureka;
pub use kills::{KillBench, KillOutcome, KillPlan, KillsAsked, Manner, ProviderCommand, SpansMs};
pub use outcome::{Asked, Effort, Generator, LatencyUs, Outcome, Rss, ServerProcess};
pub use plan::{Plan, Reading, Work};
pub use punctuality::Punctuality;
pub use sessions::{SessionBench, SessionOutcome, SessionPlan, SessionsAsked};
pub use speech::{Action, Speech};
pub use target::Target;
pub use watches::{RoundMs, WatchBench, WatchOutcome, WatchPlan, WatchesAsked};
