//! The model to what is written. Pure: everything that it needs is an argument, the present
//! moment included.

use std::time::Duration;

use lubdub_core::feed::FeedEntry;
use lubdub_core::history::HistoryEntry;
use lubdub_core::lease::cell::LeaseState;
use lubdub_core::model::{Check, InstanceKey, Status, StatusCounts};
use lubdub_core::view::{Catalog, Listed, ServiceView};
use lubdub_core::{Change, Moment, Revision, lease};
use lubdub_runtime::{Condition, JournalState};

use crate::query::{Cursor, InstanceFilter};
use crate::wire::{
    Cause, Counters, Entries, Entry, Event, Events, Instance, Instances, Journal, Lease, Readiness, Reset,
    Restored, Server, Service, Services, Silence, Time,
};

/// More deaf time than this in the last hour is worth a warning: a tenth.
const MUCH_DEAF_TIME: Duration = Duration::from_mins(6);

pub(crate) fn services(catalog: &Catalog) -> Services {
    Services {
        revision: catalog.revision().0,
        services: catalog.services().map(|view| service(view)).collect(),
    }
}

fn service(view: &ServiceView) -> Service {
    Service {
        name: view.name().to_string(),
        instances: view.len(),
        statuses: statuses(view.counts()),
        revision: view.modified().0,
    }
}

