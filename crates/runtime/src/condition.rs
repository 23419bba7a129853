//! [`Condition`]: how the registry itself is.

use std::time::Duration;

use lubdub_core::WallTime;

/// How the registry itself is.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Whether what is registered survives a restart.
    pub journal: JournalState,
    /// What came back from an earlier run, if anything did (or was damaged).
    pub restored: Option<Restored>,
    /// When this run began.
    pub started: WallTime,
    /// How much of the last hour the registry could not hear.
    pub deaf_last_hour: Duration,
}

/// A stretch of time in which the registry could not hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeafSpan {
    /// From here
    pub from: WallTime,
    /// to here, by the clock on the wall as it is now.
    pub to: WallTime,
}

/// Whether what is registered survives a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalState {
    /// It does not: memory only, as asked.
    Memory,
    /// It does.
    Durable,
    /// It does not at present: the disk is slow, full or failing. The registry goes on in
    /// memory and writes what changed when the disk answers again.
    Unavailable {
        /// Since when.
        since: WallTime,
        /// What the disk said.
        reason: String,
        /// How many instances changed since and wait to be written.
        unwritten: usize,
    },
}

/// What came back from an earlier run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// How many instances.
    pub instances: usize,
    /// Of how many services.
    pub services: usize,
    /// When that run last noted that it was alive.
    pub last_heard: WallTime,
    /// From then to the start of this run.
    pub outage: Duration,
    /// What was damaged, if anything: what was moved where, and what is missing.
    pub damaged: Option<String>,
}
