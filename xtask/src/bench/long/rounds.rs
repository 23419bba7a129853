//! The rounds on long connections. Each measurement has a server of its own: what was open before
//! would be in its memory.

use anyhow::Result;
use serde::de::DeserializeOwned;

use super::measured::{Deaths, Long, Of, Sessions, Watches};
use crate::bench::Options;
use crate::bench::machine;
use crate::bench::programs::Programs;
use crate::bench::running::{Running, Server};
use crate::project::Project;

/// As in the budgets.
pub(super) const SESSIONS: &str = "64";
pub(super) const MANY: &str = "10000";

/// How often a death is measured: often of those of which it takes no time.
pub(super) const KILLS: &str = "100";
const FEW: &str = "5";

/// So many others live on: of 15 in 100 of them that die within a time-out lubdub's guard is not alarmed.
pub(super) const FLEET: &str = "100";

/// What a time-out is where it is waited for; `ZooKeeper`'s and etcd's are no shorter as they are
/// configured usually.
pub(super) const TIMEOUT: &str = "timeout=6s";

/// What measures.
struct Bench<'a> {
    project: &'a Project,
    programs: &'a Programs,
    others: &'a mut Vec<f64>,
}

/// Measures everything.
pub(in crate::bench) fn run(
    project: &Project,
    programs: &Programs,
    options: &Options,
    others: &mut Vec<f64>,
) -> Result<Long> {
    let peers = |all: &[Server]| -> Vec<Server> {
        all.iter().copied().filter(|server| programs.has(*server)).collect()
    };
    let (rounds, seconds) = (options.rounds, format!("{}s", options.seconds));
    let mut bench = Bench { project, programs, others };

    let beats = ["session", "--sessions", SESSIONS, "--duration", &seconds];
    let all = peers(&[Server::Lubdub, Server::Tonic, Server::Etcd, Server::ZooKeeper, Server::Rnacos]);
    let own = bench.rounds::<Sessions>("beats, 64 connections", &all, rounds, &beats)?;
    let all = peers(&[Server::Lubdub, Server::Tonic, Server::Etcd]);
    let one = [&beats[..], &["--connections", "1"]].concat();
    let shared = bench.rounds::<Sessions>("beats, 1 connection", &all, rounds, &one)?;
    let many = ["session", "--sessions", "1", "--instances", MANY, "--duration", &seconds];
    let batched = bench.rounds::<Sessions>("one beat for 10 000", &[Server::Lubdub], rounds, &many)?;

    let idle_load = ["session", "--sessions", MANY, "--interval", "10s", "--duration", "3s"];
    let all = peers(&[Server::Lubdub, Server::Tonic, Server::Etcd, Server::ZooKeeper, Server::Rnacos]);
    let mut idle = bench.rounds::<Sessions>("10 000 idle", &all, rounds.min(3), &idle_load)?;
    let spread = [&idle_load[..], &["--connections", "100"]].concat();
    let mut over_few = bench.rounds::<Sessions>(
        "10 000 idle, 100 connections",
        &[Server::Lubdub],
        rounds.min(3),
        &spread,
    )?;
    for of in &mut over_few {
        of.name = "lubdub, over 100 connections";
    }
    idle.append(&mut over_few);

    let watch = ["watch", "--watches", MANY, "--changes", "20"];
    let all = peers(&[Server::Lubdub, Server::Etcd, Server::ZooKeeper]);
    let watches = bench.rounds::<Watches>("10 000 watches", &all, rounds, &watch)?;

    let kill = ["kill", "--deaths", KILLS, "--fleet", FLEET];
    let few = ["kill", "--deaths", FEW, "--fleet", FLEET, "--pause", "100ms"];
    let waited_for = peers(&[Server::Etcd, Server::ZooKeeper]);
    let mut killed = bench.rounds::<Deaths>("killed", &[Server::Lubdub], rounds, &kill)?;
    killed.append(&mut bench.rounds("killed", &waited_for, 1, &few)?);
    let silence = [&few[..], &["--silent"]].concat();
    // ZooKeeper's client beats for itself: of its silence the SDK knows nothing.
    let all = peers(&[Server::Lubdub, Server::Etcd]);
    let silent = bench.rounds::<Deaths>("silent", &all, rounds.min(3), &silence)?;
    let batched = batched.into_iter().next().unwrap_or_else(|| Of::new(Server::Lubdub.name()));
    Ok(Long { own, shared, batched, idle, watches, killed, silent })
}

impl Bench<'_> {
    /// Each server once in each round, every second round backwards.
    fn rounds<T: DeserializeOwned>(
        &mut self,
        what: &str,
        servers: &[Server],
        rounds: u16,
        load: &[&str],
    ) -> Result<Vec<Of<T>>> {
        println!("\n==> {what}: {rounds} rounds");
        let mut all: Vec<Of<T>> = servers.iter().map(|server| Of::new(server.name())).collect();
        for round in 0..rounds {
            let mut pairs: Vec<_> = servers.iter().zip(&mut all).collect();
            if round % 2 == 1 {
                pairs.reverse();
            }
            for (server, of) in pairs {
                let running = Running::start(self.project, self.programs, *server)?;
                self.others.push(machine::busy()?);
                println!("{}, {what}", of.name);
                match running.converse(self.programs, load, TIMEOUT) {
                    Ok(outcome) => of.rounds.push(outcome),
                    // What others cannot do is told by what is missing of them.
                    Err(error) if *server != Server::Lubdub => println!("{}: {error:#}", of.name),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(all)
    }
}
