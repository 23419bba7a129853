//! [`Programs`]: what is measured and what measures, built with the same profile.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::Peer;
use super::running::Server;
use crate::process;
use crate::project::Project;
use crate::registries;

/// The version of r-nacos that is built.
pub(super) const RNACOS: &str = "0.8.8";

/// Where the programs are.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) lubdub: PathBuf,
    pub(super) axum: PathBuf,
    pub(super) hyper: PathBuf,
    pub(super) tonic: PathBuf,
    pub(super) nacos_beat: PathBuf,
    pub(super) rnacos: Option<PathBuf>,
    /// A jar.
    pub(super) spring: Option<PathBuf>,
    pub(super) etcd: Option<PathBuf>,
    /// A folder of jars.
    pub(super) zookeeper: Option<PathBuf>,
}

/// Builds lubdub and what is in `benches/peers`, into `target/`.
///
/// # Errors
///
/// One does not build; the message names it.
pub(super) fn build(project: &Project, profile: &str) -> Result<()> {
    println!("\n==> building lubdub and the bare servers");
    process::run(project.cargo(&["build", "--profile", profile, "-p", "lubdub"]))?;
    let mut bare = project.cargo(&["build", "--profile", profile, "--bins"]);
    bare.args(["--manifest-path", "benches/peers/Cargo.toml"]);
    bare.env("CARGO_TARGET_DIR", project.target("peers"));
    process::run(bare).context("the bare servers of benches/peers do not build")
}

impl Programs {
    /// What was built; the peers are built here where they are not there yet.
    ///
    /// # Errors
    ///
    /// A peer does not build; the message names it.
    pub(super) fn built(project: &Project, profile: &str, peers: &[Peer]) -> Result<Self> {
        // The one profile that cargo keeps under another name.
        let folder = if profile == "dev" { "debug" } else { profile };
        let built = |name: &str| project.target("peers").join(folder).join(name);
        Ok(Self {
            lubdub: project.target(folder).join("lubdub"),
            axum: built("bare_axum"),
            hyper: built("bare_hyper"),
            tonic: built("bare_tonic"),
            nacos_beat: built("nacos_beat"),
            spring: peers.contains(&Peer::Spring).then(|| registries::spring(project)).transpose().context(
                "Spring Cloud's Eureka server does not build; it needs a JDK 17 and Maven \
                 (on Debian: apt-get install openjdk-17-jdk-headless maven)",
            )?,
            etcd: peers
                .contains(&Peer::Etcd)
                .then(|| registries::etcd(project))
                .transpose()
                .context("missing: etcd, on the path or from Debian's package etcd-server")?,
            zookeeper: peers
                .contains(&Peer::Zookeeper)
                .then(|| registries::zookeeper(project))
                .transpose()
                .context("ZooKeeper does not come from Maven (it needs a JDK and mvn)")?,
            rnacos: peers.contains(&Peer::Rnacos).then(|| rnacos(project)).transpose().with_context(
                || {
                    format!(
                        "r-nacos {RNACOS} does not build (cargo install rnacos --version {RNACOS} --locked)"
                    )
                },
            )?,
        })
    }
}

impl Programs {
    /// Whether a server is to be measured.
    pub(super) fn has(&self, server: Server) -> bool {
        match server {
            Server::Lubdub | Server::Axum | Server::Hyper | Server::Tonic => true,
            Server::Spring => self.spring.is_some(),
            Server::Rnacos => self.rnacos.is_some(),
            Server::Etcd => self.etcd.is_some(),
            Server::ZooKeeper => self.zookeeper.is_some(),
        }
    }
}

fn rnacos(project: &Project) -> Result<PathBuf> {
    let home = project.target("peers/rnacos");
    let program = home.join("bin/rnacos");
    if !program.exists() {
        println!("\n==> building r-nacos {RNACOS}, with its own profile");
        let mut install = project.cargo(&["install", "rnacos", "--version", RNACOS, "--locked", "--root"]);
        install.arg(&home).env("CARGO_TARGET_DIR", project.target("peers/rnacos-build"));
        process::run(install)?;
    }
    Ok(program)
}
