//! `cargo xtask sweep`: the same properties as in `test`, searched for longer.

use std::process::ExitCode;

use crate::conformance;
use crate::faults;
use crate::fuzz;
use crate::project::Project;
use crate::races;
use crate::report::Report;
use crate::rust_tests::{self, Scope};
use crate::simulation;
use crate::tools;

/// How long each fuzz target is fed.
const FUZZ_SECONDS: u64 = 180;

/// Runs all tests with `cases` cases for each property and faults of a size of their own (the largest
/// load with so many `instances`), then every interleaving of the lease cell, the detectors of races, then the fuzzer, then the client
/// that is left out of `test`.
pub(crate) fn run(project: &Project, cases: u32, instances: usize) -> ExitCode {
    let mut report = Report::default();
    report.step("tools", || tools::for_rust(project));
    report.step_with_tests("properties", |outcomes| {
        // Shrinking a failure of a long run takes more steps than the default allows.
        let mut extra =
            vec![("PROPTEST_CASES", cases.to_string()), ("PROPTEST_MAX_SHRINK_ITERS", "100000".to_owned())];
        extra.extend(faults::sizes(instances));
        outcomes.extend(rust_tests::run(project, Scope::Workspace, &extra)?);
        faults::show_figures(project);
        Ok(())
    });
    report.step_with_tests("interleavings", |outcomes| {
        outcomes.extend(rust_tests::run(project, Scope::Loom, &[])?);
        Ok(())
    });
    report.step("races", || races::run(project));
    report.step("fuzzing", || fuzz::run(project, FUZZ_SECONDS, &[]));
    report.step("simulation", || simulation::sweep(project));
    conformance::sweep(project, &mut report);
    report.close()
}
