//! Conformance suites, run against the binary built here: real clients, by `conformance/run.py`, the
//! REST interface against its own description, by `conformance/openapi/run.py`, and the page in a real
//! browser, by `conformance/web/run.js`.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::outcome::{End, Outcome, Tally};
use crate::process;
use crate::project::Project;
use crate::report::Report;
use crate::rust_tests;
use crate::tools;

/// A suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// `py_eureka_client`
    Python,
    /// eureka-js-client
    Node,
    /// Spring Boot programs with the Eureka starter of Spring Cloud
    Java,
    /// The same with the major before
    JavaPrevious,
    /// schemathesis: whatever the description of the REST interface allows, and much that it does not
    Openapi,
    /// Chromium: the page, as a person sees it
    Web,
}

impl Suite {
    /// Those of every test run. `sweep` adds what is left.
    pub(crate) const ALL: [Self; 5] = [Self::Python, Self::Node, Self::Java, Self::Openapi, Self::Web];

    fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
            Self::Java => "java",
            Self::JavaPrevious => "java-previous",
            Self::Openapi => "openapi",
            Self::Web => "web",
        }
    }

    /// Also the path by which the acceptance table calls its cases.
    fn folder(self) -> String {
        format!("conformance/{}", self.name())
    }

    pub(crate) fn step(self) -> &'static str {
        match self {
            Self::Python => "real client: python",
            Self::Node => "real client: node",
            Self::Java => "real client: java",
            Self::JavaPrevious => "real client: older java",
            Self::Openapi => "described interface",
            Self::Web => "page in a browser",
        }
    }

    fn runner(self, project: &Project) -> Command {
        let (program, arguments) = match self {
            Self::Openapi => ("python3", vec!["conformance/openapi/run.py"]),
            Self::Web => ("node", vec!["conformance/web/run.js"]),
            _ => ("python3", vec!["conformance/run.py", self.name()]),
        };
        let mut command = project.program(program);
        // The packages of whatever runs in Node; others do not look there.
        let packages = if self == Self::Web { "web" } else { "node" };
        command.args(arguments).env("NODE_PATH", tools::node_modules(project, packages));
        command
    }
}

/// Runs `suites`, or all of a test run.
pub(crate) fn run(project: &Project, suites: &[Suite]) -> ExitCode {
    let suites = if suites.is_empty() { &Suite::ALL[..] } else { suites };
    let mut report = Report::default();
    report.step("tools", || {
        tools::for_conformance(project)?;
        if suites.contains(&Suite::JavaPrevious) { tools::java_previous(project) } else { Ok(()) }
    });
    if report.failed().is_empty() {
        for suite in suites {
            report.step_with_tests(suite.step(), |outcomes| {
                outcomes.extend(cases(project, *suite)?);
                Ok(())
            });
        }
    }
    report.close()
}

/// Runs the client that no test run has time for.
pub(crate) fn sweep(project: &Project, report: &mut Report) {
    report.step_with_tests(Suite::JavaPrevious.step(), |outcomes| {
        tools::for_conformance(project)?;
        tools::java_previous(project)?;
        outcomes.extend(cases(project, Suite::JavaPrevious)?);
        Ok(())
    });
}

/// Builds the binary, runs the cases of one suite and tells how each ended.
///
/// # Errors
///
/// The binary does not build, or the suite ends otherwise than by reporting its cases.
pub(crate) fn cases(project: &Project, suite: Suite) -> Result<Vec<Outcome>> {
    let binary = rust_tests::build_lubdub(project)?;
    let mut command = suite.runner(project);
    tell_where_things_are(&mut command, project, &binary);
    let mut outcomes = Vec::new();
    let mut reported = None;
    let status = process::run_reading(command, |line| {
        outcomes.extend(case_line(line).map(|(name, end)| Outcome::new(&suite.folder(), name, end)));
        reported = tally_line(line).or(reported);
    })?;
    let tally = Tally::of(&outcomes);
    if reported != Some(tally) || tally.passed + tally.failed == 0 {
        bail!("the suite broke off ({status}): it ended without reporting the {tally} that were seen");
    }
    if !status.success() && tally.failed == 0 {
        bail!("the suite ended with {status} though no case failed");
    }
    Ok(outcomes)
}

/// The cases that a suite has.
///
/// # Errors
///
/// The suite does not start.
pub(crate) fn list(project: &Project, suite: Suite) -> Result<Vec<Outcome>> {
    let mut command = suite.runner(project);
    command.arg("--list");
    let listed = process::output(command)?;
    Ok(listed.lines().map(|name| Outcome::new(&suite.folder(), name, End::Listed)).collect())
}

fn tell_where_things_are(command: &mut Command, project: &Project, binary: &Path) {
    command
        .env("LUBDUB_BIN", binary)
        .env("LUBDUB_PYTHON", tools::python(project))
        .env("LUBDUB_SCHEMATHESIS", tools::schemathesis(project))
        .env("LUBDUB_JAVA", tools::java_programs(project))
        .env("LUBDUB_CHROMIUM", tools::CHROMIUM)
        // Lines appear as they are written, also when they go into a pipe.
        .env("PYTHONUNBUFFERED", "1");
}

fn case_line(line: &str) -> Option<(&str, End)> {
    if let Some(name) = line.strip_prefix("ok - ") {
        return Some((name, End::Passed));
    }
    let failed = line.strip_prefix("not ok - ")?;
    Some((failed.split(": ").next().unwrap_or(failed), End::Failed))
}

fn tally_line(line: &str) -> Option<Tally> {
    let (passed, failed) = line.strip_suffix(" failed")?.split_once(" passed, ")?;
    Some(Tally { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_and_the_tally_are_read_from_their_lines() {
        assert_eq!(case_line("ok - registers"), Some(("registers", End::Passed)));
        assert_eq!(case_line("not ok - registers: timed out: 5 s"), Some(("registers", End::Failed)));
        assert_eq!(case_line("registry: listening"), None);
        assert_eq!(tally_line("12 passed, 1 failed"), Some(Tally { passed: 12, failed: 1 }));
        assert_eq!(tally_line("passed, failed"), None);
    }
}
