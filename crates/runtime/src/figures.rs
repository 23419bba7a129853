//! [`Figures`]: how busy the registry's own machinery is.

use std::sync::atomic::Ordering;
use std::time::Duration;

use lubdub_core::Revision;

use crate::handle::Handle;
use crate::histogram::Durations;

/// How busy the registry's own machinery is, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// Leases that renewals can find.
    pub leases: usize,
    /// Commands that wait to be decided.
    pub commands_waiting: usize,
    /// How many of them may.
    pub most_commands_waiting: usize,
    /// What the journal's commits took; signs of life are not counted.
    pub commits: Durations,
    /// How many of them failed.
    pub commits_failed: u64,
    /// Own beats that arrived.
    pub own_beats: u64,
    /// How long the registry could not hear since it started; at most a second old.
    pub deaf: Duration,
    /// Changes that watchers can resume from.
    pub feed_changes: usize,
    /// What a watcher must have seen at least to be told everything after it.
    pub feed_floor: Revision,
    /// Who waits for a change now.
    pub watchers: usize,
    /// gRPC watches that are open.
    pub watches: usize,
    /// Sessions that have a connection,
    pub sessions_connected: usize,
    /// and all of them, with those that may be resumed.
    pub sessions: usize,
}

impl Handle {
    /// How busy the registry's own machinery is.
    pub fn figures(&self) -> Figures {
        let shared = &self.shared;
        let snapshot = shared.snapshot.load();
        Figures {
            leases: shared.leases.len(),
            commands_waiting: shared.waiting.load(Ordering::Relaxed),
            most_commands_waiting: shared.most_waiting,
            commits: shared.tally.commits.times.read(),
            commits_failed: shared.tally.commits.failed(),
            own_beats: shared.tally.own_beats.load(Ordering::Relaxed),
            deaf: Duration::from_millis(shared.tally.deaf_millis.load(Ordering::Relaxed)),
            feed_changes: snapshot.feed.len(),
            feed_floor: snapshot.feed.floor(),
            watchers: shared.waiters.waiting(),
            watches: shared.watches.load(Ordering::Relaxed),
            sessions_connected: shared.sessions.connected(),
            sessions: shared.sessions.len(),
        }
    }
}