fn statuses(counts: &StatusCounts) -> std::collections::BTreeMap<&'static str, usize> {
    Status::ALL
        .into_iter()
        .map(|status| (status.name(), counts.of(status)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// One page of the instances that a filter passes.
pub(crate) fn instances(catalog: &Catalog, filter: &InstanceFilter, now: Moment) -> Instances {
    let one = filter.service.as_deref().map(|name| catalog.service(name));
    let views: Box<dyn Iterator<Item = _>> = match one {
        Some(found) => Box::new(found.into_iter()),
        None => Box::new(catalog.services()),
    };
    let after = filter.after.as_ref();
    let mut passing = views
        .filter(|view| after.is_none_or(|cursor| *view.name() >= cursor.service))
        .flat_map(|view| view.iter())
        .filter(|listed| after.is_none_or(|cursor| is_after(&listed.instance.key, cursor)))
        .filter(|listed| passes(filter, listed));
    let page: Vec<&Listed> = passing.by_ref().take(filter.limit).collect();
    let more = passing.next().is_some();
    let last = page.last().filter(|_| more).map(|listed| cursor(&listed.instance.key));
    Instances {
        revision: catalog.revision().0,
        instances: page.into_iter().map(|listed| instance(listed, now)).collect(),
        next: last.map(|cursor| cursor.to_string()),
    }
}

fn is_after(key: &InstanceKey, cursor: &Cursor) -> bool {
    (&key.service, &key.id, &key.node) > (&cursor.service, &cursor.id, &cursor.node)
}

fn cursor(key: &InstanceKey) -> Cursor {
    Cursor { service: key.service.clone(), id: key.id.clone(), node: key.node.clone() }
}

fn passes(filter: &InstanceFilter, listed: &Listed) -> bool {
    let instance = &listed.instance;
    let same =
        |wanted: &Option<String>, is: Option<&str>| wanted.as_deref().is_none_or(|text| Some(text) == is);
    filter.status.is_none_or(|status| status == instance.effective_status())
        && same(&filter.zone, instance.zone.as_deref())
        && same(&filter.version, instance.version.as_deref())
        && same(&filter.group, instance.group.as_deref())
}

pub(crate) fn instance(listed: &Listed, now: Moment) -> Instance {
    let it = &*listed.instance;
    let text = |value: &Option<std::sync::Arc<str>>| value.as_deref().map(str::to_owned);
    Instance {
        service: it.key.service.to_string(),
        id: it.key.id.to_string(),
        node: it.key.node.as_str().to_owned(),
        status: it.effective_status().name(),
        reported: it.reported.name(),
        status_override: it.status_override.map(Status::name),
        health: it.health().name(),
        address: it.address.to_string(),
        host: it.address.host.to_string(),
        port: it.address.port,
        secure_port: it.address.secure_port,
        version: text(&it.version),
        group: text(&it.group),
        zone: text(&it.zone),
        weight: it.weight,
        tags: it.tags.iter().map(ToString::to_string).collect(),
        metadata: Entries(it.metadata.clone()),
        origin: it.origin.as_ref().map(|origin| origin.face.to_string()),
        generation: it.generation.0,
        registered_at: Time(it.registered_at),
        up_at: it.up_at.map(Time),
        updated_at: Time(it.updated_at),
        revision: listed.modified.0,
        leases: it
            .checks
            .iter()
            .zip(&listed.leases)
            .map(|(check, kept)| lease_of(check, kept, now))
            .collect(),
    }
}

fn lease_of(check: &Check, kept: &lease::Lease, now: Moment) -> Lease {
    let word = kept.read();
    Lease {
        check: check.id.as_str().to_owned(),
        health: check.state.name(),
        state: match word.state() {
            LeaseState::Live => "live",
            LeaseState::Held => "held",
            LeaseState::Refused => "refused",
            LeaseState::Gone => "gone",
        },
        ttl_ms: millis(check.lease.ttl()),
        interval_ms: millis(check.lease.interval()),
        last_beat: (!word.unconfirmed()).then(|| Time(now.wall_at(word.beat()))),
        age_ms: now.tick.millis_since(word.beat()),
        intervals_ms: kept.intervals(),
        unconfirmed: word.unconfirmed(),
    }
}

pub(crate) fn entry(entry: &HistoryEntry) -> Entry {
    Entry {
        revision: entry.revision.0,
        at: Time(entry.at),
        cause: cause(&entry.cause),
        status: entry.status.map(Status::name),
        address: entry.address.as_ref().map(ToString::to_string),
    }
}

/// What happened after a revision, at most about `limit` of it; where to go on from.
///
/// Changes of one transaction share a revision and are never torn apart: a reader that goes
/// on from the revision given misses none of them.
pub(crate) fn page_of(
    mut changes: Vec<FeedEntry>,
    upto: Revision,
    limit: usize,
) -> (Vec<FeedEntry>, Revision) {
    let Some(last) = changes.get(limit.saturating_sub(1)).map(|entry| entry.revision) else {
        return (changes, upto);
    };
    let end = changes.partition_point(|entry| entry.revision <= last);
    if end == changes.len() {
        return (changes, upto);
    }
    changes.truncate(end);
    (changes, last)
}

pub(crate) fn events(changes: Vec<FeedEntry>, upto: Revision, limit: usize) -> Events {
    let (page, revision) = page_of(changes, upto, limit);
    Events { revision: revision.0, reset: false, events: page.iter().map(event).collect() }
}

pub(crate) fn event(entry: &FeedEntry) -> Event {
    let key = entry.change.key();
    let instance = entry.change.instance();
    Event {
        revision: entry.revision.0,
        at: Time(entry.at),
        service: key.service.to_string(),
        id: key.id.to_string(),
        node: key.node.as_str().to_owned(),
        change: match entry.change {
            Change::Registered { .. } => "registered",
            Change::Updated { .. } => "updated",
            Change::Removed { .. } => "removed",
        },
        cause: cause(entry.change.cause()),
        status: instance.map(|instance| instance.effective_status().name()),
        address: instance.map(|instance| instance.address.to_string()),
    }
}

pub(crate) fn reset(catalog: &Catalog) -> Reset {
    Reset {
        revision: catalog.revision().0,
        services: catalog.service_count(),
        instances: catalog.counts().total(),
    }
}

fn cause(cause: &lubdub_core::Cause) -> Cause {
    let sender = cause.sender();
    Cause {
        name: cause.name(),
        face: sender.map(|sender| sender.face).filter(|face| !face.is_empty()),
        address: sender.and_then(|sender| sender.address).map(|address| address.to_string()),
        silence: match cause {
            lubdub_core::Cause::Expired(silence) => Some(silence_of(silence)),
            _ => None,
        },
    }
}

fn silence_of(silence: &lubdub_core::Silence) -> Silence {
    Silence {
        check: silence.check.as_str().to_owned(),
        ttl_ms: silence.ttl,
        interval_ms: silence.interval,
        silent_ms: silence.silent,
        excused_ms: silence.excused,
        intervals_ms: silence.intervals.clone(),
        unconfirmed: silence.unconfirmed,
    }
}

pub(crate) fn readiness(condition: &Condition, stopping: bool) -> Readiness {
    let mut warnings = Vec::new();
    if let JournalState::Unavailable { reason, unwritten, .. } = &condition.journal {
        warnings.push(format!(
            "the journal does not take what changes ({reason}): {unwritten} instances live in memory only until it does"
        ));
    }
    if condition.deaf_last_hour > MUCH_DEAF_TIME {
        warnings.push(format!(
            "for {} s of the last hour the registry could not hear; it is short of processor time or was suspended",
            condition.deaf_last_hour.as_secs()
        ));
    }
    if let Some(damaged) = condition.restored.as_ref().and_then(|restored| restored.damaged.as_ref()) {
        warnings.push(damaged.clone());
    }
    Readiness {
        status: match (stopping, warnings.is_empty()) {
            (true, _) => "stopping",
            (false, true) => "ready",
            (false, false) => "degraded",
        },
        warnings,
        journal: journal(&condition.journal),
        restored: condition.restored.as_ref().map(restored),
        started_at: Time(condition.started),
        deaf_last_hour_ms: millis(condition.deaf_last_hour),
    }
}

pub(crate) fn server(catalog: &Catalog, condition: &Condition, counters: lubdub_runtime::Counters) -> Server {
    Server {
        version: env!("CARGO_PKG_VERSION"),
        started_at: Time(condition.started),
        revision: catalog.revision().0,
        services: catalog.service_count(),
        instances: catalog.counts().total(),
        journal: journal(&condition.journal),
        deaf_last_hour_ms: millis(condition.deaf_last_hour),
        counters: Counters {
            renewals: counters.renewals,
            renewals_last_minute: counters.renewals_last_minute,
            renewals_unknown: counters.renewals_unknown,
            registrations: counters.registrations,
            deregistrations: counters.deregistrations,
            expirations: counters.expirations,
        },
    }
}

fn journal(state: &JournalState) -> Journal {
    let (state, since, reason, unwritten) = match state {
        JournalState::Memory => ("memory", None, None, None),
        JournalState::Durable => ("durable", None, None, None),
        JournalState::Unavailable { since, reason, unwritten } => {
            ("unavailable", Some(Time(*since)), Some(reason.clone()), Some(*unwritten))
        }
    };
    Journal { state, since, reason, unwritten }
}

fn restored(restored: &lubdub_runtime::Restored) -> Restored {
    Restored {
        instances: restored.instances,
        services: restored.services,
        last_heard: Time(restored.last_heard),
        outage_ms: millis(restored.outage),
        damaged: restored.damaged.clone(),
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
