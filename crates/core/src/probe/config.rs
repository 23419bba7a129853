//! [`ProbeConfig`]: whether addresses are tried, which, and how many.

use std::time::Duration;

use ipnet::IpNet;

use crate::reject::Fault;

/// Whether addresses are tried, which, and how many. See [`crate::probe`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeConfig {
    /// Whether addresses are tried at all. Default true. Without it, a process that was killed
    /// stays until its lease ends.
    pub enabled: bool,
    /// Networks whose addresses may be tried whoever registered them, in addition to each
    /// registrant's own address. Default none. Who may register decides to which of these the
    /// registry opens connections; link-local addresses are never tried.
    pub allow: Vec<IpNet>,
    /// An address that has not answered after this is no evidence. Default 500 ms, 1 ms to 60 s.
    /// More keeps one of the `max_concurrent` places for longer; less takes a far host's
    /// refusal for silence, and then its lease decides.
    pub timeout: Duration,
    /// So many addresses are tried at the same time. Default 64, 1 to 10 000. Each holds a
    /// socket for at most `timeout`.
    pub max_concurrent: usize,
    /// So many addresses are tried in a second, in bursts of as many. Default 200, 1 to 100 000.
    pub per_second: u32,
    /// So many suspicions wait for their turn; more are dropped, and then the lease decides.
    /// Default 10 000, 1 to 1 000 000. Each takes about a hundred bytes.
    pub most_waiting: usize,
}

impl Default for ProbeConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            allow: Vec::new(),
            timeout: Duration::from_millis(500),
            max_concurrent: 64,
            per_second: 200,
            most_waiting: 10_000,
        }
    }
}

impl ProbeConfig {
    /// What is out of range; fields without the section's name.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut within = |field, value: usize, range: std::ops::RangeInclusive<usize>| {
            if !range.contains(&value) {
                let expected = format!("a whole number from {} to {}", range.start(), range.end());
                faults.push(Fault::new(field, value, expected));
            }
        };
        within("max_concurrent", self.max_concurrent, 1..=10_000);
        within("per_second", self.per_second as usize, 1..=100_000);
        within("most_waiting", self.most_waiting, 1..=1_000_000);
        if !(Duration::from_millis(1)..=Duration::from_secs(60)).contains(&self.timeout) {
            faults.push(Fault::new(
                "timeout",
                format!("{:?}", self.timeout),
                "a span of time from 1ms to 60s",
            ));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_in_range_and_each_bound_is_told_by_its_field() {
        assert!(ProbeConfig::default().faults().is_empty());
        let beyond = ProbeConfig {
            timeout: Duration::ZERO,
            max_concurrent: 0,
            per_second: 100_001,
            most_waiting: 1_000_001,
            ..ProbeConfig::default()
        };
        let fields: Vec<_> = beyond.faults().into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["max_concurrent", "per_second", "most_waiting", "timeout"]);
    }
}
