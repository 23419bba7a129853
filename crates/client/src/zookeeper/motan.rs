//! Motan's paths and URLs. Pure.
//!
//! `motan2://HOST:PORT/SERVICE?group=…&nodeType=service&version=…&…`, parameters percent-encoded, as its
//! registries `zookeeper` and `zk` write it. The first writes texts as Java serialises them, the second as they
//! are, and both are read. Ours are as the first has them, which the second reads, too; the first reads nothing
//! else, and would take whoever says something else for one of the version that it looks for.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::availability::Availability;
use crate::instance::{DEFAULT_WEIGHT, Instance};

/// Of who says none.
pub(super) const DEFAULT_GROUP: &str = "default_rpc";

const DEFAULT_VERSION: &str = "1.0";
const PROTOCOL: &str = "motan2";

/// What a text begins with that Java serialised: magic, version, the type of a short text.
const JAVA_TEXT: [u8; 5] = [0xAC, 0xED, 0x00, 0x05, 0x74];

/// The name of an instance. Motan's own `id` is that of a configuration, the same for all programs that have it.
const ID: &str = "instanceId";

/// Parameters that have a field, or that every URL has.
const KNOWN: [&str; 8] = ["group", "version", "nodeType", "protocol", ID, "zone", "weight", "tags"];

pub(super) fn service_path(group: &str, service: &str) -> String {
    // Names of Java interfaces have no slash; one that has must not become a folder.
    format!("/motan/{}/{}", group.replace('/', "%2F"), service.replace('/', "%2F"))
}

pub(super) const fn folder(availability: Availability) -> &'static str {
    match availability {
        Availability::Available => "server",
        Availability::Unavailable => "unavailableServer",
    }
}

/// What stands at the node of an instance.
pub(super) fn data(instance: &Instance, default_group: &str) -> Vec<u8> {
    let url = url(instance, default_group);
    match u16::try_from(url.len()) {
        Ok(length) => [&JAVA_TEXT, &length.to_be_bytes()[..], url.as_bytes()].concat(),
        Err(_) => url.into_bytes(),
    }
}

/// The URL of an instance. The protocol is `motan2` unless its metadata says another.
fn url(instance: &Instance, default_group: &str) -> String {
    let protocol = instance.metadata.get("protocol").map_or(PROTOCOL, String::as_str);
    let mut parameters: BTreeMap<&str, String> =
        instance.metadata.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    let tags: Vec<&str> = instance.tags.iter().map(String::as_str).collect();
    parameters.remove("protocol");
    parameters.insert("nodeType", "service".to_owned());
    parameters.insert("group", instance.group.clone().unwrap_or_else(|| default_group.to_owned()));
    parameters.insert("version", instance.version.clone().unwrap_or_else(|| DEFAULT_VERSION.to_owned()));
    parameters.insert(ID, instance.id.clone());
    if let Some(zone) = &instance.zone {
        parameters.insert("zone", zone.clone());
    }
    if instance.weight != DEFAULT_WEIGHT {
        parameters.insert("weight", instance.weight.to_string());
    }
    if !tags.is_empty() {
        parameters.insert("tags", tags.join(","));
    }
    let mut url = format!("{protocol}://{}/{}?", instance.address(), instance.service);
    for (key, value) in parameters {
        url.push_str(key);
        url.push('=');
        url.extend(utf8_percent_encode(&value, NON_ALPHANUMERIC));
        // Motan's own end with one, too.
        url.push('&');
    }
    url
}

/// The instance of a node. One whose data cannot be read is known by the node's name, `host:port`.
pub(super) fn instance(service: &str, node: &str, data: &[u8]) -> Option<Instance> {
    text(data).and_then(|url| parsed(service, url)).or_else(|| named(service, node))
}

fn text(data: &[u8]) -> Option<&str> {
    let bytes = match data.strip_prefix(&JAVA_TEXT) {
        // Two bytes of length.
        Some(after) => after.get(2..)?,
        None => data,
    };
    std::str::from_utf8(bytes).ok()
}

fn named(service: &str, node: &str) -> Option<Instance> {
    let (host, port) = host_and_port(node)?;
    Some(Instance::new(service, host, port))
}

fn host_and_port(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Some((host, port.parse().ok().filter(|port| *port > 0)?))
}

