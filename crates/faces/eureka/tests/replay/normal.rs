//! Documents in a form in which two servers' can be compared.

use serde_json::Value;

/// Members that a server fills with its own clock: only whether they are set is compared.
const CLOCKS: [&str; 5] = [
    "registrationTimestamp",
    "lastRenewalTimestamp",
    "evictionTimestamp",
    "serviceUpTimestamp",
    "lastUpdatedTimestamp",
];

/// Replaces what depends on a server's clock, and puts lists into the order of their names.
pub(crate) fn form(mut document: Value, file: &Value) -> Value {
    let exchanges = file["exchanges"].as_array().unwrap().iter();
    let sent: String = exchanges.map(|exchange| exchange["request"].to_string()).collect();
    walk(&mut document, &sent);
    document
}

fn walk(node: &mut Value, sent: &str) {
    match node {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                let by_clock = CLOCKS.contains(&name.as_str());
                if by_clock || (name == "lastDirtyTimestamp" && !was_sent(value, sent)) {
                    *value = set_or_not(value);
                } else if name == "versions__delta" && !matches!(value.as_str(), Some("-1")) {
                    *value = "a version".into();
                } else {
                    walk(value, sent);
                }
            }
        }
        Value::Array(items) => {
            for item in items.iter_mut() {
                walk(item, sent);
            }
            items.sort_by_key(|item| {
                let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
                (text("name"), text("instanceId"), text("hostName"))
            });
        }
        _ => {}
    }
}

/// A timestamp that a client sent is compared exactly.
fn was_sent(value: &Value, sent: &str) -> bool {
    let digits = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    // Inside of a request's body it stands in escaped quotes, or bare.
    sent.contains(&format!("lastDirtyTimestamp\\\":\\\"{digits}"))
        || sent.contains(&format!("lastDirtyTimestamp={digits}"))
        || sent.contains(&format!("lastDirtyTimestamp\\\": \\\"{digits}"))
}

/// Keeps the type, because readers are particular about it.
fn set_or_not(value: &Value) -> Value {
    let kind = if value.is_string() { "text" } else { "number" };
    let zero = matches!(value.as_str(), Some("0")) || value.as_u64() == Some(0);
    format!("{kind}: {}", if zero { "not set" } else { "set" }).into()
}

/// What differs, by path.
pub(crate) fn differences(path: &str, expected: &Value, found: &Value, out: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(left), Value::Object(right)) => {
            for (name, value) in left {
                match right.get(name) {
                    Some(other) => differences(&format!("{path}/{name}"), value, other, out),
                    None => out.push(format!("{path}/{name} is missing, was {value}")),
                }
            }
            for (name, value) in right.iter().filter(|(name, _)| !left.contains_key(*name)) {
                out.push(format!("{path}/{name} is too much: {value}"));
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            if left.len() != right.len() {
                out.push(format!("{path} has {} items instead of {}", right.len(), left.len()));
            }
            for (at, (value, other)) in left.iter().zip(right).enumerate() {
                differences(&format!("{path}/{at}"), value, other, out);
            }
        }
        _ if expected == found => {}
        _ => out.push(format!("{path} is {found}, was {expected}")),
    }
}
