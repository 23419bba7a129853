//! What is shown, as JSON. Member names and types are exactly Eureka's: Spring's clients refuse
//! an instance with a member that they do not know.

use lubdub_core::model::Metadata;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::instance::Port;
use super::shown::{EMPTY_MAP, Shown, action_name, class_and_name, kept_in_compact};
use super::stored::StoredDataCenter;

/// Appends an instance in full, without the `instance` root.
pub(crate) fn full_json(shown: &Shown<'_>, out: &mut Vec<u8>) {
    write(&Full(shown), out);
}

/// Appends an instance in its compact form.
pub(crate) fn compact_json(shown: &Shown<'_>, out: &mut Vec<u8>) {
    write(&Compact(shown), out);
}

/// Appends a text with its quotes.
pub(crate) fn quoted(text: &str, out: &mut Vec<u8>) {
    write(text, out);
}

fn write<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    serde_json::to_writer(out, value)
        .expect("invariant: texts, numbers and maps of texts always become JSON");
}

struct Full<'a>(&'a Shown<'a>);
struct Compact<'a>(&'a Shown<'a>);

impl Serialize for Full<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = self.0;
        let mut map = serializer.serialize_map(None)?;
        optional(&mut map, "instanceId", shown.instance_id.as_deref())?;
        map.serialize_entry("hostName", shown.host_name)?;
        map.serialize_entry("app", shown.app)?;
        map.serialize_entry("ipAddr", shown.ip_addr)?;
        optional(&mut map, "sid", shown.sid)?;
        map.serialize_entry("status", shown.status.name())?;
        map.serialize_entry("overriddenStatus", shown.overridden_status.name())?;
        map.serialize_entry("port", &PortJson(shown.port))?;
        map.serialize_entry("securePort", &PortJson(shown.secure_port))?;
        map.serialize_entry("countryId", &shown.country_id)?;
        map.serialize_entry("dataCenterInfo", &DataCenterJson { of: &shown.data_center, compact: false })?;
        map.serialize_entry("leaseInfo", &LeaseJson(shown))?;
        map.serialize_entry("metadata", &MetadataJson(&shown.metadata))?;
        optional(&mut map, "appGroupName", shown.app_group_name)?;
        optional(&mut map, "homePageUrl", shown.home_page_url.as_deref())?;
        optional(&mut map, "statusPageUrl", shown.status_page_url.as_deref())?;
        optional(&mut map, "healthCheckUrl", shown.health_check_url.as_deref())?;
        optional(&mut map, "secureHealthCheckUrl", shown.secure_health_check_url.as_deref())?;
        optional(&mut map, "vipAddress", shown.vip_address)?;
        optional(&mut map, "secureVipAddress", shown.secure_vip_address)?;
        map.serialize_entry("isCoordinatingDiscoveryServer", "false")?;
        map.serialize_entry("lastUpdatedTimestamp", &Text(shown.last_updated))?;
        map.serialize_entry("lastDirtyTimestamp", &Text(shown.last_dirty))?;
        optional(&mut map, "asgName", shown.asg_name)?;
        map.serialize_entry("actionType", action_name(shown.action))?;
        map.end()
    }
}

impl Serialize for Compact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = self.0;
        let mut map = serializer.serialize_map(None)?;
        optional(&mut map, "instanceId", shown.instance_id.as_deref())?;
        map.serialize_entry("hostName", shown.host_name)?;
        map.serialize_entry("app", shown.app)?;
        map.serialize_entry("ipAddr", shown.ip_addr)?;
        map.serialize_entry("status", shown.status.name())?;
        map.serialize_entry("port", &PortJson(shown.port))?;
        map.serialize_entry("securePort", &PortJson(shown.secure_port))?;
        map.serialize_entry("dataCenterInfo", &DataCenterJson { of: &shown.data_center, compact: true })?;
        optional(&mut map, "vipAddress", shown.vip_address)?;
        optional(&mut map, "secureVipAddress", shown.secure_vip_address)?;
        // A number here, though a text in the full form.
        map.serialize_entry("lastUpdatedTimestamp", &shown.last_updated)?;
        optional(&mut map, "asgName", shown.asg_name)?;
        map.serialize_entry("actionType", action_name(shown.action))?;
        map.end()
    }
}

fn optional<M: SerializeMap>(map: &mut M, name: &'static str, value: Option<&str>) -> Result<(), M::Error> {
    value.map_or(Ok(()), |value| map.serialize_entry(name, value))
}

/// A number written as a text.
struct Text(u64);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

struct PortJson(Port);

impl Serialize for PortJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("$", &self.0.number)?;
        map.serialize_entry("@enabled", if self.0.enabled { "true" } else { "false" })?;
        map.end()
    }
}

struct DataCenterJson<'a> {
    of: &'a StoredDataCenter<'a>,
    compact: bool,
}

impl Serialize for DataCenterJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (class, name) = class_and_name(self.of);
        let mut map = serializer.serialize_map(None)?;
        // First, because Java must know the class before it reads on.
        map.serialize_entry("@class", class)?;
        map.serialize_entry("name", name)?;
        if let StoredDataCenter::Amazon(entries) = self.of {
            map.serialize_entry("metadata", &AmazonJson { entries, compact: self.compact })?;
        }
        map.end()
    }
}

struct AmazonJson<'a> {
    entries: &'a [(&'a str, &'a str)],
    compact: bool,
}

impl Serialize for AmazonJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kept = self.entries.iter().filter(|(name, _)| !self.compact || kept_in_compact(name));
        serializer.collect_map(kept.copied())
    }
}

struct LeaseJson<'a>(&'a Shown<'a>);

impl Serialize for LeaseJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lease = &self.0.lease;
        let mut map = serializer.serialize_map(Some(6))?;
        map.serialize_entry("renewalIntervalInSecs", &lease.renewal_interval_secs)?;
        map.serialize_entry("durationInSecs", &lease.duration_secs)?;
        map.serialize_entry("registrationTimestamp", &lease.registered)?;
        map.serialize_entry("lastRenewalTimestamp", &lease.last_renewal)?;
        map.serialize_entry("evictionTimestamp", &lease.evicted)?;
        map.serialize_entry("serviceUpTimestamp", &lease.service_up)?;
        map.end()
    }
}

struct MetadataJson<'a>(&'a Metadata);

impl Serialize for MetadataJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_empty() {
            return serializer.collect_map([("@class", EMPTY_MAP)]);
        }
        serializer.collect_map(self.0.iter())
    }
}
