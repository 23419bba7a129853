//! What a registrant wrote → what it asks the registry for.

use std::sync::Arc;
use std::time::Duration;

use lubdub_core::model::{Address, CheckId, InstanceKey, Metadata, Precedence, Profile, Status};
use lubdub_core::{CheckTerms, Fault, Registration, StatusRule, WallTime};

use super::{DEFAULT_DURATION_SECS, DEFAULT_INTERVAL_SECS, service_name};
use crate::wire::{DataCenter, Facts, Instance, Port, StoredDataCenter};

/// What an instance asks for when it registers under the application `path_app`.
///
/// # Errors
///
/// The first thing that is missing or contradicts the path, in the order in which Eureka
/// looks.
pub(crate) fn registration(
    instance: &Instance,
    path_app: &str,
    status_rule: StatusRule,
    now: WallTime,
) -> Result<Registration, Fault> {
    let (id, id_given) = identity(instance)?;
    let host_name = required("hostName", instance.host_name.as_deref(), "a host name or address")?;
    let ip_addr = required("ipAddr", instance.ip_addr.as_deref(), "an IP address")?;
    let app = required("app", instance.app.as_deref(), "a name")?;
    if app.to_uppercase() != path_app.to_uppercase() {
        return Err(Fault::new("app", app, format!("{path_app:?}, the name in the path")));
    }
    let data_center = stored(&instance.data_center, id);
    let app_group_name = instance.app_group_name.as_deref().filter(|group| !group.is_empty());
    let app_group_name = app_group_name.map(str::to_uppercase);
    let facts = Facts {
        id_given,
        host_name,
        port: instance.port.number,
        port_enabled: instance.port.enabled,
        secure_port: instance.secure_port.number,
        secure_port_enabled: instance.secure_port.enabled,
        country_id: instance.country_id,
        data_center,
        sid: instance.sid.as_deref().filter(|sid| !matches!(*sid, "na" | "unknown")),
        home_page_url: instance.home_page_url.as_deref(),
        status_page_url: instance.status_page_url.as_deref(),
        health_check_url: instance.health_check_url.as_deref(),
        secure_health_check_url: instance.secure_health_check_url.as_deref(),
        vip_address: instance.vip_address.as_deref(),
        secure_vip_address: instance.secure_vip_address.as_deref(),
        asg_name: instance.asg_name.as_deref(),
        app_group_name: app_group_name.as_deref(),
    };
    // What else it is has a name in its metadata, where the registry finds it.
    let zone = instance.data_center.entry("availability-zone").filter(|zone| !zone.is_empty());
    // The field proper has lost its case.
    let in_metadata = instance.metadata.iter().any(|(name, group)| name == "group" && !group.is_empty());
    let dirty = instance.last_dirty_timestamp.map_or(now.0, |millis| u64::try_from(millis).unwrap_or(0));
    let address = Address {
        host: ip_addr.into(),
        port: in_use(instance.port),
        secure_port: in_use(instance.secure_port),
    };
    let check = CheckTerms {
        id: CheckId::HEARTBEAT,
        ttl: seconds(instance.lease_duration_secs, DEFAULT_DURATION_SECS),
        interval: seconds(instance.renewal_interval_secs, DEFAULT_INTERVAL_SECS),
    };
    let carried = instance.overridden_status;
    Ok(Registration {
        profile: Profile {
            group: facts.app_group_name.filter(|_| !in_metadata).map(Arc::from),
            zone: zone.map(Arc::from),
            metadata: Metadata::new(instance.metadata.iter().map(|(name, value)| (name, value))),
            origin: Some(facts.to_origin(ip_addr)),
            ..Profile::default()
        },
        reported: instance.status,
        carried_override: (carried != Status::Unknown).then_some(carried),
        status_rule,
        precedence: Some(Precedence(dirty)),
        ..Registration::new(InstanceKey::new(&service_name(app), id), address, check)
    })
}

/// The id of an instance, and whether it gave one itself.
fn identity(instance: &Instance) -> Result<(&str, bool), Fault> {
    let given = instance.instance_id.as_deref();
    let derived = || instance.data_center.entry("instance-id").filter(|id| !id.trim().is_empty());
    let id = given.or_else(derived).or(instance.host_name.as_deref());
    Ok((required("instanceId", id, "an id, or a hostName to stand for it")?, given.is_some()))
}

fn required<'a>(field: &'static str, value: Option<&'a str>, expected: &str) -> Result<&'a str, Fault> {
    value.ok_or_else(|| Fault::new(field, "", expected))
}

/// Amazon's description always has an `instance-id`.
fn stored<'a>(data_center: &'a DataCenter, id: &'a str) -> StoredDataCenter<'a> {
    match data_center {
        DataCenter::MyOwn => StoredDataCenter::MyOwn,
        DataCenter::Netflix => StoredDataCenter::Netflix,
        DataCenter::Amazon(entries) => {
            let mut entries: Vec<_> =
                entries.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            if data_center.entry("instance-id").is_none_or(|id| id.trim().is_empty()) {
                entries.retain(|(name, _)| *name != "instance-id");
                entries.push(("instance-id", id));
            }
            StoredDataCenter::Amazon(entries)
        }
    }
}

