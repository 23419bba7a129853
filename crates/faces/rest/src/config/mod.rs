//! [`RestConfig`]: what bounds this face, and what the server that mounts it tells it.

mod log;
mod operators;

use std::sync::Arc;
use std::time::Duration;

use lubdub_core::damping::DampingConfig;
use tokio::sync::watch;

pub use log::LogControl;
pub use operators::{Denied, OPERATOR_HEADER, OPERATOR_TOKEN_HEADER, Operators};

/// What bounds this face, and what the server that mounts it tells it.
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
    /// The most bytes of a request's body. Default 1 MiB. Beyond it: 413.
    pub max_body_bytes: usize,
    /// The mark that the page tokens of this server carry, by which those of others are told;
    /// to be random. Default 0.
    pub server: u64,
    /// Turns true when the server stops: streams end then. None: never.
    pub stopping: Option<watch::Receiver<bool>>,
    /// Who may do what only operators may. None: nobody.
    pub operators: Option<Arc<dyn Operators>>,
    /// The rules of damping, for display.
    pub damping: DampingConfig,
    /// Every setting of the server, for display; no secrets.
    pub settings: Vec<Setting>,
    /// What is logged, and how that is changed. None: that is not known here.
    pub log: Option<LogControl>,
}

impl Default for RestConfig {
    fn default() -> Self {
        Self {
            max_subscribers: 10_000,
            concurrent_lists: 2,
            patience: Duration::from_secs(5),
            keep_alive: Duration::from_secs(15),
            max_body_bytes: 1024 * 1024,
            server: 0,
            stopping: None,
            operators: None,
            damping: DampingConfig::default(),
            settings: Vec::new(),
            log: None,
        }
    }
}

/// A setting that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name, as in a file.
    pub name: String,
    /// Its value, as one would write it.
    pub value: String,
    /// Whether that is its default.
    pub default: bool,
}
