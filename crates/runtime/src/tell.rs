//! What the log says of changes and of the guard, always in the same fields: `service`,
//! `instance`, `cause`, `revision`.
//!
//! Routine is told at debug; what the registry concluded about somebody, or an operator did, at
//! info; that the guard holds, at warn. No field holds a secret.

use lubdub_core::guard::{GuardReport, Scope, ScopeReport, ScopeState};
use lubdub_core::{Cause, Change, Revision};

/// Tells of a change that is true from now on.
pub(crate) fn change(change: &Change, revision: Revision) {
    let key = change.key();
    let (service, instance, cause) = (key.service().as_str(), key.id(), change.cause().name());
    let revision = revision.0;
    match change.cause() {
        Cause::Expired(silence) => tracing::info!(
            service,
            instance,
            cause,
            revision,
            check = silence.check.as_str(),
            silent_millis = silence.silent,
            ttl_millis = silence.ttl,
            excused_millis = silence.excused,
            "left: no renewal in time"
        ),
        Cause::Refused(refusal) => tracing::info!(
            service,
            instance,
            cause,
            revision,
            address = %refusal.address,
            suspicion = ?refusal.suspicion,
            silent_millis = refusal.silent,
            "left: its address refused a connection"
        ),
        Cause::ConnectionLost(loss) => tracing::info!(
            service,
            instance,
            cause,
            revision,
            closed_millis = loss.closed,
            silent_millis = loss.silent,
            "left: the connection of its session closed"
        ),
        Cause::Suspected(figures) => tracing::info!(
            service,
            instance,
            cause,
            revision,
            closed = figures.silent,
            sessions = figures.hosts,
            "held: the connections of too many sessions closed at once"
        ),
        other => {
            if let Some(operator) = other.sender().and_then(|sender| sender.operator.as_deref()) {
                tracing::info!(service, instance, cause, revision, operator, "changed by an operator");
            } else {
                tracing::debug!(service, instance, cause, revision, "changed");
            }
        }
    }
}

/// Tells of scopes that the guard began to hold, or holds no more.
pub(crate) fn guard(before: &GuardReport, after: &GuardReport) {
    for report in began(before, after) {
        tracing::warn!(
            scope = report.scope.kind(),
            name = report.scope.name(),
            hosts = report.arithmetic.hosts,
            silent = report.arithmetic.silent,
            tolerated = report.arithmetic.tolerated,
            "the guard holds: {}",
            report.sentence()
        );
    }
    for scope in began(after, before).map(|report| &report.scope) {
        tracing::info!(scope = scope.kind(), name = scope.name(), "the guard holds no more");
    }
}

/// The scopes that are held in `after` and were not in `before`.
fn began<'a>(before: &'a GuardReport, after: &'a GuardReport) -> impl Iterator<Item = &'a ScopeReport> {
    let holds = |scope: &Scope| held(before).any(|report| report.scope == *scope);
    held(after).filter(move |report| !holds(&report.scope))
}

fn held(report: &GuardReport) -> impl Iterator<Item = &ScopeReport> {
    report.scopes.iter().filter(|scope| matches!(scope.state, ScopeState::Holding(_)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lubdub_core::Moment;
    use lubdub_core::guard::{Arithmetic, Episode, Phase};

    use super::*;

    fn report(scopes: &[(Scope, bool)]) -> GuardReport {
        let episode = Episode {
            since: Moment::default(),
            entered: Arithmetic::default(),
            held_hosts: 4,
            held_leases: 4,
            lease_time: Duration::from_secs(90),
            phase: Phase::Listening { until: Moment::default(), kept_percent: None },
        };
        let scope = |(scope, held): &(Scope, bool)| ScopeReport {
            scope: scope.clone(),
            arithmetic: Arithmetic::default(),
            state: if *held { ScopeState::Holding(episode.clone()) } else { ScopeState::Open },
        };
        GuardReport { scopes: scopes.iter().map(scope).collect(), ..GuardReport::default() }
    }

    #[test]
    fn only_scopes_whose_hold_began_or_ended_are_told() {
        let zone = || Scope::Zone("eu-1".into());
        let quiet = report(&[(Scope::Registry, false)]);
        let held = report(&[(Scope::Registry, true), (zone(), true)]);
        let zone_only = report(&[(Scope::Registry, false), (zone(), true)]);
        let told = |before, after| began(before, after).map(|it| it.scope.clone()).collect::<Vec<_>>();
        assert_eq!(told(&quiet, &held), [Scope::Registry, zone()]);
        assert_eq!(told(&held, &held), []);
        assert_eq!(told(&zone_only, &held), [Scope::Registry]);
        assert_eq!(told(&zone_only, &quiet), []);
        // What ended is what began the other way round.
        assert_eq!(told(&quiet, &zone_only), [zone()]);
    }
}
