//! The rounds: in each, every server is measured once, and every second round goes backwards, so
//! that what drifts on the machine meets all alike.

use anyhow::Result;

use super::Options;
use super::machine::{self, Machine};
use super::measured::{Measured, Outcome, Series};
use super::programs::Programs;
use super::running::{Load, Running, Server};
use crate::project::Project;

/// As in the budgets: 10 000 instances renew over 64 connections.
pub(super) const INSTANCES: u32 = 10_000;
pub(super) const CONNECTIONS: u32 = 64;

/// Readers are fewer than those who beat.
pub(super) const READERS: u32 = 8;

/// For what an instance takes of memory: as in the budget.
pub(super) const MANY: u32 = 1_000_000;

/// What is read of lubdub, and how.
const READS: [(&str, &[&str]); 3] = [
    ("all instances (`apps`)", &["read", "--what", "apps"]),
    ("what changed (`apps/delta`), with all instances in it", &["read", "--what", "delta"]),
    ("one application of ten (`apps/NAME`)", &["read", "--what", "app"]),
];

/// Measures everything.
pub(super) fn run(project: &Project, programs: &Programs, options: &Options) -> Result<Measured> {
    let machine = Machine::here(project)?;
    let mut servers = vec![Server::Lubdub, Server::Axum, Server::Hyper];
    servers.extend(programs.spring.as_ref().map(|_| Server::Spring));
    servers.extend(programs.rnacos.as_ref().map(|_| Server::Rnacos));
    let mut others = Vec::new();
    let fast = Load {
        what: &["renew"],
        instances: INSTANCES,
        connections: CONNECTIONS,
        rate: 0,
        seconds: u32::from(options.seconds),
    };
    let paced = Load { rate: options.rate, ..fast };

    println!("\n==> renewals: {} rounds, two measurements each", options.rounds);
    let running = servers.iter().map(|server| Running::start(project, programs, *server));
    let running = running.collect::<Result<Vec<_>>>()?;
    for server in &running {
        server.rest()?;
    }
    for server in &running {
        let warm_up = Load { seconds: server.server.warm_up_secs(fast.seconds), ..fast };
        let warm_up = server.measure(programs, &warm_up)?;
        told(server.server.name(), "warm-up", warm_up.as_ref());
    }
    let fast = in_rounds(&running, programs, options.rounds, &fast, "as fast as it goes", &mut others)?;
    let paced = in_rounds(&running, programs, options.rounds, &paced, "at the rate", &mut others)?;
    drop(running);

    println!("\n==> readings of lubdub");
    let mut reads: Vec<_> = READS.iter().map(|(name, _)| Series::of(name)).collect();
    for _ in 0..options.rounds {
        for (series, (name, what)) in reads.iter_mut().zip(READS) {
            let load = Load {
                what,
                instances: INSTANCES,
                connections: READERS,
                rate: 0,
                seconds: u32::from(options.seconds),
            };
            // A server of its own: what left is in the delta for three minutes.
            series.rounds.push(alone(project, programs, &load, name, &mut others)?);
        }
    }

    println!("\n==> memory of lubdub, {MANY} instances");
    let load = Load { what: &["renew"], instances: MANY, connections: CONNECTIONS, rate: 0, seconds: 2 };
    let mut memory = Series::of("1 000 000 instances");
    for _ in 0..options.rounds.min(2) {
        memory.rounds.push(alone(project, programs, &load, "memory", &mut others)?);
    }
    let (seconds, rate) = (options.seconds, options.rate);
    let (profile, peers) = (options.profile.clone(), options.peers.clone());
    Ok(Measured {
        machine,
        others,
        profile,
        seconds,
        rate,
        servers,
        peers,
        fast,
        paced,
        reads,
        memory,
        long: None,
    })
}

fn in_rounds(
    running: &[Running],
    programs: &Programs,
    rounds: u16,
    load: &Load,
    how: &str,
    others: &mut Vec<f64>,
) -> Result<Vec<Series>> {
    let mut series: Vec<_> = running.iter().map(|server| Series::of(server.server.name())).collect();
    for round in 0..rounds {
        let mut pairs: Vec<_> = running.iter().zip(&mut series).collect();
        if round % 2 == 1 {
            pairs.reverse();
        }
        for (server, series) in pairs {
            others.push(machine::busy()?);
            let outcome = server.measure(programs, load)?;
            told(series.name, how, outcome.as_ref());
            series.rounds.push(outcome);
        }
    }
    Ok(series)
}

/// Measures lubdub, started for this alone.
fn alone(
    project: &Project,
    programs: &Programs,
    load: &Load,
    name: &str,
    others: &mut Vec<f64>,
) -> Result<Option<Outcome>> {
    let server = Running::start(project, programs, Server::Lubdub)?;
    others.push(machine::busy()?);
    let outcome = server.measure(programs, load)?;
    told(name, "lubdub alone", outcome.as_ref());
    Ok(outcome)
}

fn told(name: &str, how: &str, outcome: Option<&Outcome>) {
    match outcome {
        None => println!("{name}, {how}: void, the generator was late"),
        Some(outcome) => println!(
            "{name}, {how}: {:.0}/s, p50 {:.0} µs, p99 {:.0} µs, {:.3} CPU s per 100 000{}",
            outcome.throughput_per_s,
            outcome.latency_us.p50,
            outcome.latency_us.p99,
            outcome.server.cpu_s_per_100k,
            if outcome.unsent > 0 { ", did not keep up" } else { "" },
        ),
    }
}
