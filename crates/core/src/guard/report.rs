//! [`GuardReport`]: the guard's arithmetic, for people and machines.

use std::time::Duration;

use super::{GuardConfig, Scope};
use crate::command::Sender;
use crate::tick::{Moment, WallTime};

/// The guard's arithmetic at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GuardReport {
    /// By which rules.
    pub rules: GuardConfig,
    /// The registry first, then every zone and service that is held, by kind and name.
    pub scopes: Vec<ScopeReport>,
    /// What was over lately, the newest first; at most 32.
    pub past: Vec<PastEpisode>,
    /// How many beats a minute all leases together promise.
    pub promised_per_minute: u64,
}

/// Hosts of a scope, at one moment. Only hosts that were heard since the registry started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Arithmetic {
    /// Hosts, with those that left lately.
    pub hosts: usize,
    /// Of these, those that are silent or left for their silence within one lease time.
    pub silent: usize,
    /// More silent hosts than this are held.
    pub tolerated: usize,
}

/// A scope at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeReport {
    /// Which.
    pub scope: Scope,
    /// Its hosts now.
    pub arithmetic: Arithmetic,
    /// What the guard does.
    pub state: ScopeState,
}

/// What the guard does in a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeState {
    /// The guard is switched off.
    Off,
    /// Too few hosts to be guarded.
    TooFewHosts,
    /// Lets the silent leave.
    Open,
    /// Holds.
    Holding(Episode),
}

/// A scope that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    /// Since when.
    pub since: Moment,
    /// What made it hold.
    pub entered: Arithmetic,
    /// Hosts with held leases.
    pub held_hosts: usize,
    /// Held leases.
    pub held_leases: usize,
    /// Its lease time: the longest time-to-live that is held.
    pub lease_time: Duration,
    /// What it is waiting for.
    pub phase: Phase,
}

/// What a held scope is waiting for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Whether the hosts that are left are heard well.
    Listening {
        /// When that is judged next.
        until: Moment,
        /// How many of a hundred promised beats came, when it was judged last.
        kept_percent: Option<u8>,
    },
    /// The others are heard well, so the silent are dead: they leave a few at a time.
    Draining {
        /// How many of a hundred promised beats came.
        kept_percent: u8,
        /// How many hosts leave in one lease time.
        hosts_per_lease_time: usize,
        /// When the next one leaves.
        next: Moment,
    },
    /// An operator lets them go.
    Released {
        /// Who.
        by: Sender,
    },
}

/// A scope that was held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastEpisode {
    /// Which.
    pub scope: Scope,
    /// From here
    pub since: WallTime,
    /// to here.
    pub until: WallTime,
    /// What made it hold.
    pub entered: Arithmetic,
    /// How many held leases were heard again.
    pub returned: usize,
    /// How many left, as dead or by hand.
    pub left: usize,
}

/// What an operator's release let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// So many hosts,
    pub hosts: usize,
    /// with so many leases.
    pub leases: usize,
}

impl ScopeReport {
    /// The arithmetic, in a sentence.
    pub fn sentence(&self) -> String {
        let Arithmetic { hosts, silent, tolerated } = self.arithmetic;
        let scope = &self.scope;
        match &self.state {
            ScopeState::Off => format!("{scope}: the guard is switched off"),
            ScopeState::TooFewHosts => {
                let are = if hosts == 1 { "is" } else { "are" };
                format!("{scope}: {} {are} too few to be guarded", of_hosts(hosts))
            }
            ScopeState::Open => format!(
                "{scope}: {silent} of {hosts} hosts are silent, up to {tolerated} may leave within one lease time"
            ),
            ScopeState::Holding(episode) => {
                let entered = episode.entered;
                let waits = match &episode.phase {
                    Phase::Listening { kept_percent: None, .. } => {
                        "listening to the others for one lease time".to_owned()
                    }
                    Phase::Listening { kept_percent: Some(kept), .. } => {
                        format!("the others kept only {kept} % of their beats, so they are listened to again")
                    }
                    Phase::Draining { kept_percent, hosts_per_lease_time, .. } => format!(
                        "the others kept {kept_percent} % of their beats, so the silent leave, {} in one lease time",
                        of_hosts(*hosts_per_lease_time)
                    ),
                    Phase::Released { .. } => "an operator lets them go".to_owned(),
                };
                format!(
                    "{scope}: {} of {} hosts fell silent within one lease time, more than {}; {} of {} {} held; {waits}",
                    entered.silent,
                    entered.hosts,
                    entered.tolerated,
                    counted(episode.held_leases, "lease"),
                    of_hosts(episode.held_hosts),
                    if episode.held_leases == 1 { "is" } else { "are" },
                )
            }
        }
    }
}

fn of_hosts(count: usize) -> String {
    counted(count, "host")
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(phase: Phase) -> String {
        let episode = Episode {
            since: Moment::default(),
            entered: Arithmetic { hosts: 20, silent: 8, tolerated: 3 },
            held_hosts: 1,
            held_leases: 2,
            lease_time: Duration::from_secs(90),
            phase,
        };
        let arithmetic = Arithmetic { hosts: 13, silent: 1, tolerated: 3 };
        ScopeReport { scope: Scope::Registry, arithmetic, state: ScopeState::Holding(episode) }.sentence()
    }

    #[test]
    fn a_held_scope_tells_its_arithmetic_and_what_it_waits_for() {
        let until = Moment::default();
        let begin = "the registry: 8 of 20 hosts fell silent within one lease time, more than 3; 2 leases of 1 host are held; ";
        for (phase, waits) in [
            (Phase::Listening { until, kept_percent: None }, "listening to the others for one lease time"),
            (
                Phase::Listening { until, kept_percent: Some(71) },
                "the others kept only 71 % of their beats, so they are listened to again",
            ),
            (
                Phase::Draining { kept_percent: 99, hosts_per_lease_time: 1, next: until },
                "the others kept 99 % of their beats, so the silent leave, 1 host in one lease time",
            ),
            (Phase::Released { by: Sender::default() }, "an operator lets them go"),
        ] {
            assert_eq!(holding(phase), format!("{begin}{waits}"));
        }
    }

    #[test]
    fn a_scope_that_is_not_held_tells_what_may_leave() {
        let told = |state| {
            let arithmetic = Arithmetic { hosts: 40, silent: 1, tolerated: 6 };
            ScopeReport { scope: Scope::Zone("eu-1".into()), arithmetic, state }.sentence()
        };
        assert_eq!(
            told(ScopeState::Open),
            "zone eu-1: 1 of 40 hosts are silent, up to 6 may leave within one lease time"
        );
        assert_eq!(told(ScopeState::TooFewHosts), "zone eu-1: 40 hosts are too few to be guarded");
        assert_eq!(told(ScopeState::Off), "zone eu-1: the guard is switched off");
    }
}
