//! [`SessionOutcome`]: what was measured of sessions, as it is written in JSON.

use serde::Serialize;

use crate::outcome::{Effort, LatencyUs, ServerProcess};

/// What was measured. The names of its members are those of `lubdub bench session --json`, and stay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionOutcome {
    /// What was asked for.
    pub asked: SessionsAsked,
    /// How long it was measured, in seconds.
    pub elapsed_s: f64,
    /// Beats that were answered.
    pub beats: u64,
    /// Sessions that could not go on.
    pub errors: u64,
    /// Why the first of these could not.
    pub first_error: Option<String>,
    /// Beats per second.
    pub beats_per_s: f64,
    /// Instances that were renewed by them, per second.
    pub renewals_per_s: f64,
    /// From sending, in microseconds; from when a beat was due, where the answer to the one before
    /// was still out then.
    pub latency_us: LatencyUs,
    /// Whether it was stopped before its time.
    pub stopped_early: bool,
    /// What the generator itself took.
    pub generator: Effort,
    /// What the server's process took, where it was named; `prepared` is with all sessions open.
    pub server: Option<ServerProcess>,
    /// Its memory for one session, with what its share of a connection takes.
    pub bytes_per_session: Option<f64>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionsAsked {
    /// The registry's URL.
    pub server: String,
    /// How many sessions.
    pub sessions: usize,
    /// Over how many connections, where the registry's protocol lets them share one.
    pub connections: usize,
    /// How many instances each kept.
    pub instances: usize,
    /// So many beats of one waited at most.
    pub in_flight: usize,
    /// Between two beats of one, in seconds; none: as fast as it goes.
    pub interval_s: Option<f64>,
    /// How long it should take, in seconds.
    pub duration_s: f64,
}
