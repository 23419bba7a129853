//! `instances` and `watch` with `--registry`: through the SDK, whatever registry there is.

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Registry, Running, ask, program, run};

#[test]
fn instances_of_any_registry_are_listed_with_their_availability() {
    let registry = Registry::ephemeral();
    registry.register("orders", "a", "UP");
    registry.register("orders", "b", "OUT_OF_SERVICE");
    registry.register("payments", "c", "UP");
    for scheme in ["lubdub", "eureka"] {
        let url = registry.at(scheme);
        let text = ask(&["instances", "ORDERS", "--registry", &url]);
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(rows.len(), 3, "{scheme}: {text}");
        assert_eq!(rows[1][1..4], ["a", "yes", "10.0.0.7:8080"], "{scheme}: {text}");
        assert_eq!(rows[2][1..4], ["b", "no", "10.0.0.7:8080"], "{scheme}: {text}");
        let json: Value =
            serde_json::from_str(&ask(&["instances", "ORDERS", "--json", "--registry", &url])).unwrap();
        assert_eq!(json["instances"][1]["id"], "b", "{scheme}: {json}");
        assert_eq!(json["instances"][1]["availability"], "unavailable", "{scheme}: {json}");
        let elsewhere = ask(&["instances", "ORDERS", "--zone", "elsewhere", "--registry", &url]);
        assert!(elsewhere.starts_with("No instances of ORDERS"), "{scheme}: {elsewhere}");
    }
}

#[test]
fn watch_shows_what_consumers_of_any_registry_are_told() {
    for scheme in ["lubdub", "eureka"] {
        let registry = Registry::ephemeral();
        registry.register("orders", "a", "UP");
        // Who stays: of a service that is empty all at once, consumers do not believe that all left.
        registry.register("orders", "z", "UP");
        let url = format!("{}?poll=50ms", registry.at(scheme));
        let mut eyes = Running::start(program(&["watch", "ORDERS", "PAYMENTS", "--registry", &url]));
        eyes.out.wait_for("is there           ORDERS/a  10.0.0.7:8080");
        let mut machines = Running::start(program(&["watch", "ORDERS", "--json", "--registry", &url]));
        let there: Value = serde_json::from_str(&machines.out.wait_for("{")).unwrap();
        machines.out.wait_for("\"z\"");
        assert_eq!((&there["change"], &there["instance"]["id"]), (&"there".into(), &"a".into()), "{scheme}");
        registry.register("payments", "c", "UP");
        eyes.out.wait_for("joined             PAYMENTS/c");
        registry.deregister("orders", "a");
        eyes.out.wait_for("left               ORDERS/a");
        let left: Value = serde_json::from_str(&machines.out.wait_for("{")).unwrap();
        assert_eq!((&left["change"], &left["instance"]["id"]), (&"left".into(), &"a".into()), "{scheme}");
    }
}

#[test]
fn watch_tells_when_the_registry_is_gone_and_back() {
    let registry = Registry::ephemeral();
    registry.register("orders", "a", "UP");
    let address = registry.url.trim_start_matches("http://").to_owned();
    let url = format!("{}?poll=50ms&timeout=1s&interval=100ms", registry.at("lubdub"));
    let mut watch = Running::start(program(&["watch", "ORDERS", "--registry", &url]));
    watch.out.wait_for("is there");
    registry.process.signal(Signal::KILL);
    drop(registry);
    let gone = watch.err.wait_for("cannot be asked (");
    assert!(gone.starts_with("ORDERS at lubdub://") && gone.contains("go on with whom they know"), "{gone}");
    let again = Registry::start_at(&address, &["--ephemeral"]);
    watch.err.wait_for("is answered again");
    again.register("orders", "b", "UP");
    watch.out.wait_for("joined             ORDERS/b");
}

#[test]
fn watch_of_several_services_shows_these_only() {
    let registry = Registry::ephemeral();
    let mut watch = Running::start(program(&["watch", "orders", "Payments", "--server", &registry.url]));
    watch.err.wait_for("Watching orders, Payments at");
    registry.register("others", "x", "UP");
    registry.register("payments", "c", "UP");
    registry.register("orders", "a", "UP");
    let first = watch.out.wait_for("registered");
    assert!(first.contains("PAYMENTS/c"), "{first}");
    watch.out.wait_for("ORDERS/a");
}

#[test]
fn where_no_registry_answers_that_is_told() {
    for command in ["instances", "watch"] {
        // Port 1 is reserved and served by nobody.
        let ended = run(&[command, "orders", "--registry", "lubdub://127.0.0.1:1"]);
        assert_eq!(ended.code, Some(1), "{command}: {}", ended.err);
        assert!(ended.err.contains("lubdub://127.0.0.1:1 is not to be reached"), "{command}: {}", ended.err);
        assert!(ended.err.contains("`lubdub serve`"), "{command}: {}", ended.err);
        let ended = run(&[command, "orders", "--registry", "nacos://127.0.0.1:1"]);
        assert_eq!(ended.code, Some(1), "{command}: {}", ended.err);
        assert!(ended.err.contains("known are: consul, etcd, eureka, lubdub, zookeeper"), "{}", ended.err);
    }
}
