//! What the registry knows → what Eureka shows.

use std::borrow::Cow;
use std::time::Duration;

use lubdub_core::model::{LeaseTerms, Metadata, Precedence, Profile, Status};
use lubdub_core::view::Listed;
use lubdub_core::{Moment, WallTime};

use super::{DEFAULT_DURATION_SECS, DEFAULT_INTERVAL_SECS};
use crate::wire::{Facts, LeaseShown, Port, Shown, StoredDataCenter, StoredFacts};

/// An instance as it is shown at `now`, under an application's name in upper case. `left` is
/// when it left, if it did. One that another protocol registered has defaults: its address for
/// `hostName`, its service for the VIP addresses, its own data centre; facts that Eureka has no
/// field for are shown in its metadata, by the names that clients of Eureka's know.
pub(crate) fn shown<'a>(listed: &'a Listed, app: &'a str, now: Moment, left: Option<WallTime>) -> Shown<'a> {
    let instance = &*listed.instance;
    let profile = &*instance.profile;
    let StoredFacts { facts, addresses, is_own } = stored(listed);
    let id = instance.key.id();
    let instance_id = match instance.key.node() {
        "" => facts.id_given.then_some(Cow::Borrowed(id)),
        node => Some(Cow::Owned(format!("{id}@{node}"))),
    };
    Shown {
        instance_id,
        host_name: facts.host_name,
        app,
        ip_addr: &instance.address.host,
        sid: facts.sid,
        status: instance.effective_status(),
        overridden_status: instance.status_override.unwrap_or(Status::Unknown),
        port: Port { number: facts.port, enabled: facts.port_enabled },
        secure_port: Port { number: facts.secure_port, enabled: facts.secure_port_enabled },
        country_id: facts.country_id,
        data_center: facts.data_center,
        lease: lease(listed, now, left),
        metadata: if is_own { Cow::Borrowed(&profile.metadata) } else { Cow::Owned(with_facts(profile)) },
        app_group_name: facts.app_group_name,
        home_page_url: addresses.whole(facts.home_page_url),
        status_page_url: addresses.whole(facts.status_page_url),
        health_check_url: addresses.whole(facts.health_check_url),
        secure_health_check_url: addresses.whole(facts.secure_health_check_url),
        vip_address: facts.vip_address,
        secure_vip_address: facts.secure_vip_address,
        asg_name: facts.asg_name,
        last_updated: instance.updated_at.0,
        last_dirty: instance.precedence.map_or(instance.updated_at.0, |Precedence(millis)| millis),
        action: listed.action,
    }
}

fn stored(listed: &Listed) -> StoredFacts<'_> {
    StoredFacts::read(&listed.instance).unwrap_or_else(|| elsewhere(listed).into())
}

/// Eureka's facts of an instance that another protocol registered.
fn elsewhere(listed: &Listed) -> Facts<'_> {
    let address = &listed.instance.address;
    let service = listed.instance.key.service().as_str();
    Facts {
        id_given: true,
        host_name: &address.host,
        port: address.port.unwrap_or(0),
        port_enabled: address.port.is_some(),
        secure_port: address.secure_port.unwrap_or(0),
        secure_port_enabled: address.secure_port.is_some(),
        country_id: 1,
        data_center: StoredDataCenter::MyOwn,
        sid: None,
        home_page_url: None,
        status_page_url: None,
        health_check_url: None,
        secure_health_check_url: None,
        vip_address: Some(service),
        secure_vip_address: Some(service),
        asg_name: None,
        app_group_name: listed.instance.profile.group.as_deref(),
    }
}

/// Metadata with what the profile's fields say. A field outranks an entry of its name.
fn with_facts(profile: &Profile) -> Metadata {
    let facts: Vec<_> = profile.named_facts().collect();
    profile.metadata.with(facts.iter().map(|(name, words)| (*name, &**words)))
}

fn lease(listed: &Listed, now: Moment, left: Option<WallTime>) -> LeaseShown {
    let instance = &listed.instance;
    let terms = instance.checks.first().map(|check| check.lease);
    let beat = listed.leases.first().map(|lease| now.wall_at(lease.read().beat()));
    LeaseShown {
        renewal_interval_secs: terms.as_ref().map_or(DEFAULT_INTERVAL_SECS, |terms| whole(terms.interval())),
        duration_secs: terms.as_ref().map_or(DEFAULT_DURATION_SECS, |terms: &LeaseTerms| whole(terms.ttl())),
        registered: instance.registered_at.0,
        // A beat may be newer than `now`; nothing is shown to be in the future.
        last_renewal: beat.unwrap_or(instance.registered_at).min(now.wall).0,
        evicted: left.unwrap_or_default().0,
        service_up: instance.up_at.unwrap_or_default().0,
    }
}

/// Seconds, rounded up: a lease of less than a second is not shown as none.
fn whole(span: Duration) -> u64 {
    span.as_secs() + u64::from(span.subsec_nanos() > 0)
}

/// Whether an instance is offered under a VIP address (or a secure one): an exact match with
/// one of the comma-separated names that it gave.
pub(crate) fn has_vip(listed: &Listed, vip: &str, secure: bool) -> bool {
    let facts = stored(listed).facts;
    let names = if secure { facts.secure_vip_address } else { facts.vip_address };
    names.is_some_and(|names| names.split(',').any(|name| name == vip))
}
