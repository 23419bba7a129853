//! What was measured on long connections: [`Long`], and what `lubdub bench --json` tells of each kind.

use serde::Deserialize;

use crate::bench::measured::{Generator, Latency, Process};
use crate::bench::spread::Spread;

/// Sessions that beat.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::bench) struct Sessions {
    pub(super) beats_per_s: f64,
    pub(super) renewals_per_s: f64,
    pub(super) latency_us: Latency,
    pub(super) generator: Generator,
    pub(super) server: Process,
    pub(super) bytes_per_session: f64,
}

/// Watches that were told.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::bench) struct Watches {
    pub(super) median: Round,
    pub(super) worst: Round,
    pub(super) generator: Generator,
    pub(super) server: Process,
    pub(super) bytes_per_watch: f64,
}

/// When how many were told, in milliseconds.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(in crate::bench) struct Round {
    pub(super) first: f64,
    pub(super) p50: f64,
    pub(super) all: f64,
}

/// Deaths that were heard of.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::bench) struct Deaths {
    pub(super) timeout_s: f64,
    pub(super) told_ms: Spans,
}

/// Spans in milliseconds.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(in crate::bench) struct Spans {
    pub(super) count: usize,
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) max: f64,
}

/// One server under one load, round by round.
#[derive(Debug, Clone)]
pub(in crate::bench) struct Of<T> {
    pub(super) name: &'static str,
    pub(super) rounds: Vec<T>,
}

impl<T> Of<T> {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, rounds: Vec::new() }
    }

    pub(super) fn spread(&self, figure: impl Fn(&T) -> f64) -> Option<Spread> {
        Spread::of(self.rounds.iter().map(figure))
    }

    /// Of the ratios to another, within each round.
    pub(super) fn over(&self, other: &Self, figure: impl Fn(&T) -> f64) -> Option<Spread> {
        let figures = |of: &Self| of.rounds.iter().map(|round| Some(figure(round))).collect::<Vec<_>>();
        Spread::of_ratios(&figures(self), &figures(other))
    }
}

/// Everything that the page tells of them.
#[derive(Debug)]
pub(in crate::bench) struct Long {
    /// One beat under way on each of 64, each on a connection of its own.
    pub(super) own: Vec<Of<Sessions>>,
    /// The same over one connection.
    pub(super) shared: Vec<Of<Sessions>>,
    /// One session of many instances.
    pub(super) batched: Of<Sessions>,
    /// Many that are as good as idle, each on a connection of its own, or spread over a hundred.
    pub(super) idle: Vec<Of<Sessions>>,
    /// Many that are told of a change.
    pub(super) watches: Vec<Of<Watches>>,
    /// Of providers that were killed.
    pub(super) killed: Vec<Of<Deaths>>,
    /// Of providers that fell silent.
    pub(super) silent: Vec<Of<Deaths>>,
}
