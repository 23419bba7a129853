//! [`GuardConfig`]: when the guard holds, and for how long.

use crate::reject::Fault;

/// When the guard holds, and for how long. See [`crate::guard`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardConfig {
    /// Whether there is a guard. Default true.
    pub enabled: bool,
    /// A scope with fewer hosts is never held. Default 10, 1 to 1 000 000. Less lets a small
    /// registry keep its dead; more leaves small services without a guard.
    pub min_hosts: usize,
    /// As many hosts may always leave. Default 3, from 0, below `min_hosts`.
    pub tolerated_hosts: usize,
    /// And as many of a hundred. Default 15, 0 to 99.
    pub tolerated_percent: usize,
    /// Of a hundred beats promised by the hosts that are left so many must arrive for the
    /// silent to count as dead. Default 95, 1 to 100.
    pub kept_percent: usize,
    /// Then so many of a hundred hosts leave in one lease time. Default 10, 1 to 100.
    pub leave_percent: usize,
    /// The longest hold of a lease. Default 3 lease times.
    pub max_hold: MaxHold,
}

/// The longest hold of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxHold {
    /// So many of its times-to-live, 1 to 1 000.
    LeaseTimes(u32),
    /// Until it beats, the others prove that we hear well, or an operator says so (Eureka's
    /// rule).
    Forever,
}

impl Default for GuardConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            min_hosts: 10,
            tolerated_hosts: 3,
            tolerated_percent: 15,
            kept_percent: 95,
            leave_percent: 10,
            max_hold: MaxHold::LeaseTimes(3),
        }
    }
}

impl GuardConfig {
    /// What is out of range or contradicts itself; fields without the section's name.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut within = |field, value: usize, range: std::ops::RangeInclusive<usize>| {
            if !range.contains(&value) {
                let expected = format!("a whole number from {} to {}", range.start(), range.end());
                faults.push(Fault::new(field, value, expected));
            }
        };
        within("min_hosts", self.min_hosts, 1..=1_000_000);
        within("tolerated_percent", self.tolerated_percent, 0..=99);
        within("kept_percent", self.kept_percent, 1..=100);
        within("leave_percent", self.leave_percent, 1..=100);
        if let MaxHold::LeaseTimes(times) = self.max_hold {
            within("max_hold", times as usize, 1..=1_000);
        }
        if self.tolerated_hosts >= self.min_hosts {
            let expected = format!("less than guard.min_hosts, which is {}", self.min_hosts);
            faults.push(Fault::new("tolerated_hosts", self.tolerated_hosts, expected));
        }
        faults
    }

    /// How many of `hosts` hosts may fall silent within one lease time.
    pub fn tolerated(&self, hosts: usize) -> usize {
        self.tolerated_hosts.max(hosts * self.tolerated_percent / 100)
    }
}
