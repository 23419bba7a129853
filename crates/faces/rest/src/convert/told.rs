//! History, events and departures.

use lubdub_core::feed::{FeedEntry, Filter};
use lubdub_core::history::HistoryEntry;
use lubdub_core::model::Status;
use lubdub_core::view::Catalog;
use lubdub_core::{Change, Revision, Snapshot};

use super::cause::cause;
use crate::query::DepartureFilter;
use crate::wire::{Departure, Departures, Entry, Event, Events, Reset, Time};

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
        service: key.service().to_string(),
        id: key.id().to_owned(),
        node: key.node().to_owned(),
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

/// Who left lately, the newest first.
pub(crate) fn departures(snapshot: &Snapshot, filter: &DepartureFilter) -> Departures {
    let wanted = Filter { service: filter.service.clone() };
    let left = snapshot.history.newest_first();
    let left = left.filter(|entry| entry.status.is_none() && wanted.passes(&entry.key)).take(filter.limit);
    Departures {
        revision: snapshot.catalog.revision().0,
        departures: left.map(|entry| departure(entry, &snapshot.catalog)).collect(),
    }
}

fn departure(entry: &HistoryEntry, catalog: &Catalog) -> Departure {
    let key = &entry.key;
    Departure {
        revision: entry.revision.0,
        at: Time(entry.at),
        service: key.service().to_string(),
        id: key.id().to_owned(),
        node: key.node().to_owned(),
        cause: cause(&entry.cause),
        registered: catalog.listed(key).is_some(),
    }
}

pub(crate) fn reset(catalog: &Catalog) -> Reset {
    Reset {
        revision: catalog.revision().0,
        services: catalog.service_count(),
        instances: catalog.counts().total(),
    }
}