fn parsed(service: &str, url: &str) -> Option<Instance> {
    let (protocol, rest) = url.split_once("://")?;
    let (address, rest) = rest.split_once('/')?;
    let (_, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, port) = host_and_port(address)?;
    let mut parameters = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        // Java writes a blank as a plus.
        let value = value.replace('+', " ");
        parameters.insert(key.to_owned(), percent_decode_str(&value).decode_utf8().ok()?.into_owned());
    }
    let tags = parameters.get("tags").map(String::as_str).unwrap_or_default();
    let tags: BTreeSet<String> = tags.split(',').filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    let mut instance = Instance::new(service, host, port);
    if let Some(id) = parameters.get(ID) {
        instance.id.clone_from(id);
    }
    instance.group = parameters.get("group").filter(|group| *group != DEFAULT_GROUP).cloned();
    instance.version = parameters.get("version").filter(|version| *version != DEFAULT_VERSION).cloned();
    instance.zone = parameters.get("zone").cloned();
    let weight = parameters.get("weight").and_then(|weight| weight.parse().ok());
    instance.weight = weight.unwrap_or(DEFAULT_WEIGHT);
    instance.tags = tags;
    instance.metadata = parameters.into_iter().filter(|(key, _)| !KNOWN.contains(&key.as_str())).collect();
    if protocol != PROTOCOL {
        instance.metadata.insert("protocol".to_owned(), protocol.to_owned());
    }
    Some(instance)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn everything_comes_back() {
        let said = Instance::new("com.example.Orders", "10.0.0.7", 8080)
            .with_version("2")
            .with_group("blue")
            .with_zone("eu-1")
            .with_weight(7)
            .with_tag("canary")
            .with_metadata("serialization", "hessian2")
            .with_metadata("said", "a&b=c d+ü");
        let url = url(&said, DEFAULT_GROUP);
        assert!(url.starts_with("motan2://10.0.0.7:8080/com.example.Orders?group=blue&"), "{url}");
        for data in [data(&said, DEFAULT_GROUP), url.into_bytes()] {
            assert_eq!(instance("com.example.Orders", "10.0.0.7:8080", &data), Some(said.clone()));
        }
    }

    #[test]
    fn a_text_too_long_for_java_s_short_form_is_written_as_it_is() {
        let said = Instance::new("s", "10.0.0.7", 8080).with_metadata("long", "x".repeat(70_000));
        let data = data(&said, DEFAULT_GROUP);
        assert!(data.starts_with(b"motan2://"));
        assert_eq!(instance("s", "10.0.0.7:8080", &data), Some(said));
    }

    #[test]
    fn the_id_of_a_configuration_is_no_name_of_an_instance() {
        let read = |port| {
            let url = format!("motan2://10.0.0.7:{port}/s?id=motan2&nodeType=service&");
            instance("s", "", url.as_bytes()).unwrap()
        };
        assert_ne!(read(1).id, read(2).id, "two programs of one configuration");
        assert_eq!(read(1).metadata["id"], "motan2");
    }

    #[test]
    fn what_motan_writes_is_read() {
        let written = "motan://10.0.0.7:8001/com.example.Orders?serialization=hessian2&group=blue&nodeType=service&version=1.0&";
        let read = instance("com.example.Orders", "10.0.0.7:8001", written.as_bytes()).unwrap();
        assert_eq!((read.group.as_deref(), read.version), (Some("blue"), None));
        assert_eq!(read.metadata["serialization"], "hessian2");
        assert_eq!(read.metadata["protocol"], "motan");
        let mut java = JAVA_TEXT.to_vec();
        java.extend(u16::try_from(written.len()).unwrap().to_be_bytes());
        java.extend(written.as_bytes());
        assert_eq!(
            instance("com.example.Orders", "10.0.0.7:8001", &java).unwrap().metadata["protocol"],
            "motan"
        );
    }

    #[test]
    fn what_cannot_be_read_is_known_by_the_name_of_its_node() {
        let read = instance("s", "10.0.0.7:8001", &[0xFF]).unwrap();
        assert_eq!(read.address(), "10.0.0.7:8001");
        assert_eq!(instance("s", "nothing", &[0xFF]), None);
    }

    proptest! {
        #[test]
        fn no_data_panics(node in ".{0,10}", data: Vec<u8>, url in "[a-z:/?&=%0-9]{0,40}") {
            drop(instance("s", &node, &data));
            drop(instance("s", &node, url.as_bytes()));
        }
    }
}
