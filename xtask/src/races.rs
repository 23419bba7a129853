//! `cargo xtask races`: the code that several threads share, under a detector of data races and
//! under an interpreter that knows undefined behaviour.
//!
//! Nothing of ours has unsafe code beyond the allocator that tests and benches count with (and one call in
//! `benches/stores`, which is not run here), so what could be found elsewhere is a fault of a library, or of how
//! atomics are used. Both need a nightly toolchain with
//! the components `rust-src` and `miri`; where there is none, this is a failure that says so.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::project::Project;

/// Tests with threads of their own, as `cargo test` selects them: of the lease table, the handle
/// through which beats come, the prober, and the histogram.
const THREADED: [&[&str]; 2] = [
    &["-p", "lubdub-core", "--test", "parallel"],
    &["-p", "lubdub-runtime", "--lib", "--test", "handle", "--test", "prober"],
];

/// What Miri interprets.
const INTERPRETED: [&[&str]; 2] = [
    &[
        "-p",
        "lubdub-core",
        "--lib",
        "--test",
        "parallel",
        "--",
        "lease::",
        "wheel::tests",
        "whoever_was_told",
    ],
    &["-p", "lubdub-testkit", "--test", "counting"],
];

/// Runs both.
///
/// # Errors
///
/// The toolchain is not at hand, or a test fails under one of them.
pub(crate) fn run(project: &Project) -> Result<()> {
    let host = toolchain(project)?;
    println!("ThreadSanitizer: tests with threads");
    for tests in THREADED {
        let mut cargo = nightly(project, &["cargo", "test", "-Zbuild-std", "--target", &host]);
        cargo.args(tests);
        cargo.env("RUSTFLAGS", "-Zsanitizer=thread").env("CARGO_TARGET_DIR", project.target("races"));
        process::run(cargo)?;
    }
    println!("Miri: the lease cell, its table, beats in parallel, and the allocator that counts");
    for tests in INTERPRETED {
        let mut cargo = nightly(project, &["cargo", "miri", "test"]);
        cargo.args(tests);
        // Files and the clock of the machine: proptest looks for earlier failures.
        cargo.env("MIRIFLAGS", "-Zmiri-disable-isolation").env("CARGO_TARGET_DIR", project.target("races"));
        process::run(cargo)?;
    }
    Ok(())
}

fn nightly(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.program("rustup");
    command.args(["run", "nightly"]).args(arguments);
    // Set by the cargo that runs us, for its own toolchain.
    for name in ["RUSTUP_TOOLCHAIN", "CARGO", "RUSTC", "RUSTDOC"] {
        command.env_remove(name);
    }
    command
}

/// The host of the nightly toolchain.
fn toolchain(project: &Project) -> Result<String> {
    let told = process::answer(nightly(project, &["rustc", "-vV"])).unwrap_or_default();
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    let mut list = project.program("rustup");
    list.args(["component", "list", "--toolchain", "nightly", "--installed"]);
    let components = process::answer(list).unwrap_or_default();
    let has = |name: &str| components.lines().any(|component| component.starts_with(name));
    match host {
        Some(host) if has("rust-src") && has("miri") => Ok(host.to_owned()),
        _ => bail!(
            "a nightly toolchain with rust-src and miri is needed: \
             `rustup toolchain install nightly --component rust-src,miri`"
        ),
    }
}
