//! What is shown, as XML, as Eureka's `XStream` writes it.

use std::fmt::Display;
use std::fmt::Write as _;

use lubdub_core::model::Status;

use super::instance::Port;
use super::shown::{EMPTY_MAP, Shown, action_name, class_and_name, kept_in_compact};
use super::stored::StoredDataCenter;
use super::xml_name;
use crate::wire::Version;

/// Appends an instance in full, as an element `instance`.
pub(crate) fn full_xml(shown: &Shown<'_>, version: Version, out: &mut String) {
    out.push_str("<instance>");
    optional("instanceId", shown.instance_id.as_deref(), out);
    element("hostName", shown.host_name, out);
    element("app", shown.app, out);
    element("ipAddr", shown.ip_addr, out);
    optional("sid", shown.sid, out);
    element("status", told(shown.status, version).name(), out);
    // Lower case in XML, camel case in JSON.
    element("overriddenstatus", told(shown.overridden_status, version).name(), out);
    port("port", shown.port, out);
    port("securePort", shown.secure_port, out);
    plain("countryId", shown.country_id, out);
    data_center(&shown.data_center, false, out);
    lease(shown, out);
    if shown.metadata.is_empty() {
        let _ = write!(out, "<metadata class=\"{EMPTY_MAP}\"/>");
    } else {
        entries(shown.metadata.iter(), out);
    }
    optional("appGroupName", shown.app_group_name, out);
    optional("homePageUrl", shown.home_page_url.as_deref(), out);
    optional("statusPageUrl", shown.status_page_url.as_deref(), out);
    optional("healthCheckUrl", shown.health_check_url.as_deref(), out);
    optional("secureHealthCheckUrl", shown.secure_health_check_url.as_deref(), out);
    optional("vipAddress", shown.vip_address, out);
    optional("secureVipAddress", shown.secure_vip_address, out);
    element("isCoordinatingDiscoveryServer", "false", out);
    plain("lastUpdatedTimestamp", shown.last_updated, out);
    plain("lastDirtyTimestamp", shown.last_dirty, out);
    element("actionType", action_name(shown.action), out);
    optional("asgName", shown.asg_name, out);
    out.push_str("</instance>");
}

/// Appends an instance in its compact form.
pub(crate) fn compact_xml(shown: &Shown<'_>, version: Version, out: &mut String) {
    out.push_str("<instance>");
    optional("instanceId", shown.instance_id.as_deref(), out);
    element("hostName", shown.host_name, out);
    element("app", shown.app, out);
    element("ipAddr", shown.ip_addr, out);
    element("status", told(shown.status, version).name(), out);
    port("port", shown.port, out);
    port("securePort", shown.secure_port, out);
    data_center(&shown.data_center, true, out);
    optional("vipAddress", shown.vip_address, out);
    optional("secureVipAddress", shown.secure_vip_address, out);
    plain("lastUpdatedTimestamp", shown.last_updated, out);
    element("actionType", action_name(shown.action), out);
    optional("asgName", shown.asg_name, out);
    out.push_str("</instance>");
}

/// Appends an element with a text; the element's name is taken as it is.
pub(crate) fn element(name: &str, text: &str, out: &mut String) {
    let _ = write!(out, "<{name}>");
    escape(text, out);
    let _ = write!(out, "</{name}>");
}

/// The first version of the protocol knew three statuses; others are `DOWN` to it.
fn told(status: Status, version: Version) -> Status {
    match (version, status) {
        (Version::V2, status) => status,
        (Version::V1, Status::Up | Status::Down | Status::Starting) => status,
        (Version::V1, Status::OutOfService | Status::Unknown) => Status::Down,
    }
}

fn optional(name: &str, text: Option<&str>, out: &mut String) {
    if let Some(text) = text {
        element(name, text, out);
    }
}

fn plain(name: &str, value: impl Display, out: &mut String) {
    let _ = write!(out, "<{name}>{value}</{name}>");
}

fn port(name: &str, port: Port, out: &mut String) {
    let _ = write!(out, "<{name} enabled=\"{}\">{}</{name}>", port.enabled, port.number);
}

fn data_center(data_center: &StoredDataCenter<'_>, compact: bool, out: &mut String) {
    let (class, name) = class_and_name(data_center);
    let _ = write!(out, "<dataCenterInfo class=\"{class}\"><name>{name}</name>");
    if let StoredDataCenter::Amazon(described) = data_center {
        entries(described.iter().copied().filter(|(name, _)| !compact || kept_in_compact(name)), out);
    }
    out.push_str("</dataCenterInfo>");
}

fn lease(shown: &Shown<'_>, out: &mut String) {
    let lease = &shown.lease;
    out.push_str("<leaseInfo>");
    plain("renewalIntervalInSecs", lease.renewal_interval_secs, out);
    plain("durationInSecs", lease.duration_secs, out);
    plain("registrationTimestamp", lease.registered, out);
    plain("lastRenewalTimestamp", lease.last_renewal, out);
    plain("evictionTimestamp", lease.evicted, out);
    plain("serviceUpTimestamp", lease.service_up, out);
    out.push_str("</leaseInfo>");
}

/// Names and values; an empty name cannot be written in XML and is left out.
fn entries<'a>(entries: impl Iterator<Item = (&'a str, &'a str)>, out: &mut String) {
    out.push_str("<metadata>");
    for (name, value) in entries.filter(|(name, _)| !name.is_empty()) {
        out.push('<');
        xml_name::escape(name, out);
        out.push('>');
        escape(value, out);
        out.push_str("</");
        xml_name::escape(name, out);
        out.push('>');
    }
    out.push_str("</metadata>");
}

/// Appends text as an element's content. Characters that XML cannot hold in any form become
/// the replacement character.
fn escape(text: &str, out: &mut String) {
    let special = |byte: u8| {
        matches!(byte, b'<' | b'>' | b'&' | b'\r') || (byte < 0x20 && byte != b'\n' && byte != b'\t')
    };
    if !text.bytes().any(special) && !text.contains(['\u{fffe}', '\u{ffff}']) {
        out.push_str(text);
        return;
    }
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Readers turn a bare one into a line feed.
            '\r' => out.push_str("&#13;"),
            '\n' | '\t' => out.push(letter),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            _ => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_so_that_it_stays_text() {
        let mut out = String::new();
        element("a", "<b>&amp;\"'\r\n\t\u{1}ä", &mut out);
        assert_eq!(out, "<a>&lt;b&gt;&amp;amp;\"'&#13;\n\t\u{fffd}ä</a>");
    }

    #[test]
    fn the_first_version_knows_three_statuses() {
        for (status, first) in [
            (Status::Up, "UP"),
            (Status::Starting, "STARTING"),
            (Status::Down, "DOWN"),
            (Status::OutOfService, "DOWN"),
            (Status::Unknown, "DOWN"),
        ] {
            assert_eq!(told(status, Version::V1).name(), first);
            assert_eq!(told(status, Version::V2), status);
        }
    }
}
