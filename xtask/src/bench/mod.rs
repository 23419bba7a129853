//! `cargo xtask bench`: runs what measures, and writes `BENCHMARKS.md` and its pictures. It judges
//! nothing: figures are read by people.

mod long;
mod machine;
mod measured;
mod micro;
mod page;
mod picture;
mod programs;
mod rounds;
mod running;
mod spread;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::project::Project;

/// Registries that others made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Peer {
    Spring,
    Rnacos,
    Etcd,
    Zookeeper,
}

impl Peer {
    /// On the command line.
    const fn name(self) -> &'static str {
        match self {
            Self::Spring => "spring",
            Self::Rnacos => "rnacos",
            Self::Etcd => "etcd",
            Self::Zookeeper => "zookeeper",
        }
    }
}

/// What to measure, and how long.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[expect(clippy::doc_markdown, reason = "people read it as it is")]
pub(crate) struct Options {
    /// Runs `benches/stores` too: commit, load and start times of the stores that were compared.
    #[arg(long)]
    stores: bool,
    /// Records that each store is filled with.
    #[arg(long, default_value_t = 10_000, requires = "stores")]
    records: u32,
    /// Leaves out the benches of single crates.
    #[arg(long)]
    no_micro: bool,
    /// Leaves out the rounds of whole servers, and leaves BENCHMARKS.md as it is.
    #[arg(long, conflicts_with = "peers")]
    no_rounds: bool,
    /// Measures registries that others made too, all where none is named: Spring Cloud's Eureka
    /// server and ZooKeeper need a JDK and Maven, etcd comes from Debian's package; r-nacos is built from
    /// its published sources, which takes ten minutes the first time.
    #[arg(long, value_enum, num_args = 0.., default_missing_values = ["spring", "rnacos", "etcd", "zookeeper"])]
    peers: Vec<Peer>,
    /// Leaves out long connections: sessions, watches and deaths.
    #[arg(long)]
    no_long: bool,
    /// Cargo's profile for lubdub and what it is compared with; `dist` is what is shipped.
    #[arg(long, default_value = "dist")]
    profile: String,
    /// Measures the programs that were built last, as they are.
    #[arg(long)]
    no_build: bool,
    /// Rounds; in each, every server is measured once.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// How long one measurement takes.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    seconds: u16,
    /// Requests per second where latencies are measured; every server must be able to answer it.
    #[arg(long, default_value_t = 2_000)]
    rate: u32,
}

/// Measures.
pub(crate) fn run(project: &Project, options: &Options) -> Result<ExitCode> {
    if !options.no_micro {
        micro::benches(project)?;
    }
    if options.stores {
        micro::stores(project, options.records)?;
    }
    if !options.no_rounds {
        if !options.no_build {
            programs::build(project, &options.profile)?;
        }
        let programs = programs::Programs::built(project, &options.profile, &options.peers)?;
        let mut measured = rounds::run(project, &programs, options)?;
        if !options.no_long {
            measured.long = Some(long::run(project, &programs, options, &mut measured.others)?);
        }
        page::write(project, &measured)?;
    }
    Ok(ExitCode::SUCCESS)
}
