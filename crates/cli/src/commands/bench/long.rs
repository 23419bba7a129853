//! [`SessionLoad`] and [`WatchLoad`]: what is measured on long connections.

use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use clap::Args;
use lubdub_load::{
    Error, Hooks, RegistryAt, SessionBench, SessionOutcome, SessionPlan, WatchBench, WatchOutcome, WatchPlan,
};
use serde::Serialize;

use super::interrupt::Interrupt;
use super::long_words::{SessionWords, WatchWords};
use super::progress::Live;
use crate::commands::span::span;
use crate::failure::Failure;
use crate::words::count;

/// Where lubdub listens unless it is told otherwise.
const USUAL: &str = "lubdub://127.0.0.1:8761";

#[derive(Debug, Args)]
#[command(after_help = "\
A session is whatever a registry's clients keep alive by beats: lubdub's Session stream, etcd's lease
with its keep-alive stream, ZooKeeper's session, the connection of Nacos 2. The server's memory with
all of them open is told for each (--pid); with a long --interval they are as good as idle.

Examples:
  lubdub bench session                                          one beat under way on each of 64
  lubdub bench session --sessions 10000 --interval 10s --pid 4711      what an idle one takes
  lubdub bench session --sessions 1 --instances 10000           one beat renews them all
  lubdub bench session --server etcd://127.0.0.1:2379")]
pub(super) struct SessionLoad {
    #[command(flatten)]
    place: Place,

    /// How many sessions to keep open
    #[arg(long, value_name = "NUMBER", default_value_t = 64)]
    sessions: usize,

    /// Over how many connections, where they can share one; as many as sessions unless given
    #[arg(long, value_name = "NUMBER")]
    connections: Option<usize>,

    /// How many instances each session keeps
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    instances: usize,

    /// So many beats of one session may wait for their answers
    #[arg(long, value_name = "NUMBER", default_value_t = 1, conflicts_with = "interval")]
    in_flight: usize,

    /// Each session beats once in this; as fast as answers come unless given
    #[arg(long, value_name = "SPAN", value_parser = span)]
    interval: Option<Duration>,

    /// How long to measure
    #[arg(long, value_name = "SPAN", default_value = "10s", value_parser = span)]
    duration: Duration,
}

#[derive(Debug, Args)]
#[command(after_help = "\
All watch one service, and one of its instances changes again and again. A watch is lubdub's Watch
stream, etcd's Watch stream, or a read of ZooKeeper's that sets its watch again.
The generator reads what all are told on one thread, so its own time is in every figure but the first.

Examples:
  lubdub bench watch                                   10000 on 100 connections
  lubdub bench watch --watches 1000 --connections 1000
  lubdub bench watch --server etcd://127.0.0.1:2379 --json")]
pub(super) struct WatchLoad {
    #[command(flatten)]
    place: Place,

    /// How many watches to keep open
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000)]
    watches: usize,

    /// Over how many connections, where they can share one; one for each hundred unless given
    #[arg(long, value_name = "NUMBER")]
    connections: Option<usize>,

    /// How many changes to make
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    changes: u64,

    /// Between two changes
    #[arg(long, value_name = "SPAN", default_value = "200ms", value_parser = span)]
    pause: Duration,
}

#[derive(Debug, Args)]
struct Place {
    /// The registry to measure: lubdub://, etcd://, zookeeper:// or nacos:// (the port of its gRPC)
    #[arg(long, value_name = "URL", env = "LUBDUB_SERVER", default_value = USUAL)]
    server: String,

    /// The server's process on this machine, to tell its processor time and memory too
    #[arg(long, value_name = "ID")]
    pid: Option<i32>,

    /// One JSON object instead of words
    #[arg(long)]
    json: bool,
}

impl Place {
    fn registry(&self) -> Result<RegistryAt, Failure> {
        let url = if self.server.is_empty() { USUAL } else { &self.server };
        RegistryAt::parse(url).map_err(Failure::told)
    }
}

impl SessionLoad {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let plan = SessionPlan {
            sessions: self.sessions,
            connections: self.connections.unwrap_or(self.sessions),
            instances: self.instances,
            in_flight: self.in_flight,
            interval: self.interval,
            duration: self.duration,
            pid: self.place.pid,
        };
        let bench = SessionBench::new(plan, self.place.registry()?).map_err(Failure::told)?;
        let outcome: SessionOutcome = watched(|hooks| bench.run(hooks))?;
        write(&outcome, SessionWords(&outcome), self.place.json)?;
        went_on(outcome.errors, outcome.first_error.as_deref(), "session")
    }
}

impl WatchLoad {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let plan = WatchPlan {
            watches: self.watches,
            connections: self.connections.unwrap_or_else(|| self.watches.div_ceil(100).max(1)),
            changes: self.changes,
            pause: self.pause,
            pid: self.place.pid,
        };
        let bench = WatchBench::new(plan, self.place.registry()?).map_err(Failure::told)?;
        let outcome: WatchOutcome = watched(|hooks| bench.run(hooks))?;
        write(&outcome, WatchWords(&outcome), self.place.json)?;
        went_on(outcome.errors, outcome.first_error.as_deref(), "watcher")
    }
}

/// Measures, with one line that tells how far it is; Ctrl-C ends it early.
pub(super) fn watched<T>(measure: impl FnOnce(&Hooks<'_>) -> Result<T, Error>) -> Result<T, Failure> {
    let interrupt = Interrupt::new()?;
    let live = Live::new();
    let show = |progress| live.show(progress);
    let outcome = measure(&Hooks { stop: Some(interrupt.flag()), progress: Some(&show) });
    live.clear();
    outcome.map_err(Failure::told)
}

/// Writes what came out, for machines or for eyes.
pub(super) fn write<T: Serialize>(outcome: &T, words: impl fmt::Display, json: bool) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    if json {
        let text = serde_json::to_string(outcome).map_err(Failure::bare)?;
        writeln!(out, "{text}")?;
    } else {
        writeln!(out, "{words}")?;
    }
    Ok(out.flush()?)
}

fn went_on(errors: u64, first: Option<&str>, what: &str) -> Result<(), Failure> {
    if errors == 0 {
        return Ok(());
    }
    let lost = count(usize::try_from(errors).unwrap_or(usize::MAX), what);
    Err(Failure::new(
        format_args!("{lost} could not go on ({})", first.unwrap_or("nobody knows why")),
        "the figures are of the others",
    ))
}
