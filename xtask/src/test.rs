//! `cargo xtask test`: every step, in the order in which a newcomer wants to hear of a fault.

use std::process::ExitCode;

use crate::acceptance::{self, Seen};
use crate::conformance::{self, Suite};
use crate::process;
use crate::project::Project;
use crate::registries;
use crate::report::Report;
use crate::rust_tests::{self, Scope};
use crate::tidy;
use crate::tools;

/// Runs the steps and sums up. `quick` leaves out the long ones, and says so.
pub(crate) fn run(project: &Project, quick: bool) -> ExitCode {
    let mut report = Report::default();
    report.step("tools", || {
        tools::for_rust(project)?;
        if !quick {
            tools::for_conformance(project)?;
        }
        registries::all(project)
    });
    if !report.failed().is_empty() {
        return report.close();
    }
    report.step("formatting", || process::run(project.cargo(&["fmt", "--all", "--check"])));
    report.step("tidy", || tidy::check(project));
    report.step("lints", || {
        process::run(project.cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    report.step("docs", || {
        let mut doc = project.cargo(&["doc", "--workspace", "--no-deps"]);
        doc.env("RUSTDOCFLAGS", "-D warnings");
        process::run(doc)
    });
    report.step_with_tests("tests", |outcomes| {
        outcomes.extend(rust_tests::run(project, Scope::Workspace, &[])?);
        Ok(())
    });
    if !quick {
        report.step_with_tests("interleavings", |outcomes| {
            outcomes.extend(rust_tests::run(project, Scope::Loom, &[])?);
            Ok(())
        });
        conformance::side_by_side(project, &Suite::ALL, &mut report);
    }
    report.step_with_tests("acceptance table", |outcomes| {
        acceptance::check(project, outcomes, if quick { Seen::QuickRun } else { Seen::Run })
    });
    if quick {
        println!("\nleft out by --quick: interleavings, real clients, and what the table says of them");
    }
    report.close()
}
