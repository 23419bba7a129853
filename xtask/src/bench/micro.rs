//! The benches of single crates, and the comparison of embedded stores.

use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process;
use crate::project::Project;

/// The stores that `benches/stores` compares.
const STORES: [&str; 5] = ["redb", "redb-quick", "fjall", "heed", "sqlite"];

/// Runs every bench target of the workspace.
pub(super) fn benches(project: &Project) -> Result<()> {
    let targets = bench_targets(project)?;
    if targets.is_empty() {
        println!("no crate of the workspace has a bench yet");
    }
    for (package, bench) in &targets {
        println!("\n==> {package}: {bench}");
        process::run(project.cargo(&["bench", "-p", package, "--bench", bench]))?;
    }
    Ok(())
}

/// Runs each store with so many records.
pub(super) fn stores(project: &Project, records: u32) -> Result<()> {
    let target = project.target("stores");
    let records = records.to_string();
    for store in STORES {
        println!("\n==> store: {store}");
        let data = project.target("stores/data").join(store);
        fs::create_dir_all(&data)?;
        let mut command =
            project.cargo(&["run", "--release", "--manifest-path", "benches/stores/Cargo.toml"]);
        command.env("CARGO_TARGET_DIR", &target).args(["--", "speed", store]).arg(&data).arg(&records);
        process::run(command)?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// Package and bench, in cargo's order.
fn bench_targets(project: &Project) -> Result<Vec<(String, String)>> {
    let told = process::output(project.cargo(&["metadata", "--no-deps", "--format-version=1"]))?;
    let metadata: Metadata = serde_json::from_str(&told).context("what cargo metadata says")?;
    let benches = metadata.packages.into_iter().flat_map(|Package { name, targets }| {
        let benches = targets.into_iter().filter(|target| target.kind.iter().any(|kind| kind == "bench"));
        benches.map(move |bench| (name.clone(), bench.name)).collect::<Vec<_>>()
    });
    Ok(benches.collect())
}
