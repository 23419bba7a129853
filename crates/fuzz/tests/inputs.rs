//! Every seed, and every input that once was too much, without the engine.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use lubdub_fuzz::{TARGETS, Target};

/// The inputs that were found, with the names of their files.
fn found(target: Target) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("found").join(target.name);
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let paths = files.map(|file| file.expect("a folder can be read").path());
    let mut inputs: Vec<_> = paths
        .map(|path| (path.display().to_string(), fs::read(&path).expect("an input can be read")))
        .collect();
    inputs.sort();
    inputs
}

fn withstands(target: Target, inputs: impl IntoIterator<Item = (String, Vec<u8>)>) -> usize {
    let mut tried = 0;
    for (name, input) in inputs {
        let read = catch_unwind(|| (target.read)(&input));
        assert!(read.is_ok(), "{} does not withstand {name}", target.name);
        tried += 1;
    }
    tried
}

#[test]
fn every_seed_is_withstood() {
    for target in TARGETS {
        let seeds = (target.seeds)().into_iter().enumerate();
        let tried = withstands(target, seeds.map(|(number, seed)| (format!("seed {number}"), seed)));
        assert!(tried > 0, "{} has no seeds", target.name);
    }
}

#[test]
fn every_input_that_was_found_is_withstood() {
    let tried: usize = TARGETS.into_iter().map(|target| withstands(target, found(target))).sum();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("found");
    let folders = fs::read_dir(folder).map_or(0, Iterator::count);
    assert!(tried >= folders, "a folder below found/ that no target has");
}
