//! What the guard does and why.

use lubdub_core::guard::{
    Episode, GuardConfig, GuardReport, MaxHold, PastEpisode, Phase, Released, ScopeReport, ScopeState,
};

use super::cause::{arithmetic, scope, sender};
use super::millis;
use crate::wire::{self, Time};

pub(crate) fn guard(report: &GuardReport, heard_last_minute: u64) -> wire::Guard {
    wire::Guard {
        rules: rules(&report.rules),
        promised_per_minute: report.promised_per_minute,
        heard_last_minute,
        scopes: report.scopes.iter().map(of_scope).collect(),
        past: report.past.iter().map(past).collect(),
    }
}

fn rules(rules: &GuardConfig) -> wire::GuardRules {
    wire::GuardRules {
        enabled: rules.enabled,
        min_hosts: rules.min_hosts,
        tolerated_hosts: rules.tolerated_hosts,
        tolerated_percent: rules.tolerated_percent,
        kept_percent: rules.kept_percent,
        leave_percent: rules.leave_percent,
        max_hold: match rules.max_hold {
            MaxHold::LeaseTimes(times) => wire::LongestHold::LeaseTimes(times),
            MaxHold::Forever => wire::LongestHold::Word("forever"),
        },
    }
}

fn of_scope(report: &ScopeReport) -> wire::GuardScope {
    let wire::Arithmetic { hosts, silent, tolerated } = arithmetic(report.arithmetic);
    let (state, held) = match &report.state {
        ScopeState::Off => ("off", None),
        ScopeState::TooFewHosts => ("too_few_hosts", None),
        ScopeState::Open => ("open", None),
        ScopeState::Holding(held) => ("holding", Some(episode(held))),
    };
    wire::GuardScope {
        scope: scope(&report.scope),
        state,
        sentence: report.sentence(),
        hosts,
        silent,
        tolerated,
        episode: held,
    }
}

fn episode(episode: &Episode) -> wire::Episode {
    let (phase, kept_percent, hosts_per_lease_time, next_at, by) = match &episode.phase {
        Phase::Listening { until, kept_percent } => {
            ("listening", *kept_percent, None, Some(Time(until.wall)), None)
        }
        Phase::Draining { kept_percent, hosts_per_lease_time, next } => {
            ("draining", Some(*kept_percent), Some(*hosts_per_lease_time), Some(Time(next.wall)), None)
        }
        Phase::Released { by } => ("released", None, None, None, Some(sender(by))),
    };
    wire::Episode {
        since: Time(episode.since.wall),
        entered: arithmetic(episode.entered),
        held_hosts: episode.held_hosts,
        held_leases: episode.held_leases,
        lease_time_ms: millis(episode.lease_time),
        phase,
        kept_percent,
        hosts_per_lease_time,
        next_at,
        by,
    }
}

fn past(past: &PastEpisode) -> wire::PastEpisode {
    wire::PastEpisode {
        scope: scope(&past.scope),
        since: Time(past.since),
        until: Time(past.until),
        entered: arithmetic(past.entered),
        returned: past.returned,
        left: past.left,
    }
}

pub(crate) fn released(released: Released) -> wire::Released {
    wire::Released { released_hosts: released.hosts, released_leases: released.leases }
}

#[cfg(test)]
mod tests;
