//! What is told of the registry: beats, changes, instances, the journal, the feed.

use std::fmt;

use lubdub_core::model::Status;
use lubdub_core::view::Catalog;
use lubdub_runtime::{Condition, Counters, Figures, JournalState};

use super::census::Census;
use super::exposition::{Exposition, Family};

/// Beats and what follows from their coming or not.
pub(super) fn beats(to: &mut Exposition<'_>, counters: &Counters) -> fmt::Result {
    let changes = &counters.changes;
    to.counters(
        &Family::of("lubdub_renewals", "Renewals by what became of them."),
        ["outcome"],
        [
            (["renewed"], counters.renewals),
            (["unknown"], counters.renewals_unknown),
            (["other_generation"], counters.renewals_other_generation),
        ],
    )?;
    to.gauge(
        &Family::of("lubdub_heard_renewals_last_minute", "Renewals in the last minute that kept a lease."),
        counters.renewals_last_minute,
    )?;
    to.counters(
        &Family::of("lubdub_registrations", "Registrations that took effect."),
        ["kind"],
        [(["new"], changes.joined), (["again"], changes.reregistered), (["came_back"], changes.came_back)],
    )?;
    to.counters(
        &Family::of("lubdub_departures", "Instances that left, by why."),
        ["cause"],
        [
            (["deregistered"], changes.deregistered),
            (["removed"], changes.removed),
            (["expired"], changes.expired),
            (["refused"], changes.refused),
            (["connection_lost"], changes.connection_lost),
        ],
    )?;
    to.counters(
        &Family::of("lubdub_changes", "Changes of any kind, by their cause."),
        ["cause"],
        changes.by_name().map(|(name, count)| ([name], count)),
    )
}

/// What is registered.
pub(super) fn contents(
    to: &mut Exposition<'_>,
    catalog: &Catalog,
    census: Census,
    leases: usize,
) -> fmt::Result {
    to.gauge(&Family::of("lubdub_services", "Services that have an instance."), catalog.service_count())?;
    to.gauges(
        &Family::of("lubdub_instances", "Instances by the status that consumers are shown."),
        ["status"],
        Status::ALL.map(|status| ([status.name()], catalog.counts().of(status))),
    )?;
    to.gauges(
        &Family::of("lubdub_instances_by_health", "Instances by the worst state of their checks."),
        ["health"],
        [(["passing"], census.passing), (["warning"], census.warning), (["critical"], census.critical)],
    )?;
    to.gauge(&Family::of("lubdub_leases", "Leases that renewals can find."), leases)?;
    to.gauge(
        &Family::of("lubdub_adaptive_leases", "Leases that are judged by what is learnt of their beats."),
        census.adaptive_leases,
    )?;
    to.gauge(
        &Family::of("lubdub_revision", "The revision of the last change; never falls."),
        catalog.revision().0,
    )
}

/// Whether what is registered survives a restart, and what that costs.
pub(super) fn journal(to: &mut Exposition<'_>, condition: &Condition, figures: &Figures) -> fmt::Result {
    let (state, unwritten) = match &condition.journal {
        JournalState::Memory => ("memory", 0),
        JournalState::Durable => ("durable", 0),
        JournalState::Unavailable { unwritten, .. } => ("unavailable", *unwritten),
    };
    to.gauges(
        &Family::of("lubdub_journal_state", "1 for the state in which the journal is, 0 for the others."),
        ["state"],
        ["memory", "durable", "unavailable"].map(|known| ([known], usize::from(known == state))),
    )?;
    to.gauge(
        &Family::of(
            "lubdub_journal_unwritten_instances",
            "Instances that changed while the disk did not answer.",
        ),
        unwritten,
    )?;
    to.histogram(
        &Family::of_seconds("lubdub_journal_commit_duration", "What the journal's commits took."),
        &figures.commits,
    )?;
    to.counter(
        &Family::of("lubdub_journal_failed_commits", "Commits of the journal that failed."),
        figures.commits_failed,
    )
}

/// Who waits for what.
pub(super) fn queues(to: &mut Exposition<'_>, figures: &Figures) -> fmt::Result {
    to.gauge(
        &Family::of("lubdub_commands_waiting", "Registrations and other commands that wait to be decided."),
        figures.commands_waiting,
    )?;
    to.gauge(
        &Family::of("lubdub_commands_waiting_limit", "How many of them may; more are answered 503."),
        figures.most_commands_waiting,
    )?;
    to.gauge(
        &Family::of("lubdub_watchers", "Streams and requests that wait for a change."),
        figures.watchers,
    )?;
    to.gauge(&Family::of("lubdub_watches", "gRPC watches that are open."), figures.watches)?;
    to.gauge(
        &Family::of("lubdub_connected_sessions", "Sessions that have a connection."),
        figures.sessions_connected,
    )?;
    to.gauge(&Family::of("lubdub_sessions", "Sessions, with those that may be resumed."), figures.sessions)?;
    to.gauge(
        &Family::of("lubdub_feed_changes", "Changes from which watchers can resume."),
        figures.feed_changes,
    )?;
    to.gauge(
        &Family::of("lubdub_feed_floor_revision", "The first revision from which a watcher can resume."),
        figures.feed_floor.0,
    )
}

/// Whether the registry hears.
pub(super) fn hearing(to: &mut Exposition<'_>, condition: &Condition, figures: &Figures) -> fmt::Result {
    to.counter(
        &Family::of("lubdub_own_beats", "Own beats that arrived: the registry hears while they come."),
        figures.own_beats,
    )?;
    to.counter(
        &Family::of_seconds("lubdub_deaf", "Time in which the registry could not hear."),
        figures.deaf.as_secs_f64(),
    )?;
    to.gauge(
        &Family::of_seconds(
            "lubdub_deaf_last_hour",
            "How much of the last hour the registry could not hear.",
        ),
        condition.deaf_last_hour.as_secs_f64(),
    )
}