fn in_use(port: Port) -> Option<u16> {
    (port.enabled && port.number > 0).then_some(port.number)
}

fn seconds(asked: Option<i64>, default: u64) -> Duration {
    let asked = asked.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
    Duration::from_secs(asked.unwrap_or(default))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::read_instance;
    use crate::wire::{Format, StoredFacts};

    const NOW: WallTime = WallTime(5_000);

    fn asked(more: &str) -> Result<Registration, Fault> {
        let json = format!(
            r#"{{"instance":{{"instanceId":"i-1","app":"orders","hostName":"h","ipAddr":"10.0.0.7",
            "dataCenterInfo":{{"name":"MyOwn"}}{more}}}}}"#
        );
        registration(&read_instance(Format::Json, &json).unwrap(), "ORDERS", StatusRule::KeepStored, NOW)
    }

    fn lease(more: &str) -> (u64, u64) {
        let check = asked(&format!(r#","leaseInfo":{more}"#)).unwrap().checks.remove(0);
        (check.ttl.as_secs(), check.interval.as_secs())
    }

    #[test]
    fn a_lease_lasts_as_long_as_asked_and_ninety_seconds_otherwise() {
        assert_eq!(lease("null"), (90, 30));
        assert_eq!(lease(r#"{"durationInSecs":7,"renewalIntervalInSecs":2}"#), (7, 2));
        assert_eq!(lease(r#"{"durationInSecs":0,"renewalIntervalInSecs":-1}"#), (90, 30));
        assert_eq!(lease(r#"{"durationInSecs":-5}"#), (90, 30));
    }

    #[test]
    fn precedence_is_the_dirty_timestamp_or_else_the_time_of_arrival() {
        assert_eq!(asked("").unwrap().precedence, Some(Precedence(5_000)));
        assert_eq!(asked(r#","lastDirtyTimestamp":"17""#).unwrap().precedence, Some(Precedence(17)));
    }

    #[test]
    fn only_a_known_override_is_carried_along() {
        assert_eq!(asked("").unwrap().carried_override, None);
        assert_eq!(asked(r#","overriddenStatus":"UNKNOWN""#).unwrap().carried_override, None);
        let carried = asked(r#","overriddenstatus":"OUT_OF_SERVICE""#).unwrap().carried_override;
        assert_eq!(carried, Some(Status::OutOfService));
    }

    #[test]
    fn only_ports_in_use_are_part_of_the_address() {
        let ports = |more| {
            let address = asked(more).unwrap().address;
            (address.port, address.secure_port)
        };
        assert_eq!(ports(""), (Some(7001), None));
        assert_eq!(
            ports(r#","port":{"$":0,"@enabled":"true"},"securePort":{"$":443,"@enabled":"true"}"#),
            (None, Some(443))
        );
        assert_eq!(ports(r#","port":{"$":80,"@enabled":"false"}"#), (None, None));
    }

    #[test]
    fn a_field_proper_tells_the_zone_before_metadata_does_and_the_group_after_it() {
        let zone = |more| asked(more).unwrap().profile.zone;
        assert_eq!(zone("").as_deref(), None);
        // The registry finds it there.
        assert_eq!(zone(r#","metadata":{"zone":"a"}"#).as_deref(), None);
        let group = |more| asked(more).unwrap().profile.group;
        assert_eq!(group(r#","appGroupName":"Blue""#).as_deref(), Some("BLUE"));
        assert_eq!(group(r#","appGroupName":"Blue","metadata":{"group":""}"#).as_deref(), Some("BLUE"));
        assert_eq!(group(r#","appGroupName":"Blue","metadata":{"group":"Blue"}"#).as_deref(), None);
        let amazon = r#","metadata":{"zone":"a"},
            "dataCenterInfo":{"name":"Amazon","metadata":{"availability-zone":"us-east-1c"}}"#;
        assert_eq!(zone(amazon).as_deref(), Some("us-east-1c"));
    }

    #[test]
    fn an_id_is_derived_where_none_is_given_and_amazon_gets_it() {
        let read = |info: &str| {
            let json = format!(
                r#"{{"instance":{{"app":"ORDERS","hostName":"h","ipAddr":"10.0.0.7","dataCenterInfo":{info}}}}}"#
            );
            let asked = registration(
                &read_instance(Format::Json, &json).unwrap(),
                "orders",
                StatusRule::KeepStored,
                NOW,
            )
            .unwrap();
            let facts =
                StoredFacts::of(asked.profile.origin.as_ref(), &asked.address.host, None).unwrap().facts;
            assert!(!facts.id_given);
            (asked.key.id().to_owned(), format!("{:?}", facts.data_center))
        };
        assert_eq!(read(r#"{"name":"MyOwn"}"#), ("h".into(), "MyOwn".into()));
        let amazon = read(r#"{"name":"Amazon","metadata":{"instance-id":"i-7"}}"#);
        assert_eq!(amazon, ("i-7".into(), r#"Amazon([("instance-id", "i-7")])"#.into()));
        let filled = read(r#"{"name":"Amazon","metadata":{"ami-id":"x"}}"#);
        assert_eq!(filled, ("h".into(), r#"Amazon([("ami-id", "x"), ("instance-id", "h")])"#.into()));
    }
}
