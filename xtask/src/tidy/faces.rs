//! All faces open alike: the same files, so that who knows one finds their way in each.

use std::collections::{BTreeMap, BTreeSet};

use crate::tidy::tree::Tree;

const FACES: &str = "crates/faces/";

/// Modules that each face has.
const ALWAYS: [&str; 5] = ["lib", "routes", "wire", "convert", "error"];

/// Those of a face that never asks the registry: it gives out files, and has nothing to translate.
const OF_FILES: [&str; 3] = ["lib", "routes", "assets"];

/// What a face depends on that asks the registry.
const ASKING: &str = "lubdub-runtime";

/// Modules that any face may have without a word: a stream, and settings.
const SOMETIMES: [&str; 2] = ["watch", "config"];

pub(crate) fn faults(tree: &Tree) -> Vec<String> {
    let mut faults = Vec::new();
    for (face, modules) in faces(tree) {
        let crate_root = format!("{FACES}{face}");
        let manifest = text_of(tree, &format!("{crate_root}/Cargo.toml"));
        let always = if manifest.contains(ASKING) { &ALWAYS[..] } else { &OF_FILES[..] };
        for &module in always {
            if !modules.contains(module) {
                faults.push(format!("{crate_root}: has no module `{module}`; each face of its kind has"));
            }
        }
        let head = head_of(tree, &format!("{crate_root}/src/lib.rs"));
        for module in modules {
            if !always.contains(&module)
                && !SOMETIMES.contains(&module)
                && !head.contains(&format!("`{module}`"))
            {
                faults.push(format!(
                    "{crate_root}: other faces have no module `{module}`; the head of lib.rs must say what it is for"
                ));
            }
        }
    }
    faults
}

/// Each face with its modules at the top.
fn faces(tree: &Tree) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut faces: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in tree.rust_files() {
        let Some((face, path)) = file.path.strip_prefix(FACES).and_then(|path| path.split_once("/src/"))
        else {
            continue;
        };
        let module = path.split('/').next().unwrap_or(path);
        faces.entry(face).or_default().insert(module.trim_end_matches(".rs"));
    }
    faces
}

fn head_of<'a>(tree: &'a Tree, path: &str) -> &'a str {
    let text = text_of(tree, path);
    let end = text.lines().take_while(|line| line.starts_with("//!")).map(|line| line.len() + 1).sum();
    text.get(..end).unwrap_or(text)
}

fn text_of<'a>(tree: &'a Tree, path: &str) -> &'a str {
    tree.files().iter().find(|file| file.path == path).map_or("", |file| &file.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(head: &'static str, more: &'static str) -> Vec<(String, &'static str)> {
        let modules = ["lib.rs", "routes.rs", "wire/json.rs", "convert.rs", "error.rs", more];
        let manifest = (format!("{FACES}x/Cargo.toml"), "lubdub-runtime.workspace = true");
        [manifest].into_iter().chain(modules_of(head, &modules)).collect()
    }

    fn modules_of<'a>(
        head: &'static str,
        modules: &'a [&'static str],
    ) -> impl Iterator<Item = (String, &'static str)> + 'a {
        let text = move |module| if module == "lib.rs" { head } else { "" };
        modules.iter().map(move |&module| (format!("{FACES}x/src/{module}"), text(module)))
    }

    fn faults_of(files: &[(String, &str)]) -> Vec<String> {
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        faults(&Tree::of(&files))
    }

    #[test]
    fn a_module_that_other_faces_have_not_is_told_of_in_the_head() {
        assert!(faults_of(&face("//! x\n", "watch.rs")).is_empty());
        assert!(faults_of(&face("//! | `vip` | look-ups |\n", "vip.rs")).is_empty());
        assert_eq!(
            faults_of(&face("//! x\n\n// `vip`\n", "vip.rs")),
            ["crates/faces/x: other faces have no module `vip`; the head of lib.rs must say what it is for"]
        );
    }

    #[test]
    fn a_face_without_one_of_the_usual_modules_is_named() {
        let files: Vec<_> =
            face("//! x\n", "watch.rs").into_iter().filter(|(path, _)| !path.ends_with("error.rs")).collect();
        assert_eq!(faults_of(&files), ["crates/faces/x: has no module `error`; each face of its kind has"]);
    }

    #[test]
    fn a_face_that_never_asks_the_registry_has_files_instead_of_a_protocol() {
        let files: Vec<_> = modules_of("//! x\n", &["lib.rs", "routes.rs", "assets.rs"]).collect();
        assert!(faults_of(&files).is_empty());
        let files: Vec<_> = modules_of("//! x\n", &["lib.rs", "routes.rs", "wire.rs"]).collect();
        assert_eq!(
            faults_of(&files),
            [
                "crates/faces/x: has no module `assets`; each face of its kind has",
                "crates/faces/x: other faces have no module `wire`; the head of lib.rs must say what it is for"
            ]
        );
    }
}
