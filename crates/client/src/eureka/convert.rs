//! Instances to Eureka's JSON and back. Pure.
//!
//! Reading is lenient as real servers want it: numbers may be texts, a single instance may stand
//! without its list, and what cannot be an endpoint is left out rather than spoil the rest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::availability::Availability;
use crate::endpoint::Listed;
use crate::instance::{DEFAULT_WEIGHT, Instance};
use crate::terms::Terms;

/// Where lubdub looks for how a lease is to be judged.
const PHI: &str = "lubdub.phi";

/// The document of a registration.
pub(super) fn registration(instance: &Instance, status: &str, dirty: u64, terms: &Terms) -> Value {
    let whole_seconds = |span: std::time::Duration| span.as_millis().div_ceil(1000).max(1) as u64;
    let mut metadata: Map<String, Value> =
        instance.metadata.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    let mut note = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            metadata.insert(key.to_owned(), json!(value));
        }
    };
    note("version", instance.version.clone());
    note("zone", instance.zone.clone());
    // The field proper loses its case in some servers.
    note("group", instance.group.clone());
    note("weight", (instance.weight != DEFAULT_WEIGHT).then(|| instance.weight.to_string()));
    let tags: Vec<&str> = instance.tags.iter().map(String::as_str).collect();
    note(PHI, terms.phi.map(|level| level.to_string()));
    note("tags", (!tags.is_empty()).then(|| tags.join(",")));
    let mut document = json!({
        "instanceId": instance.id,
        "hostName": instance.host,
        "app": instance.service.to_uppercase(),
        "ipAddr": instance.host,
        "vipAddress": instance.service,
        "secureVipAddress": instance.service,
        "status": status,
        "overriddenStatus": "UNKNOWN",
        "port": {"$": instance.port, "@enabled": "true"},
        "securePort": {"$": 443, "@enabled": "false"},
        "countryId": 1,
        "dataCenterInfo": {
            "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo",
            "name": "MyOwn",
        },
        "leaseInfo": {
            "renewalIntervalInSecs": whole_seconds(terms.interval),
            "durationInSecs": whole_seconds(terms.timeout),
        },
        "metadata": metadata,
        "lastUpdatedTimestamp": dirty.to_string(),
        "lastDirtyTimestamp": dirty.to_string(),
    });
    if let (Some(group), Some(fields)) = (&instance.group, document.as_object_mut()) {
        fields.insert("appGroupName".to_owned(), json!(group));
    }
    json!({ "instance": document })
}

/// The instances of an `application`; `None` where the document is none.
pub(super) fn listing(service: &str, document: &Value) -> Option<Vec<Listed>> {
    let instances = match document.get("application")?.get("instance") {
        None | Some(Value::Null) => return Some(Vec::new()),
        Some(Value::Array(instances)) => instances.iter().collect(),
        Some(single) => vec![single],
    };
    Some(instances.into_iter().filter_map(|instance| listed(service, instance)).collect())
}

fn listed(service: &str, document: &Value) -> Option<Listed> {
    let text = |name: &str| {
        document.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let host = text("ipAddr").or_else(|| text("hostName"))?;
    let port = port(document.get("port")).or_else(|| port(document.get("securePort")))?;
    let mut metadata: BTreeMap<String, String> = document
        .get("metadata")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(key, _)| !key.starts_with('@'))
        .map(|(key, value)| (key.clone(), as_text(value)))
        .collect();
    let tags = metadata.remove("tags").unwrap_or_default();
    let tags: BTreeSet<String> = tags.split(',').filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    let weight = metadata.remove("weight").and_then(|weight| weight.parse().ok());
    let instance = Instance {
        service: service.to_owned(),
        id: text("instanceId").or_else(|| text("hostName"))?,
        host,
        port,
        version: metadata.remove("version"),
        group: metadata.remove("group").or_else(|| text("appGroupName")),
        zone: metadata.remove("zone"),
        weight: weight.unwrap_or(DEFAULT_WEIGHT),
        tags,
        metadata,
    };
    let available = text("status").as_deref() == Some("UP");
    Some(Listed { instance, availability: Availability::when(available) })
}

/// An enabled port.
fn port(port: Option<&Value>) -> Option<u16> {
    let port = port?;
    let enabled = match port.get("@enabled") {
        Some(Value::Bool(enabled)) => *enabled,
        Some(Value::String(enabled)) => enabled == "true",
        _ => true,
    };
    let number = as_text(port.get("$").unwrap_or(port)).parse().ok()?;
    (enabled && number > 0).then_some(number)
}

fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::url::RegistryUrl;

    fn terms() -> Terms {
        let url = RegistryUrl::parse("eureka://a?timeout=1500ms").unwrap();
        Terms::of(&url, Duration::from_secs(90), Duration::from_secs(5)).unwrap()
    }

    fn instance() -> Instance {
        Instance::new("orders", "10.0.0.7", 8080)
            .with_version("2")
            .with_group("Blue")
            .with_zone("eu-1")
            .with_weight(7)
            .with_tag("a")
            .with_tag("b")
            .with_metadata("commit", "4be1c3")
    }

    #[test]
    fn everything_comes_back() {
        for status in ["UP", "DOWN"] {
            let document = registration(&instance(), status, 1, &terms());
            let application = json!({"application": {"instance": [document["instance"]]}});
            let expected = Listed { instance: instance(), availability: Availability::when(status == "UP") };
            assert_eq!(listing("orders", &application), Some(vec![expected]));
        }
    }

    #[test]
    fn a_lease_is_told_in_whole_seconds_and_never_shorter_than_wanted() {
        let document = registration(&instance(), "UP", 1, &terms());
        assert_eq!(
            document["instance"]["leaseInfo"],
            json!({"renewalIntervalInSecs": 1, "durationInSecs": 2})
        );
    }

    #[test]
    fn a_level_of_suspicion_is_told_in_metadata_where_lubdub_looks_for_it() {
        let asking = Terms { phi: Some(2.5), ..terms() };
        assert_eq!(registration(&instance(), "UP", 1, &asking)["instance"]["metadata"]["lubdub.phi"], "2.5");
        assert_eq!(
            registration(&instance(), "UP", 1, &terms())["instance"]["metadata"]["lubdub.phi"],
            Value::Null
        );
    }

    #[test]
    fn what_other_clients_register_is_read_too() {
        let of =
            |instance: Value| listing("orders", &json!({"application": {"instance": instance}})).unwrap();
        let single = of(json!({
            "hostName": "a.example", "ipAddr": "10.0.0.1", "status": "STARTING",
            "port": {"$": "80", "@enabled": true}, "metadata": {"@class": "java.util.Map", "n": 1},
        }));
        assert_eq!(single[0].instance.id, "a.example");
        assert_eq!(single[0].instance.metadata, BTreeMap::from([("n".to_owned(), "1".to_owned())]));
        assert_eq!(single[0].availability, Availability::Unavailable);
        let secure = of(json!([{
            "instanceId": "i", "hostName": "b", "status": "UP",
            "port": {"$": 80, "@enabled": "false"}, "securePort": {"$": 443, "@enabled": "true"},
        }, {"hostName": "without a port"}]));
        assert_eq!(secure.len(), 1);
        assert_eq!(secure[0].instance.address(), "b:443");
        assert_eq!(listing("orders", &json!({"applications": {}})), None);
    }

    proptest! {
        #[test]
        fn no_document_panics(text in r#"[{}\[\]":,$@a-z0-9]{0,80}"#) {
            if let Ok(document) = serde_json::from_str::<Value>(&text) {
                drop(listing("a", &json!({"application": {"instance": document}})));
            }
        }
    }
}
