//! A registry under fault: killed, without a disk, without files, crowded, overrun. What it said
//! stays true, and nobody who beats is evicted.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `providers` | instances that beat, and note whatever they were not to be told |
//! | `killed_often` | killed at any moment, over and over |
//! | `disk` | a disk that is full or slow, and comes back |
//! | `starved` | no file left, and a queue of connections that is full |
//! | `crowded` | a thousand connections that want to be slow, and many that are idle |
//! | `overrun` | many beats, many deaths and full reads at once |

mod crowded;
mod disk;
mod killed_often;
mod overrun;
mod providers;
mod starved;

/// A document that the registry answers.
fn document(url: &str, path: &str) -> serde_json::Value {
    let answer = ureq::get(format!("{url}{path}")).call();
    answer.expect("it answers").body_mut().read_json().expect("in JSON")
}

/// The ids of all instances, in their order.
fn listed(url: &str) -> Vec<String> {
    let listed = document(url, "/api/v1/instances?limit=10000");
    let instances = listed.get("instances").and_then(serde_json::Value::as_array).expect("a list");
    let id = |instance: &serde_json::Value| instance.get("id")?.as_str().map(str::to_owned);
    instances.iter().map(|instance| id(instance).expect("each has an id")).collect()
}

/// A figure that the registry tells of itself.
fn figure(url: &str, name: &str) -> u64 {
    let server = document(url, "/api/v1/server");
    server.get(name).and_then(serde_json::Value::as_u64).expect("a figure")
}

/// A size of a test: small here, larger where `cargo xtask sweep` says so by this variable.
fn size(variable: &str, usual: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text.parse().expect("the size of a test is a whole number"),
        Err(_) => usual,
    }
}
