//! The workspace's own tests: which there are, and how they ended, read from what cargo writes.
//!
//! Cargo names a test program by its file in `target/`; which crate and source file that is comes
//! from its machine-readable messages ([`Programs`]), how each test ended from what it shows people.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::outcome::{End, Outcome, Tally};
use crate::process;
use crate::project::Project;

/// What one call of cargo is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Every crate, with its doc tests.
    Workspace,
    /// The lease cell in every interleaving: other atomics, so another target folder.
    Loom,
}

impl Scope {
    fn cargo(self, project: &Project, more: &[&str]) -> Command {
        let mut command = match self {
            Self::Workspace => project.cargo(&["test", "--workspace", "--no-fail-fast"]),
            Self::Loom => {
                let mut command =
                    project.cargo(&["test", "-p", "lubdub-core", "--test", "loom_cell", "--no-fail-fast"]);
                command.env("RUSTFLAGS", "--cfg loom").env("CARGO_TARGET_DIR", project.target("loom"));
                command
            }
        };
        command.args(more);
        command
    }
}

/// Builds and runs the tests, showing all that is written.
///
/// # Errors
///
/// They do not build, or a test program ends otherwise than by reporting its tests.
pub(crate) fn run(project: &Project, scope: Scope, extra: &[(&str, String)]) -> Result<Vec<Outcome>> {
    let programs = Programs::build(project, scope)?;
    let mut command = scope.cargo(project, &[]);
    command.envs(extra.iter().map(|(name, value)| (name, value)));
    let mut reader = Reader::new(&programs);
    let status = process::run_reading(command, |line| reader.line(line))?;
    let Reader { outcomes, reported, .. } = reader;
    let tally = Tally::of(&outcomes);
    if tally != reported {
        bail!(
            "{tally} were read where the test programs report {reported}: one wrote into the middle of a line"
        )
    }
    if !status.success() && tally.failed == 0 {
        bail!("cargo test ended with {status} though no test failed: a test program crashed");
    }
    if outcomes.is_empty() {
        bail!("no test ran");
    }
    Ok(outcomes)
}

/// Builds the tests and lists them.
///
/// # Errors
///
/// They do not build.
pub(crate) fn list(project: &Project, scope: Scope) -> Result<Vec<Outcome>> {
    let programs = Programs::build(project, scope)?;
    let mut outcomes = Vec::new();
    for (program, source) in &programs.tests {
        let mut command = project.program(program);
        command.args(["--list", "--format", "terse"]);
        let listed = process::output(command)?;
        let names = listed.lines().filter_map(|line| line.strip_suffix(": test"));
        outcomes.extend(names.map(|name| Outcome::new(source, name, End::Listed)));
    }
    Ok(outcomes)
}

/// Builds the program itself and tells where it is: the one that the workspace's tests run, so that
/// nothing is built twice.
///
/// # Errors
///
/// It does not build.
pub(crate) fn build_lubdub(project: &Project) -> Result<PathBuf> {
    built(project, "lubdub", "bin")
}

/// Builds an example as the tests do, and says where it is.
///
/// # Errors
///
/// It does not build, or there is none of this name.
pub(crate) fn build_example(project: &Project, name: &str) -> Result<PathBuf> {
    built(project, name, "example")
}

fn built(project: &Project, name: &str, kind: &str) -> Result<PathBuf> {
    let command = Scope::Workspace.cargo(project, &["--no-run", "--message-format=json-render-diagnostics"]);
    let messages = process::output(command)?;
    let built = messages
        .lines()
        .filter_map(artifact)
        .find(|built| built.target.name == name && built.target.kind == [kind] && !built.profile.test);
    built.and_then(|built| built.executable).with_context(|| format!("cargo built no {kind} {name}"))
}

/// The test programs, each with the source file of its root module.
#[derive(Debug, Default)]
struct Programs {
    tests: Vec<(PathBuf, String)>,
}

impl Programs {
    fn build(project: &Project, scope: Scope) -> Result<Self> {
        let messages =
            process::output(scope.cargo(project, &["--no-run", "--message-format=json-render-diagnostics"]))?;
        let tests = messages.lines().filter_map(artifact).filter(|artifact| artifact.profile.test);
        let tests = tests.filter_map(|artifact| {
            Some((artifact.executable?, project.relative(Path::new(&artifact.target.src_path))))
        });
        Ok(Self { tests: tests.collect() })
    }

