//! No file tells of the machine that it was written on.

use crate::tidy::tree::Tree;

/// Folders of somebody's machine; the parts keep this file from being a fault itself.
const PLACES: [&str; 5] = [
    concat!("/", "work/"),
    concat!("/", "root/"),
    concat!("/", "home/"),
    concat!("/", "Users/"),
    concat!("/", "farm/"),
];

/// Also one, but programs and tests have honest uses for it; pages have not.
const IN_PAGES: &str = concat!("/", "tmp/");

pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for file in tree.files() {
        let in_pages = file.is("md").then_some(IN_PAGES);
        for (line, text) in (1..).zip(file.text.lines()) {
            for place in PLACES.into_iter().chain(in_pages) {
                if names(text, place) {
                    let path = &file.path;
                    faults.push(format!("{path}:{line}: {place} is a place on somebody's machine"));
                }
            }
        }
    }
    faults
}

/// Whether an absolute path in `text` begins with `place`: elsewhere it is a part of a URL or of
/// a longer path.
fn names(text: &str, place: &str) -> bool {
    text.match_indices(place).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "/._-}$%>".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_paths_are_found_and_parts_of_urls_are_not() {
        for (path, text, found) in [
            ("README.md", concat!("see `/", "work/notes`"), true),
            ("a.rs", concat!("//! /", "root/x"), true),
            ("a.rs", concat!("http://host/", "work/x"), false),
            ("a.rs", concat!("target/", "work/x"), false),
            ("a.rs", concat!("\"/", "tmp/x\""), false),
            ("docs/a.md", concat!("in /", "tmp/x"), true),
        ] {
            assert_eq!(!faults(&Tree::of(&[(path, text)])).is_empty(), found, "{path}: {text}");
        }
    }
}
