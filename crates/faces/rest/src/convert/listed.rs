//! Services and instances, page by page.

use std::collections::BTreeMap;

use lubdub_core::lease::cell::LeaseState;
use lubdub_core::model::{Check, CheckState, PhiLevel, Status, StatusCounts};
use lubdub_core::view::{Catalog, Listed, Marks, ServiceView};
use lubdub_core::{Moment, lease};

use super::millis;
use crate::query::{Cursor, InstanceFilter};
use crate::wire::{Entries, Instance, Instances, Lease, Service, Services, Time};

/// All services, or the one of this name.
pub(crate) fn services(catalog: &Catalog, named: Option<&str>) -> Services {
    let services = match named {
        Some(name) => catalog.service(name).map(|view| service(view)).into_iter().collect(),
        None => catalog.services().map(|view| service(view)).collect(),
    };
    Services { revision: catalog.revision().0, services }
}

fn service(view: &ServiceView) -> Service {
    Service {
        name: view.name().to_string(),
        instances: view.len(),
        statuses: statuses(view.counts()),
        health: health(view),
        held: view.marks().held,
        damped: view.marks().damped,
        revision: view.modified().0,
    }
}

fn statuses(counts: &StatusCounts) -> BTreeMap<&'static str, usize> {
    Status::ALL
        .into_iter()
        .map(|status| (status.name(), counts.of(status)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

fn health(view: &ServiceView) -> BTreeMap<&'static str, usize> {
    let Marks { warning, critical, .. } = view.marks();
    let passing = view.len().saturating_sub(warning + critical);
    [(CheckState::Passing, passing), (CheckState::Warning, warning), (CheckState::Critical, critical)]
        .into_iter()
        .map(|(state, count)| (state.name(), count))
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
        .filter(|view| after.is_none_or(|cursor| view.name() >= cursor.0.service()))
        .flat_map(|view| view.iter())
        .filter(|listed| after.is_none_or(|cursor| listed.instance.key > cursor.0))
        .filter(|listed| passes(filter, listed));
    let page: Vec<&Listed> = passing.by_ref().take(filter.limit).collect();
    let more = passing.next().is_some();
    let last = page.last().filter(|_| more).map(|listed| Cursor::after(&listed.instance.key));
    Instances {
        revision: catalog.revision().0,
        instances: page.into_iter().map(|listed| instance(listed, now)).collect(),
        next: last.map(|cursor| cursor.token(filter.server)),
    }
}

fn passes(filter: &InstanceFilter, listed: &Listed) -> bool {
    let instance = &listed.instance;
    let same =
        |wanted: &Option<String>, is: Option<&str>| wanted.as_deref().is_none_or(|text| Some(text) == is);
    filter.status.is_none_or(|status| status == instance.effective_status())
        && filter.health.is_none_or(|health| health == instance.health())
        && filter.held.is_none_or(|held| held == instance.held)
        && filter.damped.is_none_or(|damped| damped == instance.damped)
        && same(&filter.zone, instance.profile.zone.as_deref())
        && same(&filter.version, instance.profile.version.as_deref())
        && same(&filter.group, instance.profile.group.as_deref())
}

pub(crate) fn instance(listed: &Listed, now: Moment) -> Instance {
    let it = &*listed.instance;
    let text = |value: &Option<std::sync::Arc<str>>| value.as_deref().map(str::to_owned);
    Instance {
        service: it.key.service().to_string(),
        id: it.key.id().to_owned(),
        node: it.key.node().to_owned(),
        status: it.effective_status().name(),
        reported: it.reported.name(),
        status_override: it.status_override.map(Status::name),
        health: it.health().name(),
        held: it.held,
        damped: it.damped,
        address: it.address.to_string(),
        host: it.address.host.to_string(),
        port: it.address.port,
        secure_port: it.address.secure_port,
        version: text(&it.profile.version),
        group: text(&it.profile.group),
        zone: text(&it.profile.zone),
        weight: it.profile.weight,
        tags: it.profile.tags.iter().map(ToString::to_string).collect(),
        metadata: Entries(it.profile.metadata.clone()),
        origin: it.profile.origin.as_ref().map(|origin| origin.face.to_string()),
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
    let allowed = kept.allowance(word);
    Lease {
        check: check.id.as_str().to_owned(),
        health: check.state.name(),
        state: match word.state() {
            LeaseState::Live if kept.is_held() => "held",
            LeaseState::Live => "live",
            LeaseState::Refused => "refused",
            LeaseState::Gone => "gone",
        },
        ttl_ms: millis(check.lease.ttl()),
        phi: check.lease.phi().map(PhiLevel::value),
        allowed_ms: millis(allowed),
        due_at: Time(now.wall_at(word.beat().after(allowed))),
        interval_ms: millis(check.lease.interval()),
        last_beat: (!word.unconfirmed()).then(|| Time(now.wall_at(word.beat()))),
        age_ms: now.tick.millis_since(word.beat()),
        intervals_ms: kept.intervals(),
        unconfirmed: word.unconfirmed(),
    }
}
