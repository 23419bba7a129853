//! `cargo xtask`: the one list of commands that keep this project in order.
//!
//! `cargo xtask test` runs everything; the rest are its parts, and what takes longer.

mod acceptance;
mod bench;
mod conformance;
mod faults;
mod fuzz;
mod outcome;
mod process;
mod project;
mod races;
mod registries;
mod report;
mod rust_tests;
mod simulation;
mod sweep;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::conformance::Suite;
use crate::project::Project;

/// The commands of this project's upkeep.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything that must hold: formatting, lints, docs, all tests, real clients, the acceptance table.
    ///
    /// Installs what it lacks where it may (into `target/`; with apt-get only as root), else says
    /// what is missing and stops. Ends with `N passed, M failed` over all tests.
    Test {
        /// Leaves out what takes long: the exploration of interleavings and the real clients.
        #[arg(long)]
        quick: bool,
    },
    /// Checks the files themselves: heads, lengths, machine paths, the files of each face.
    Tidy,
    /// Runs real clients that nobody here wrote against the real binary.
    Conformance {
        /// Only these suites; all when none is named.
        suites: Vec<Suite>,
    },
    /// Fetches the registries on which the SDK is tried, into `target/registries/`; `cargo test` needs them.
    Registries,
    /// Checks that each test that `docs/acceptance.md` names exists, without running any.
    Acceptance,
    /// Feeds arbitrary bytes, guided by coverage, to everything that reads what comes from outside.
    Fuzz {
        /// Only these targets; all of `crates/fuzz` when none is named.
        targets: Vec<String>,
        /// How long for each target.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Runs what several threads share under a detector of races and an interpreter; needs a nightly toolchain.
    Races,
    /// Searches longer than `test` does: each property with many more cases, all interleavings.
    ///
    /// Property tests run again with `PROPTEST_CASES` set, from new seeds; a failing case is kept
    /// beside its test and is tried first from then on. Properties that set their own number of
    /// cases keep it.
    Sweep {
        /// Cases for each property.
        #[arg(long, default_value_t = 10_000)]
        cases: u32,
        /// Instances under which a registry is overrun with beats, deaths and reads at once.
        #[arg(long, default_value_t = 100_000)]
        instances: usize,
    },
    /// Measures: every bench of the workspace, then rounds of whole servers side by side, which write
    /// BENCHMARKS.md.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let project = Project::here();
    let done = match arguments.command {
        Command::Test { quick } => Ok(test::run(&project, quick)),
        Command::Tidy => tidy::run(&project),
        Command::Conformance { suites } => Ok(conformance::run(&project, &suites)),
        Command::Registries => registries::all(&project).map(|()| ExitCode::SUCCESS),
        Command::Acceptance => acceptance::run(&project),
        Command::Fuzz { targets, seconds } => {
            fuzz::run(&project, seconds, &targets).map(|()| ExitCode::SUCCESS)
        }
        Command::Races => races::run(&project).map(|()| ExitCode::SUCCESS),
        Command::Sweep { cases, instances } => Ok(sweep::run(&project, cases, instances)),
        Command::Bench(options) => bench::run(&project, &options),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
