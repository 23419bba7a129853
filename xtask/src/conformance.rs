//! Conformance suites, run against the binary built here: real clients, by `conformance/run.py`, the
//! REST interface against its own description, by `conformance/openapi/run.py`, and the page in a real
//! browser, by `conformance/web/run.js`.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::outcome::{End, Outcome, Tally};
use crate::process;
use crate::project::Project;
use crate::registries;
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
    /// Motan programs: servers and clients, with what links and the SDK speak to them
    Motan,
    /// schemathesis: whatever the description of the REST interface allows, and much that it does not
    Openapi,
    /// Chromium: the page, as a person sees it
    Web,
}

impl Suite {
    /// Those of every test run, the longest first. `sweep` adds what is left.
    pub(crate) const ALL: [Self; 6] =
        [Self::Web, Self::Python, Self::Node, Self::Java, Self::Motan, Self::Openapi];

    fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
            Self::Java => "java",
            Self::JavaPrevious => "java-previous",
            Self::Motan => "motan",
            Self::Openapi => "openapi",
            Self::Web => "web",
        }
    }

    /// Also the path by which the acceptance table calls its cases.
    fn folder(self) -> String {
        format!("conformance/{}", self.name())
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
        side_by_side(project, suites, &mut report);
    }
    report.close()
}

/// Runs the client that no test run has time for.
pub(crate) fn sweep(project: &Project, report: &mut Report) {
    report.step("tools of real clients", || {
        tools::for_conformance(project)?;
        tools::java_previous(project)
    });
    side_by_side(project, &[Suite::JavaPrevious], report);
}

/// What was built here for them.
struct Built {
    lubdub: PathBuf,
    motan_peer: PathBuf,
}

/// How many suites run at the same time: they mostly wait for leases to end.
const AT_ONCE: usize = 2;

/// Builds what they need, and runs suites as one step, a few at a time.
pub(crate) fn side_by_side(project: &Project, suites: &[Suite], report: &mut Report) {
    report.step_with_tests("real clients", |outcomes| {
        let built = Built {
            lubdub: rust_tests::build_lubdub(project)?,
            motan_peer: rust_tests::build_example(project, "motan_peer")?,
        };
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some(suite) = suites.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push((*suite, cases(project, *suite, &built)));
            }
            done
        };
        let ended: Vec<_> = thread::scope(|scope| {
            let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
        });
        let mut faults = Vec::new();
        if ended.len() < suites.len() {
            faults.push("a suite was left out: what runs them panicked".to_owned());
        }
        for (suite, ended) in ended {
            match ended {
                Ok(cases) => outcomes.extend(cases),
                Err(fault) => faults.push(format!("{}: {fault:#}", suite.name())),
            }
        }
        if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("; ")) }
    });
}

/// Runs the cases of one suite and tells how each ended.
///
/// # Errors
///
/// The suite ends otherwise than by reporting its cases.
fn cases(project: &Project, suite: Suite, built: &Built) -> Result<Vec<Outcome>> {
    let mut command = suite.runner(project);
    tell_where_things_are(&mut command, project, built);
    let mut outcomes = Vec::new();
    let mut reported = None;
    let status = process::run_labelled(&format!("{} | ", suite.name()), command, |line| {
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

fn tell_where_things_are(command: &mut Command, project: &Project, built: &Built) {
    command
        .env("LUBDUB_BIN", &built.lubdub)
        .env("LUBDUB_MOTAN_PEER", &built.motan_peer)
        .env("LUBDUB_PYTHON", tools::python(project))
        .env("LUBDUB_SCHEMATHESIS", tools::schemathesis(project))
        .env("LUBDUB_JAVA", tools::java_programs(project))
        .env("LUBDUB_MOTAN", tools::motan_program(project))
        .env("LUBDUB_ZOOKEEPER", registries::zookeeper_jars(project))
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
