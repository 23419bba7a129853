//! [`LinkStatus`]: one endpoint as it is told of.

use std::time::Duration;

/// One endpoint, as this program finds it at present.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkStatus {
    /// Its instance's id.
    pub id: String,
    /// Where it is called.
    pub address: String,
    /// Whether calls go there.
    pub is_available: bool,
    /// For how long none have gone there.
    pub unavailable_for: Option<Duration>,
    /// How many failures in a row there were.
    pub failures: u32,
    /// What the last of them was.
    pub last_failure: Option<String>,
    /// How many calls are out, streams included.
    pub calls: u32,
    /// How many connections are open.
    pub connections: u32,
}
