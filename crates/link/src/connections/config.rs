//! [`ConnectionsConfig`]: how often one looks, and what is silent.

use std::time::Duration;

/// How a table of connections is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionsConfig {
    /// How far scans are apart: a connection that is over is in the table for so long at most. 60 seconds by default; from 1 ms to a
    /// year. A scan looks at every connection, so a short one costs where there are many.
    pub interval: Duration,
    /// A connection on which nothing was heard for so long is closed by the scan. A link judges silence by itself, and sooner; this is for
    /// what has no link. Zero, the default: none is.
    pub silence: Duration,
}

impl Default for ConnectionsConfig {
    fn default() -> Self {
        Self { interval: Duration::from_secs(60), silence: Duration::ZERO }
    }
}

impl ConnectionsConfig {
    /// Whether it can be used.
    ///
    /// # Errors
    ///
    /// The interval is none.
    pub fn check(&self) -> Result<(), ScanFault> {
        let usual = Duration::from_millis(1)..=Duration::from_secs(366 * 24 * 3600);
        if usual.contains(&self.interval) { Ok(()) } else { Err(ScanFault { interval: self.interval }) }
    }
}

/// An interval of scans that cannot be used. No table was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the interval of scans is {interval:?}; expected a span from 1 ms to 366 days")]
pub struct ScanFault {
    /// What it is.
    pub interval: Duration,
}
