//! [`KeepAlive`]: how the connections of a channel are watched.

use std::time::Duration;

use lubdub_detect::Fault;

/// How connections are watched while they are open: after `interval` without any byte from the other side it is
/// beaten (an HTTP/2 ping), and when `timeout` passes without an answer the connection is given up and the endpoint is
/// unavailable. So one that carries traffic is not beaten at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepAlive {
    /// Silence before a beat; `None` sends none, and leaves a silent peer to be found by calls.
    pub interval: Option<Duration>,
    /// For the answer.
    pub timeout: Duration,
    /// For making a connection.
    pub connect_timeout: Duration,
}

/// 30 s and 10 s: a silent link is given up after 40, before providers that close what was silent for so long are asked.
impl Default for KeepAlive {
    fn default() -> Self {
        Self {
            interval: Some(Duration::from_secs(30)),
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(1),
        }
    }
}

impl KeepAlive {
    pub(super) fn validate(&self) -> Result<(), Fault> {
        let spans_allowed = Duration::from_millis(1)..=Duration::from_secs(365 * 24 * 3_600);
        let spans = [("timeout", self.timeout), ("connect_timeout", self.connect_timeout)];
        let interval = self.interval.map(|interval| ("interval", interval));
        for (setting, value) in spans.into_iter().chain(interval) {
            if !spans_allowed.contains(&value) {
                return Err(Fault::new(setting, format!("{value:?}"), "from 1ms to a year"));
            }
        }
        Ok(())
    }
}
