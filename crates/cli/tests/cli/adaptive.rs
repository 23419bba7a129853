//! An adaptive lease, from a client's beats to what an operator reads of it.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{PATIENCE, Registry, ask, program};

/// Ten beats fit into it: a stop is noticed long before.
const LEASE_SECS: u64 = 10;

fn register(registry: &Registry, id: &str, metadata: &Value) -> u16 {
    let instance = json!({ "instance": {
        "instanceId": id, "hostName": "10.0.0.1", "app": "ORDERS", "ipAddr": "10.0.0.1", "status": "UP",
        "port": { "$": 8080, "@enabled": "true" },
        "dataCenterInfo": { "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn" },
        "leaseInfo": { "renewalIntervalInSecs": 1, "durationInSecs": LEASE_SECS },
        "metadata": metadata,
    }});
    let request = ureq::post(format!("{}/eureka/apps/ORDERS", registry.url));
    request.config().http_status_as_error(false).build().send_json(instance).unwrap().status().as_u16()
}

fn read(registry: &Registry, path: &str) -> Value {
    ureq::get(format!("{}{path}", registry.url)).call().unwrap().body_mut().read_json().unwrap()
}

#[test]
fn a_steady_client_that_asks_for_it_is_missed_long_before_its_time_to_live_and_told_why() {
    let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--ephemeral"]);
    command.env("LUBDUB_PROBE_ENABLED", "false");
    let registry = Registry::of(command);
    assert_eq!(register(&registry, "a", &json!({ "lubdub.phi": "lots" })), 400);
    assert_eq!(register(&registry, "a", &json!({ "lubdub.phi": "8" })), 204);
    let give_up = Instant::now() + PATIENCE;
    let lease = loop {
        let reply = ureq::put(format!("{}/eureka/apps/ORDERS/a", registry.url)).send_empty();
        assert_eq!(reply.unwrap().status(), 200);
        let told = read(&registry, "/api/v1/services/orders/instances/a");
        let lease = told.pointer("/leases/0").unwrap().clone();
        if lease["allowed_ms"].as_u64() < Some(LEASE_SECS * 1_000) {
            break lease;
        }
        assert!(Instant::now() < give_up, "it learns nothing: {lease}");
        // Beats, each a little more than half of the promised interval after the one before.
        thread::sleep(Duration::from_millis(550));
    };
    assert_eq!((lease["phi"].as_f64(), lease["ttl_ms"].as_u64()), (Some(8.0), Some(LEASE_SECS * 1_000)));
    let life = ask(&["why", "orders", "a", "--server", &registry.url]);
    assert!(life.contains("Its adaptive lease (phi 8) allows"), "{life}");
    assert!(life.contains("without another it is due at"), "{life}");
    let silence = loop {
        let told = read(&registry, "/api/v1/services/orders/instances/a/history");
        let newest = told["history"].as_array().and_then(|all| all.last().cloned()).unwrap();
        if newest.pointer("/cause/name") == Some(&json!("expired")) {
            break newest["cause"]["silence"].clone();
        }
        assert!(Instant::now() < give_up, "it never leaves: {told}");
        thread::sleep(Duration::from_millis(20));
    };
    let millis = |name: &str| silence[name].as_u64().unwrap();
    assert!((2_000..LEASE_SECS * 1_000).contains(&(millis("silent_ms") - millis("excused_ms"))), "{silence}");
    assert_eq!(silence["learnt"]["enough"], json!(true));
    let why = ask(&["why", "orders", "a", "--server", &registry.url]);
    assert!(
        why.contains("its adaptive lease (phi 8) allows") && why.contains(" s after beats every 0."),
        "{why}"
    );
}