    /// By the last part of the program's path, which holds a hash and is unique.
    fn sources(&self) -> HashMap<String, String> {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        self.tests.iter().filter_map(|(path, source)| Some((name(path)?, source.clone()))).collect()
    }
}

/// The parts of cargo's `compiler-artifact` message that matter here.
#[derive(Deserialize)]
struct Artifact {
    target: Target,
    profile: Profile,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    src_path: String,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

fn artifact(line: &str) -> Option<Artifact> {
    serde_json::from_str(line).ok()
}

/// Follows the output of `cargo test`.
struct Reader {
    sources: HashMap<String, String>,
    source: String,
    outcomes: Vec<Outcome>,
    /// By the `test result` lines.
    reported: Tally,
}

impl Reader {
    fn new(programs: &Programs) -> Self {
        let reported = Tally { passed: 0, failed: 0 };
        Self { sources: programs.sources(), source: String::new(), outcomes: Vec::new(), reported }
    }

    fn line(&mut self, line: &str) {
        if let Some(running) = line.trim_start().strip_prefix("Running ") {
            self.source = self.source_of(running);
        } else if let Some(library) = line.trim_start().strip_prefix("Doc-tests ") {
            self.source = format!("doc tests of {library}");
        } else if let Some(result) = line.strip_prefix("test result: ") {
            self.reported.passed += number_before(result, " passed");
            self.reported.failed += number_before(result, " failed");
        } else if let Some((name, end)) = test_line(line) {
            self.outcomes.push(Outcome::new(&self.source, name, end));
        }
    }

    /// `running` is like `unittests src/lib.rs (target/debug/deps/lubdub_core-0f3a)`.
    fn source_of(&self, running: &str) -> String {
        let program = running.rsplit_once('(').map_or(running, |(_, program)| program.trim_end_matches(')'));
        let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
        self.sources.get(name).cloned().unwrap_or_else(|| running.to_owned())
    }
}

/// The name and the end in a line like `test a::b - should panic ... ok`.
fn test_line(line: &str) -> Option<(&str, End)> {
    let (name, end) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
    let end = match end.split([',', ' ']).next()? {
        "ok" => End::Passed,
        "FAILED" => End::Failed,
        "ignored" => End::Ignored,
        _ => return None,
    };
    Some((name.strip_suffix(" - should panic").unwrap_or(name), end))
}

fn number_before(text: &str, word: &str) -> usize {
    let before = text.split(word).next().unwrap_or_default();
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(output: &str) -> (Vec<Outcome>, Tally) {
        let tests = vec![("/t/debug/deps/leases-1a".into(), "crates/core/tests/leases.rs".to_owned())];
        let mut reader = Reader::new(&Programs { tests });
        output.lines().for_each(|line| reader.line(line));
        (reader.outcomes, reader.reported)
    }

    #[test]
    fn each_test_is_named_by_its_source_file_and_its_name() {
        let (outcomes, tally) = read(
            "     Running tests/leases.rs (target/debug/deps/leases-1a)\n\nrunning 4 tests\n\
             test ends ... ok\ntest tells ... FAILED\ntest later ... ignored, slow\n\
             test deep::stops - should panic ... ok\n\n\
             test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out\n",
        );
        let path = "crates/core/tests/leases.rs";
        assert_eq!(
            outcomes,
            [
                Outcome::new(path, "ends", End::Passed),
                Outcome::new(path, "tells", End::Failed),
                Outcome::new(path, "later", End::Ignored),
                Outcome::new(path, "deep::stops", End::Passed),
            ]
        );
        assert_eq!(tally, Tally { passed: 2, failed: 1 });
    }

    #[test]
    fn doc_tests_are_counted_under_their_library() {
        let (outcomes, _) = read("   Doc-tests lubdub_core\ntest crates/core/src/lib.rs - (line 5) ... ok\n");
        assert_eq!(outcomes[0].test, "doc tests of lubdub_core::crates/core/src/lib.rs - (line 5)");
    }

    #[test]
    fn what_only_looks_like_a_test_is_not_one() {
        for line in ["test result: ok. 5 passed; 0 failed", "test a ... bench", "testing ... ok", "test ok"] {
            assert_eq!(test_line(line), None, "{line}");
        }
    }
}
