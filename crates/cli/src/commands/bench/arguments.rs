//! [`Bench`]: its arguments become a plan of `lubdub-load`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use lubdub_load::{Plan, Reading, Work};

use super::kill::KillLoad;
use super::long::{SessionLoad, WatchLoad};
use super::measure;
use crate::commands::span::span;
use crate::commands::target::USUAL;
use crate::failure::Failure;

#[derive(Debug, Args)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    about = "Measure a registry, of whatever kind",
    long_about = "\
Measure a registry, of whatever kind

`register`, `renew`, `read` and `mixed` speak Eureka's protocol, `session` and `watch` those of
registries on long connections: lubdub's own, etcd's, ZooKeeper's and Nacos'. `kill` speaks through
the SDK, with whatever registry that knows.

The instances have names that no other run uses. They are registered before, and deregistered
after; neither is measured. With --rate each request has its time, and its latency counts from
then, also when the server made it wait (open loop); without, each connection sends its next
request when the last was answered, so a slow server is asked less (closed loop).

The exit code is 3 when the generator itself was late, which voids the figures, and 1 when
requests failed.",
    after_help = "\
Examples:
  lubdub bench renew                                   as fast as it goes, for 10 s
  lubdub bench renew --rate 20000 --duration 30s       latencies at a given load
  lubdub bench read --what delta --instances 1000
  lubdub bench mixed --instances 30000 --interval 30s  as so many clients would
  lubdub bench renew --pid \"$(pidof java)\" --json      with the server's processor time
  lubdub bench session --sessions 10000                beats on long connections
  lubdub bench watch --watches 10000                   how soon all are told of a change
  lubdub bench kill                                    how soon a death is heard of"
)]
pub(in crate::commands) struct Bench {
    #[command(subcommand)]
    work: Chosen,
}

#[derive(Debug, Subcommand)]
enum Chosen {
    /// Each instance registers once; ends when all have
    #[command(after_help = "\
Examples:
  lubdub bench register --instances 100000 --connections 16")]
    Register(Load),

    /// The instances renew, one after the other, round and round
    #[command(after_help = "\
Examples:
  lubdub bench renew --instances 10000 --rate 5000")]
    Renew(Load),

    /// One document is read again and again, gzipped
    #[command(after_help = "\
Examples:
  lubdub bench read --what app --instances 10000")]
    Read {
        /// What to read: everything, what changed lately, or one application after the other
        #[arg(long, value_enum, default_value = "apps")]
        what: What,

        #[command(flatten)]
        load: Load,
    },

    /// As clients do: each instance renews once in an interval, and readers poll the delta
    #[command(after_help = "\
The rate is what the instances and readers make together: (instances + readers) / interval.

Examples:
  lubdub bench mixed --instances 30000 --interval 30s --readers 300")]
    Mixed {
        /// Between two renewals of an instance, and between two readings of a reader
        #[arg(long, value_name = "SPAN", default_value = "30s", value_parser = span)]
        interval: Duration,

        /// How many poll the delta
        #[arg(long, value_name = "NUMBER", default_value_t = 10)]
        readers: u64,

        #[command(flatten)]
        size: Size,
    },

    /// Providers beat on long connections
    Session(SessionLoad),

    /// Consumers on long connections are told of changes
    Watch(WatchLoad),

    /// Providers die, and a consumer hears of it
    Kill(KillLoad),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    Apps,
    Delta,
    App,
}

#[derive(Debug, Args)]
struct Load {
    /// Requests per second; 0: as fast as it goes, each connection for itself
    #[arg(long, value_name = "NUMBER", default_value_t = 0.0)]
    rate: f64,

    #[command(flatten)]
    size: Size,
}

#[derive(Debug, Args)]
struct Size {
    /// The server to measure; a path comes before Eureka's own, which begin with /eureka
    #[arg(long, value_name = "URL", env = "LUBDUB_SERVER", default_value = USUAL)]
    server: String,

    /// How many instances to register
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000)]
    instances: u64,

    /// How many connections to keep open
    #[arg(long, value_name = "NUMBER", default_value_t = 64)]
    connections: usize,

    /// How long to measure
    #[arg(long, value_name = "SPAN", default_value = "10s", value_parser = span)]
    duration: Duration,

    /// The server's process on this machine, to tell its processor time and memory too
    #[arg(long, value_name = "ID")]
    pid: Option<i32>,

    /// One JSON object instead of words
    #[arg(long)]
    json: bool,
}

impl Bench {
    pub(in crate::commands) fn run(&self) -> Result<(), Failure> {
        let (work, rate, size) = match &self.work {
            Chosen::Register(load) => (Work::Register, load.rate, &load.size),
            Chosen::Renew(load) => (Work::Renew, load.rate, &load.size),
            Chosen::Read { what, load } => (Work::Read((*what).into()), load.rate, &load.size),
            Chosen::Mixed { interval, readers, size } => {
                (Work::Mixed { interval: *interval, readers: *readers }, 0.0, size)
            }
            Chosen::Session(sessions) => return sessions.run(),
            Chosen::Watch(watches) => return watches.run(),
            Chosen::Kill(deaths) => return deaths.run(),
        };
        let server = if size.server.is_empty() { USUAL } else { &size.server };
        let plan = Plan {
            work,
            instances: size.instances,
            connections: size.connections,
            // Nought is how one asks for none.
            rate: (rate != 0.0).then_some(rate),
            duration: size.duration,
            pid: size.pid,
        };
        measure::run(plan, server, size.json)
    }
}

impl From<What> for Reading {
    fn from(what: What) -> Self {
        match what {
            What::Apps => Self::Apps,
            What::Delta => Self::Delta,
            What::App => Self::App,
        }
    }
}
