//! [`Report`]: runs steps one after the other, shows how long each takes, and sums up.
//!
//! A step that fails does not stop those after it, so that one run tells everything; the
//! caller may stop instead, by asking [`Report::failed`].

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::outcome::{End, Outcome, Tally};

/// What happened so far.
#[derive(Debug, Default)]
pub(crate) struct Report {
    steps: Vec<Step>,
    outcomes: Vec<Outcome>,
}

#[derive(Debug)]
struct Step {
    name: &'static str,
    took: Duration,
    /// What went wrong.
    fault: Option<String>,
}

impl Report {
    /// Runs a step.
    pub(crate) fn step(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) {
        self.step_with_tests(name, |_| step());
    }

    /// Runs a step that adds tests to those that ran; it also sees those before it.
    ///
    /// A step whose tests failed need not say so itself.
    pub(crate) fn step_with_tests(
        &mut self,
        name: &'static str,
        step: impl FnOnce(&mut Vec<Outcome>) -> Result<()>,
    ) {
        println!("\n==> {name}");
        let began = Instant::now();
        let before = Tally::of(&self.outcomes).failed;
        let done = step(&mut self.outcomes);
        let failed = Tally::of(&self.outcomes).failed - before;
        let fault = match done {
            Err(error) => Some(format!("{error:#}")),
            Ok(()) if failed > 0 => Some(format!("{failed} of its tests failed")),
            Ok(()) => None,
        };
        let took = began.elapsed();
        match &fault {
            None => println!("<== {name}: ok, {}", seconds(took)),
            Some(fault) => println!("<== {name}: FAILED after {}: {fault}", seconds(took)),
        }
        self.steps.push(Step { name, took, fault });
    }

    /// The names of the steps that failed.
    pub(crate) fn failed(&self) -> Vec<&'static str> {
        self.steps.iter().filter(|step| step.fault.is_some()).map(|step| step.name).collect()
    }

    /// Prints the summary, whose last line is `N passed, M failed`, and tells how to end.
    pub(crate) fn close(&self) -> ExitCode {
        println!("\nsteps");
        for Step { name, took, fault } in &self.steps {
            println!(
                "  {name:<24} {:<7} {:>9}",
                if fault.is_some() { "FAILED" } else { "ok" },
                seconds(*took)
            );
        }
        let all = self.steps.iter().map(|step| step.took).sum();
        println!("  {:<24} {:<7} {:>9}", "all", "", seconds(all));
        for Outcome { test, .. } in self.outcomes.iter().filter(|outcome| outcome.end == End::Failed) {
            println!("failed test: {test}");
        }
        for Step { name, fault, .. } in &self.steps {
            if let Some(fault) = fault {
                println!("failed step: {name}: {fault}");
            }
        }
        println!("{}", Tally::of(&self.outcomes));
        if self.failed().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

fn seconds(span: Duration) -> String {
    format!("{:.1} s", span.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_fails_when_one_of_its_tests_did_and_the_next_runs_all_the_same() {
        let mut report = Report::default();
        report.step_with_tests("tests", |outcomes| {
            outcomes.push(Outcome::new("a.rs", "b", End::Failed));
            Ok(())
        });
        report.step("docs", || Ok(()));
        assert_eq!(report.steps.len(), 2);
        assert_eq!(report.failed(), ["tests"]);
        assert_ne!(report.close(), ExitCode::SUCCESS);
    }

    #[test]
    fn all_is_well_when_no_step_failed() {
        let mut report = Report::default();
        report.step("docs", || Ok(()));
        assert_eq!(report.close(), ExitCode::SUCCESS);
    }
}
