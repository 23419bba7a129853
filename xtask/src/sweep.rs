//! `cargo xtask sweep`: the same properties as in `test`, searched for longer.

use std::process::ExitCode;

use crate::project::Project;
use crate::report::Report;
use crate::rust_tests::{self, Scope};
use crate::tools;

/// Runs all tests with `cases` cases for each property, then every interleaving of the lease cell.
pub(crate) fn run(project: &Project, cases: u32) -> ExitCode {
    let mut report = Report::default();
    report.step("tools", || tools::for_rust(project));
    report.step_with_tests("properties", |outcomes| {
        // Shrinking a failure of a long run takes more steps than the default allows.
        let extra =
            [("PROPTEST_CASES", cases.to_string()), ("PROPTEST_MAX_SHRINK_ITERS", "100000".to_owned())];
        outcomes.extend(rust_tests::run(project, Scope::Workspace, &extra)?);
        Ok(())
    });
    report.step_with_tests("interleavings", |outcomes| {
        outcomes.extend(rust_tests::run(project, Scope::Loom, &[])?);
        Ok(())
    });
    report.close()
}
