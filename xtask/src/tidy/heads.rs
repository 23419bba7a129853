//! Each Rust file opens with its one idea, and is short unless its head says why not.

use crate::tidy::tree::{TextFile, Tree};

/// Lines that a file may have without a reason.
const MOST_LINES: usize = 500;

/// What the head of a longer file must say, followed by its reason.
const REASON: &str = "This file is long because";

pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    tree.rust_files().flat_map(of_file).collect()
}

fn of_file(file: &TextFile) -> Vec<String> {
    let TextFile { path, text } = file;
    let mut faults = Vec::new();
    // The module that holds a file's tests is told of by that file.
    let is_tests = path.ends_with("/tests.rs");
    let head: Vec<_> = text.lines().take_while(|line| line.starts_with("//!")).collect();
    if head.is_empty() && !is_tests {
        faults.push(format!("{path}:1: the file does not begin with `//!` and its one idea"));
    }
    let lines = text.lines().count();
    if lines > MOST_LINES && !head.join(" ").contains(REASON) {
        faults.push(format!(
            "{path}: {lines} lines; expected at most {MOST_LINES}, or `{REASON} ...` in its head"
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(path: &str, text: &str) -> Vec<String> {
        faults(&Tree::of(&[(path, text)]))
    }

    #[test]
    fn a_file_begins_with_its_idea_unless_it_holds_the_tests_of_another() {
        assert!(faults_of("a/src/lease.rs", "//! One lease.\n").is_empty());
        assert!(faults_of("a/src/lease/tests.rs", "use super::*;\n").is_empty());
        assert_eq!(
            faults_of("a/src/lease.rs", "// One lease.\n"),
            ["a/src/lease.rs:1: the file does not begin with `//!` and its one idea"]
        );
    }

    #[test]
    fn a_long_file_gives_its_reason() {
        let long = format!("//! One lease.\n{}", "\n".repeat(500));
        assert_eq!(
            faults_of("a/src/lease.rs", &long),
            [
                "a/src/lease.rs: 501 lines; expected at most 500, or `This file is long because ...` in its head"
            ]
        );
        let reasoned = format!("//! This file is long because it is one table.\n{}", "\n".repeat(500));
        assert!(faults_of("a/src/lease.rs", &reasoned).is_empty());
    }
}
