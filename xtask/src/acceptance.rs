//! The acceptance table, `docs/acceptance.md`: each row's tests must exist, and have run.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::conformance::{self, Suite};
use crate::outcome::{End, Outcome};
use crate::project::Project;
use crate::rust_tests::{self, Scope};

const TABLE: &str = "docs/acceptance.md";

/// What the outcomes that the table is compared with are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// All tests, run.
    Run,
    /// Those of a quick run: of what it leaves out nothing can be said.
    QuickRun,
    /// All tests, listed.
    List,
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    id: String,
    state: String,
    tests: Vec<String>,
}

/// The states that a row may be in.
const STATES: [&str; 3] = ["done", "decision only", "open"];

/// Lists every test and compares.
pub(crate) fn run(project: &Project) -> Result<ExitCode> {
    let mut listed = Vec::new();
    for scope in [Scope::Workspace, Scope::Loom] {
        listed.extend(rust_tests::list(project, scope)?);
    }
    for suite in Suite::ALL {
        listed.extend(conformance::list(project, suite)?);
    }
    check(project, &listed, Seen::List)?;
    Ok(ExitCode::SUCCESS)
}

/// Compares the table with the tests that were seen.
///
/// # Errors
///
/// All faults of the table at once.
pub(crate) fn check(project: &Project, outcomes: &[Outcome], seen: Seen) -> Result<()> {
    let text = fs::read_to_string(project.path(TABLE)).context(TABLE)?;
    let rows = rows(&text);
    let faults = faults(&rows, outcomes, seen);
    for fault in &faults {
        println!("{TABLE}: {fault}");
    }
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        *states.entry(&row.state).or_default() += 1;
    }
    let told: Vec<_> = states.iter().map(|(state, count)| format!("{count} {state}")).collect();
    println!("{} rows: {}", rows.len(), told.join(", "));
    if !faults.is_empty() {
        bail!("{TABLE} has {} faults", faults.len());
    }
    Ok(())
}

/// The rows among the lines of the page: `| F15 | what | state | tests |`, tests in backticks.
fn rows(text: &str) -> Vec<Row> {
    let cells = |line: &str| -> Option<Row> {
        let cells: Vec<_> =
            line.strip_prefix('|')?.trim_end().strip_suffix('|')?.split('|').map(str::trim).collect();
        let [id, _what, state, tests] = cells.as_slice() else { return None };
        let tests = tests.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        is_id(id).then(|| Row { id: (*id).to_owned(), state: (*state).to_owned(), tests })
    };
    text.lines().filter_map(cells).collect()
}

/// A capital letter and two digits.
fn is_id(text: &str) -> bool {
    matches!(text.as_bytes(), [b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9'])
}

fn faults(rows: &[Row], outcomes: &[Outcome], seen: Seen) -> Vec<String> {
    let ends: HashMap<&str, End> =
        outcomes.iter().map(|outcome| (outcome.test.as_str(), outcome.end)).collect();
    let mut faults = Vec::new();
    if rows.is_empty() {
        faults.push("it has no rows of the form `| id | what | state | tests |`".to_owned());
    }
    let mut ids = HashSet::new();
    for Row { id, state, tests } in rows {
        if !ids.insert(id) {
            faults.push(format!("{id}: there are two rows with this id"));
        }
        if !STATES.contains(&state.as_str()) {
            faults.push(format!("{id}: `{state}` is no state; expected one of: {}", STATES.join(", ")));
        }
        if state != "open" && tests.is_empty() {
            faults.push(format!("{id}: it is `{state}` but names no test"));
        }
        for test in tests {
            match ends.get(test.as_str()) {
                Some(End::Passed | End::Listed) => (),
                Some(End::Failed) => faults.push(format!("{id}: {test} failed")),
                Some(End::Ignored) => faults.push(format!("{id}: {test} is ignored: it did not run")),
                None if seen == Seen::QuickRun && is_left_out(test) => (),
                None => faults.push(missing(id, test, outcomes)),
            }
        }
    }
    faults
}

/// Whether a quick run leaves it out.
fn is_left_out(test: &str) -> bool {
    test.starts_with("conformance/") || test.starts_with("crates/core/tests/loom_cell.rs::")
}

fn missing(id: &str, test: &str, outcomes: &[Outcome]) -> String {
    let nearest = outcomes
        .iter()
        .map(|outcome| (strsim::jaro_winkler(&outcome.test, test), &outcome.test))
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    match nearest {
        Some((likeness, nearest)) if likeness > 0.9 => {
            format!("{id}: no test {test}; the nearest is {nearest}")
        }
        _ => format!("{id}: no test {test}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Table\n\n| row | what | state | tests |\n| --- | --- | --- | --- |\n\
                        | F15 | monitoring | done | `a.rs::one`, `b.rs::two` |\n\
                        | X16 | deaf time | open |  |\n";

    fn faults_of(line: &str, seen: Seen) -> Vec<String> {
        let outcomes = [
            Outcome::new("a.rs", "passes", End::Passed),
            Outcome::new("a.rs", "fails", End::Failed),
            Outcome::new("a.rs", "sleeps", End::Ignored),
        ];
        faults(&rows(line), &outcomes, seen)
    }

    #[test]
    fn rows_are_those_lines_that_begin_with_an_id() {
        let row = |id: &str, state: &str, tests: &[&str]| Row {
            id: id.to_owned(),
            state: state.to_owned(),
            tests: tests.iter().map(|test| (*test).to_owned()).collect(),
        };
        assert_eq!(rows(PAGE), [row("F15", "done", &["a.rs::one", "b.rs::two"]), row("X16", "open", &[])]);
    }

    #[test]
    fn each_fault_of_a_row_is_named() {
        for (line, fault) in [
            ("| F15 | x | done | `a.rs::passes` |", None),
            ("| F15 | x | open |  |", None),
            ("| F15 | x | done |  |", Some("F15: it is `done` but names no test")),
            ("| F15 | x | decision only |  |", Some("F15: it is `decision only` but names no test")),
            (
                "| F15 | x | nearly |  |",
                Some("F15: `nearly` is no state; expected one of: done, decision only, open"),
            ),
            ("| F15 | x | done | `a.rs::fails` |", Some("F15: a.rs::fails failed")),
            ("| F15 | x | done | `a.rs::sleeps` |", Some("F15: a.rs::sleeps is ignored: it did not run")),
            (
                "| F15 | x | done | `a.rs::pases` |",
                Some("F15: no test a.rs::pases; the nearest is a.rs::passes"),
            ),
        ] {
            let found = faults_of(line, Seen::Run);
            assert_eq!(found.first().map(String::as_str), fault.filter(|_| !found.is_empty()), "{line}");
            assert_eq!(found.is_empty(), fault.is_none(), "{line}: {found:?}");
        }
    }

    #[test]
    fn a_row_may_stand_only_once() {
        let faults = faults_of("| F15 | x | open |  |\n| F15 | y | open |  |", Seen::Run);
        assert_eq!(faults, ["F15: there are two rows with this id"]);
    }

    #[test]
    fn a_quick_run_says_nothing_of_what_it_left_out() {
        let line = "| E02 | x | done | `conformance/python::registers` |";
        assert!(faults_of(line, Seen::QuickRun).is_empty());
        assert_eq!(faults_of(line, Seen::Run), ["E02: no test conformance/python::registers"]);
    }
}
