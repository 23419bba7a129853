//! [`Outcome`]: one test and how it ended, whoever ran it.

use std::fmt;

/// One test, under the name that `docs/acceptance.md` calls it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Path and name: `crates/core/tests/leases.rs::a_lease_ends_at_its_deadline`.
    pub(crate) test: String,
    pub(crate) end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Passed,
    Failed,
    /// Compiled and left out: it shows nothing.
    Ignored,
    /// Only listed: `cargo xtask acceptance` runs no tests.
    Listed,
}

impl Outcome {
    pub(crate) fn new(path: &str, name: &str, end: End) -> Self {
        Self { test: format!("{path}::{name}"), end }
    }
}

/// How many passed and failed, in the form in which scripts read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
}

impl Tally {
    pub(crate) fn of(outcomes: &[Outcome]) -> Self {
        let count = |end| outcomes.iter().filter(|outcome| outcome.end == end).count();
        Self { passed: count(End::Passed), failed: count(End::Failed) }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}
