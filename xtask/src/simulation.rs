//! The simulation, searched for longer than its tests do: many seeds, and simulated days.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::process;
use crate::project::Project;

/// How long a sweep goes on with new seeds.
const LIMIT: Duration = Duration::from_mins(10);
/// How many seeds one call lives.
const SEEDS_AT_ONCE: u64 = 100;
/// Where the seeds begin: behind those of the tests.
const FIRST_SEED: u64 = 1_000;

/// Two days of two scenarios; then some of all faults, without sessions and with them, from thousands of seeds, until the time is
/// up.
///
/// # Errors
///
/// An invariant does not hold. Its seed has been printed, and how to live it again.
pub(crate) fn sweep(project: &Project) -> Result<()> {
    let lubdub = build(project)?;
    println!("the simulation takes about {} minutes", LIMIT.as_secs() / 60);
    for scenario in ["anything", "loss-5"] {
        live(project, &lubdub, &[scenario, "--providers", "100", "--days", "2"])?;
    }
    let began = Instant::now();
    let mut seed = FIRST_SEED;
    while began.elapsed() < LIMIT {
        let (from, seeds) = (seed.to_string(), SEEDS_AT_ONCE.to_string());
        for (scenario, providers) in [("anything", "100"), ("sessions-anything", "160")] {
            let wish = [scenario, "--seed", &from, "--seeds", &seeds, "--providers", providers];
            live(project, &lubdub, &wish)?;
        }
        seed += SEEDS_AT_ONCE;
    }
    println!("{} seeds held", seed - FIRST_SEED);
    Ok(())
}

fn live(project: &Project, lubdub: &Path, arguments: &[&str]) -> Result<()> {
    let mut command = project.program(lubdub);
    command.args(["sim", "run"]).args(arguments);
    process::run(command)
}

/// The program, fast: a sweep in a debug build would see a tenth of the seeds.
fn build(project: &Project) -> Result<PathBuf> {
    process::run(project.cargo(&["build", "--release", "-p", "lubdub"]))?;
    let name = format!("lubdub{}", std::env::consts::EXE_SUFFIX);
    let program = project.target("release").join(name);
    program.exists().then_some(program).context("cargo built no release of lubdub")
}
