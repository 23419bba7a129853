//! `cargo xtask fuzz`: arbitrary bytes for everything that reads what comes from outside.
//!
//! The engine is libFuzzer, built from source by its crate with the C++ compiler that is at hand
//! anyway. Its guide is LLVM's coverage instrumentation, which rustc passes on also where it is
//! stable; so neither a nightly toolchain nor a further program is needed. Without a sanitizer:
//! nothing that is fuzzed has unsafe code of ours, and a wrong index or number panics by itself.
//!
//! What is learnt of a target stays in `target/fuzz/corpus/`, so that the next run begins there.
//! An input that is too much is kept in `target/fuzz/found/`; once mended it goes into
//! `crates/fuzz/found/` as a test.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::process;
use crate::project::Project;

/// What makes rustc note the branches that an input takes, and what it is compared with.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Each target in its folder below `found/`, and in the table of `crates/fuzz`.
const TABLE: &str = "crates/fuzz/src/targets.rs";

/// Fuzzes `only` these targets, or all, each for so long; two at a time.
///
/// # Errors
///
/// The engine does not build, or an input was found that a target does not withstand.
pub(crate) fn run(project: &Project, seconds: u64, only: &[String]) -> Result<()> {
    let engine = build(project)?;
    let mut names = targets(project)?;
    if let Some(unknown) = only.iter().find(|name| !names.contains(name)) {
        bail!("there is no target {unknown}; there are {}", names.join(", "));
    }
    names.retain(|name| only.is_empty() || only.contains(name));
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.subsec_micros() + 1);
    println!("each target for {seconds} s, seed {seed}");
    let mut faults = Vec::new();
    for pair in names.chunks(2) {
        let running: Vec<_> = pair
            .iter()
            .map(|name| {
                let mut command = engine_on(project, &engine, name, seconds, seed)?;
                let log = project.target(&format!("fuzz/{name}.log"));
                command.stderr(fs::File::create(&log)?);
                Ok((name, log, command.spawn().context("the engine does not start")?))
            })
            .collect::<Result<_>>()?;
        for (name, log, mut child) in running {
            let ended = child.wait()?;
            let told = fs::read_to_string(&log).unwrap_or_default();
            if ended.success() {
                println!("{name}: {}", summary(&told));
            } else {
                println!("{name}: {ended}\n{told}");
                faults.push(name.as_str());
            }
        }
    }
    if !faults.is_empty() {
        bail!("{} did not withstand an input; it is in {}", faults.join(", "), found(project).display());
    }
    Ok(())
}

fn build(project: &Project) -> Result<PathBuf> {
    let host = process::output({
        let mut rustc = project.program("rustc");
        rustc.arg("-vV");
        rustc
    })?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names its host")?;
    // With `--target` build scripts and macros are left without coverage, which they would not link.
    let mut cargo = project.cargo(&["build", "-p", "lubdub-fuzz", "--features", "engine", "--bin"]);
    cargo.args(["lubdub-fuzz", "--profile", "fuzz", "--target", host]);
    cargo.env("RUSTFLAGS", COVERAGE).env("CARGO_TARGET_DIR", project.target("fuzz"));
    process::run(cargo)?;
    Ok(project.target("fuzz").join(host).join("fuzz/lubdub-fuzz"))
}

/// The names in the table of targets.
fn targets(project: &Project) -> Result<Vec<String>> {
    let table = fs::read_to_string(project.path(TABLE)).context(TABLE)?;
    let names = table.split("Target { name: \"").skip(1).filter_map(|rest| rest.split('"').next());
    Ok(names.map(str::to_owned).collect())
}

fn found(project: &Project) -> PathBuf {
    project.target("fuzz/found")
}

fn engine_on(project: &Project, engine: &PathBuf, name: &str, seconds: u64, seed: u32) -> Result<Command> {
    let (corpus, seeds) =
        (project.target(&format!("fuzz/corpus/{name}")), project.target(&format!("fuzz/seeds/{name}")));
    let found = found(project).join(name);
    for folder in [&corpus, &seeds, &found] {
        fs::create_dir_all(folder)?;
    }
    let mut command = project.program(engine);
    command.env("LUBDUB_FUZZ_TARGET", name).env("LUBDUB_FUZZ_SEEDS", &seeds);
    command.arg(format!("-max_total_time={seconds}")).arg(format!("-seed={seed}"));
    // An input that takes 10 s, or a gigabyte, is one that is too much.
    command.args(["-timeout=10", "-rss_limit_mb=1024", "-max_len=4096", "-print_final_stats=1"]);
    command.arg(format!("-artifact_prefix={}/", found.display()));
    command.arg(corpus).arg(seeds);
    // Inputs that were found before come first.
    let known = project.path(&format!("crates/fuzz/found/{name}"));
    if known.is_dir() {
        command.arg(known);
    }
    Ok(command)
}

/// What the engine says at its end: how much was tried, and how much of the code was seen.
fn summary(told: &str) -> String {
    let number = |name: &str| {
        let line = told.lines().rev().find(|line| line.contains(name))?;
        line.split(name).nth(1)?.split_whitespace().next().map(str::to_owned)
    };
    let [tried, edges, kept] =
        ["number_of_executed_units:", " cov: ", " corp: "].map(|name| number(name).unwrap_or_default());
    format!("{tried} inputs, {edges} edges seen, {kept} kept")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_says_at_its_end_is_read() {
        let told = "#2 INITED cov: 10 ft: 11 corp: 1/2b exec/s: 0\n#9 DONE   cov: 12 ft: 40 corp: 3/90b lim: 4\n\
                    stat::number_of_executed_units: 9\n";
        assert_eq!(summary(told), "9 inputs, 12 edges seen, 3/90b kept");
    }

    #[test]
    fn the_table_of_targets_is_found() {
        let names = targets(&Project::here()).unwrap();
        assert!(names.len() >= 10 && names.iter().any(|name| name == "eureka_json"), "{names:?}");
    }
}
