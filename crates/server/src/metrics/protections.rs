//! What is told of the guard, of damping, and of the addresses that were tried.

use std::fmt;

use lubdub_core::damping::DampingReport;
use lubdub_core::guard::{GuardReport, ScopeState};
use lubdub_runtime::ProbeCounters;

use super::census::Census;
use super::exposition::{Exposition, Family};

const KINDS: [&str; 3] = ["registry", "zone", "service"];

/// The guard: what it expects, and what it holds.
pub(super) fn guard(to: &mut Exposition<'_>, report: &GuardReport, census: Census) -> fmt::Result {
    to.gauge(
        &Family::of(
            "lubdub_promised_renewals_per_minute",
            "Renewals a minute that all leases together promise.",
        ),
        report.promised_per_minute,
    )?;
    to.gauge(
        &Family::of("lubdub_guard_enabled", "1 if the guard is switched on, else 0."),
        u64::from(report.rules.enabled),
    )?;
    let holding = |kind: &str| {
        let held = report.scopes.iter().filter(|scope| matches!(scope.state, ScopeState::Holding(_)));
        held.filter(|scope| scope.scope.kind() == kind).count()
    };
    to.gauges(
        &Family::of("lubdub_guard_holding", "How many scopes of each kind the guard holds."),
        ["scope"],
        KINDS.map(|kind| ([kind], holding(kind))),
    )?;
    to.gauge(
        &Family::of("lubdub_held_leases", "Leases that are due and that the guard holds."),
        census.held_leases,
    )
}

/// Damping: who has a penalty, and who is kept out for it.
pub(super) fn damping(to: &mut Exposition<'_>, reports: &[DampingReport], census: Census) -> fmt::Result {
    to.gauge(&Family::of("lubdub_damped_instances", "Instances that damping keeps out."), census.damped)?;
    to.gauge(
        &Family::of("lubdub_penalised_instances", "Instances with a penalty, kept out or not."),
        reports.len(),
    )
}

/// Probes: addresses of suspects that were tried.
pub(super) fn probes(to: &mut Exposition<'_>, probes: &ProbeCounters) -> fmt::Result {
    to.counters(
        &Family::of("lubdub_probes", "Addresses that were to be tried, by what became of it."),
        ["outcome"],
        [
            (["accepted"], probes.accepted),
            (["refused"], probes.refused),
            (["no_evidence"], probes.no_evidence),
            (["not_allowed"], probes.not_allowed),
            (["dropped"], probes.dropped),
        ],
    )?;
    to.gauge(&Family::of("lubdub_probes_waiting", "Addresses that wait for their turn."), probes.waiting)
}
