//! [`RestConfig`]: what bounds this face.

use std::time::Duration;

use tokio::sync::watch;

/// What bounds this face.
#[derive(Debug, Clone)]
pub struct RestConfig {
    /// How many streams of events may be open at once. Default 10 000; each costs a
    /// connection and about 2 KiB. Beyond it a watcher is answered 503.
    pub max_subscribers: usize,
    /// How many lists are put together at once. Default 2: they run beside the workers that
    /// take beats and must not starve them. Others wait for `patience`.
    pub concurrent_lists: usize,
    /// How long a request for a list waits for its turn before it is answered 503.
    /// Default 5 s.
    pub patience: Duration,
    /// A stream that has nothing to tell says so this often, so that proxies and clients can
    /// tell it from a dead one. Default 15 s.
    pub keep_alive: Duration,
    /// Turns true when the server stops: streams end then. None: never.
    pub stopping: Option<watch::Receiver<bool>>,
}

impl Default for RestConfig {
    fn default() -> Self {
        Self {
            max_subscribers: 10_000,
            concurrent_lists: 2,
            patience: Duration::from_secs(5),
            keep_alive: Duration::from_secs(15),
            stopping: None,
        }
    }
}
