//! Instances to Consul's JSON and back. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::availability::Availability;
use crate::endpoint::Listed;
use crate::instance::{DEFAULT_WEIGHT, Instance};
use crate::terms::Terms;

/// Consul raises less to this.
const LEAST_REAP: Duration = Duration::from_secs(60);

/// How many time-outs a silent instance stays listed as critical before Consul reaps it.
const TIMEOUTS_UNTIL_REAPED: u32 = 10;

/// Where an instance's id stands, if Consul knows it by another.
const ID: &str = "lubdub-id";

/// Consul's id: one agent has one name space for all services.
pub(super) fn id(instance: &Instance) -> String {
    if instance.id.contains(&instance.service) {
        instance.id.clone()
    } else {
        format!("{}-{}", instance.service, instance.id)
    }
}

/// The document of a registration.
pub(super) fn registration(instance: &Instance, availability: Availability, terms: &Terms) -> Value {
    let mut meta: Map<String, Value> =
        instance.metadata.iter().map(|(key, value)| (escaped(key), json!(value))).collect();
    let mut note = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            meta.insert(key.to_owned(), json!(value));
        }
    };
    let own_id = id(instance);
    note("version", instance.version.clone());
    note("zone", instance.zone.clone());
    note("group", instance.group.clone());
    note("weight", (instance.weight != DEFAULT_WEIGHT).then(|| instance.weight.to_string()));
    note(ID, (own_id != instance.id).then(|| instance.id.clone()));
    let reap = terms.timeout.saturating_mul(TIMEOUTS_UNTIL_REAPED).max(LEAST_REAP);
    let milliseconds = |span: Duration| format!("{}ms", span.as_millis());
    json!({
        "ID": own_id,
        "Name": instance.service,
        "Address": instance.host,
        "Port": instance.port,
        "Tags": instance.tags,
        "Meta": meta,
        // Consul knows no weight of 0.
        "Weights": {"Passing": instance.weight.max(1), "Warning": 1},
        "Check": {
            "CheckID": format!("service:{own_id}"),
            "TTL": milliseconds(terms.timeout),
            // Before maintenance mode is on, nobody may be sent there.
            "Status": if availability.is_available() { "passing" } else { "critical" },
            "DeregisterCriticalServiceAfter": milliseconds(reap),
        },
    })
}

/// The instances of an answer about a service's health; `None` where it is none.
pub(super) fn listing(document: &Value) -> Option<Vec<Listed>> {
    Some(document.as_array()?.iter().filter_map(listed).collect())
}

fn listed(entry: &Value) -> Option<Listed> {
    let service = entry.get("Service")?;
    let text = |of: &Value, name: &str| {
        of.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let host = text(service, "Address").or_else(|| text(entry.get("Node")?, "Address"))?;
    let mut metadata: BTreeMap<String, String> = service
        .get("Meta")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((unescaped(key), value.as_str()?.to_owned())))
        .collect();
    let tags = service.get("Tags").and_then(Value::as_array).into_iter().flatten();
    let tags: BTreeSet<String> = tags.filter_map(|tag| tag.as_str().map(str::to_owned)).collect();
    let weight = metadata.remove("weight").and_then(|weight| weight.parse().ok());
    let instance = Instance {
        service: text(service, "Service")?,
        id: metadata.remove(ID).or_else(|| text(service, "ID"))?,
        host,
        port: service.get("Port").and_then(Value::as_u64).and_then(|port| port.try_into().ok())?,
        version: metadata.remove("version"),
        group: metadata.remove("group"),
        zone: metadata.remove("zone"),
        weight: weight.unwrap_or(DEFAULT_WEIGHT),
        tags,
        metadata,
    };
    let mut checks = entry.get("Checks").and_then(Value::as_array).into_iter().flatten();
    let passing = checks.all(|check| check.get("Status").and_then(Value::as_str) == Some("passing"));
    Some(Listed { instance, availability: Availability::when(passing) })
}

/// Consul takes letters, digits, `-` and `_` in names; others become `__` and two hexadecimal digits
/// for each byte, and so does a `_` that would be taken for that.
fn escaped(key: &str) -> String {
    let mut escaped = String::new();
    let mut bytes = key.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_plain = plain(byte) || (byte == b'_' && bytes.peek().is_some_and(|next| plain(*next)));
        if is_plain {
            escaped.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(escaped, "__{byte:02X}");
        }
    }
    escaped
}

fn unescaped(key: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = key;
    while let Some(byte) = rest.as_bytes().first() {
        let code = rest.strip_prefix("__").and_then(|after| after.get(..2));
        if let Some(code) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(code);
            rest = rest.get(4..).unwrap_or_default();
        } else {
            bytes.push(*byte);
            // A byte at a time would split a character; whoever wrote one did not escape.
            let width = rest.chars().next().map_or(1, char::len_utf8);
            bytes.extend(rest.as_bytes().get(1..width).unwrap_or_default());
            rest = rest.get(width..).unwrap_or_default();
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| key.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::url::RegistryUrl;

    #[test]
    fn everything_comes_back() {
        let url = RegistryUrl::parse("consul://a").unwrap();
        let terms = Terms::of(&url, Duration::from_secs(30), Duration::from_secs(10)).unwrap();
        let instance = Instance::new("orders", "10.0.0.7", 8080)
            .with_id("the first")
            .with_version("2")
            .with_group("Blue")
            .with_zone("eu-1")
            .with_weight(0)
            .with_tag("canary")
            .with_metadata("a.b/c", "d");
        let mut service = registration(&instance, Availability::Available, &terms);
        assert_eq!(service["ID"], "orders-the first");
        service["Service"] = service["Name"].clone();
        for (status, expected) in [("passing", true), ("warning", false), ("critical", false)] {
            let answer = json!([{"Service": service, "Checks": [{"Status": "passing"}, {"Status": status}]}]);
            let availability = Availability::when(expected);
            assert_eq!(listing(&answer), Some(vec![Listed { instance: instance.clone(), availability }]));
        }
    }

    #[test]
    fn an_instance_without_an_address_is_called_at_its_node() {
        let answer = json!([{
            "Node": {"Address": "10.0.0.1"}, "Service": {"ID": "i", "Service": "s", "Address": "", "Port": 1},
            "Checks": [],
        }, {"Service": {}}]);
        let listing = listing(&answer).unwrap();
        assert_eq!(listing.len(), 1);
        assert_eq!(listing[0].instance.address(), "10.0.0.1:1");
    }

    proptest! {
        #[test]
        fn names_of_metadata_survive(key in "[a-z_.ü/A-F0-9-]{0,12}") {
            let escaped = escaped(&key);
            prop_assert!(escaped.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            prop_assert_eq!(unescaped(&escaped), key);
        }

        #[test]
        fn no_name_panics(key in ".{0,12}") {
            drop(unescaped(&key));
        }
    }
}
