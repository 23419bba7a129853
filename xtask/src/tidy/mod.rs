//! `cargo xtask tidy`: what can be checked by reading files, and no compiler checks.

mod faces;
mod heads;
mod places;
mod tree;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::project::Project;
use crate::tidy::tree::Tree;

/// Checks, and prints what is wrong.
pub(crate) fn run(project: &Project) -> Result<ExitCode> {
    check(project)?;
    Ok(ExitCode::SUCCESS)
}

/// # Errors
///
/// A file is not as it should be; each fault has been printed.
pub(crate) fn check(project: &Project) -> Result<()> {
    let tree = Tree::read(project)?;
    let faults: Vec<String> =
        [heads::faults(&tree), places::faults(&tree), faces::faults(&tree)].into_iter().flatten().collect();
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{} faults in {} files", faults.len(), tree.files().len());
    }
    println!("{} files are in order", tree.files().len());
    Ok(())
}
