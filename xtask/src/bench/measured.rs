//! What was measured: [`Outcome`] of one measurement, [`Measured`] of all.

use serde::Deserialize;

use super::Peer;
use super::long::Long;
use super::machine::Machine;
use super::running::Server;
use super::spread::Spread;

/// One measurement, as `lubdub bench --json` tells it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Outcome {
    pub(super) throughput_per_s: f64,
    pub(super) latency_us: Latency,
    pub(super) body_bytes_per_request: f64,
    pub(super) generator: Generator,
    pub(super) server: Process,
    pub(super) unsent: u64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Latency {
    pub(super) p50: f64,
    pub(super) p90: f64,
    pub(super) p99: f64,
    pub(super) p999: f64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Generator {
    pub(super) cpu_us_per_request: f64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Process {
    pub(super) cpu_s_per_100k: f64,
    pub(super) rss_bytes: Rss,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Rss {
    pub(super) empty: f64,
    pub(super) prepared: f64,
    pub(super) measured: f64,
}

/// The measurements of one kind of load on one server, round by round; none where the generator
/// was late.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) name: &'static str,
    pub(super) rounds: Vec<Option<Outcome>>,
}

impl Series {
    pub(super) fn of(name: &'static str) -> Self {
        Self { name, rounds: Vec::new() }
    }

    /// One figure of each round.
    pub(super) fn figures(&self, figure: impl Fn(&Outcome) -> f64) -> Vec<Option<f64>> {
        self.rounds.iter().map(|round| round.as_ref().map(&figure)).collect()
    }

    /// How one figure lies over the rounds; none if all were void.
    pub(super) fn spread(&self, figure: impl Fn(&Outcome) -> f64) -> Option<Spread> {
        Spread::of(self.figures(figure).into_iter().flatten())
    }

    pub(super) fn void(&self) -> usize {
        self.rounds.iter().filter(|round| round.is_none()).count()
    }
}

/// Everything that the page tells.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) machine: Machine,
    /// The share of all cores that was in use before each measurement.
    pub(super) others: Vec<f64>,
    /// Cargo's, for all that was built here.
    pub(super) profile: String,
    pub(super) seconds: u16,
    pub(super) rate: u32,
    pub(super) servers: Vec<Server>,
    pub(super) peers: Vec<Peer>,
    /// Renewals as fast as they go, by server.
    pub(super) fast: Vec<Series>,
    /// Renewals at a rate, by server.
    pub(super) paced: Vec<Series>,
    /// Readings of lubdub, by what is read.
    pub(super) reads: Vec<Series>,
    /// lubdub with many instances.
    pub(super) memory: Series,
    /// Long connections, unless they were left out.
    pub(super) long: Option<Long>,
}
