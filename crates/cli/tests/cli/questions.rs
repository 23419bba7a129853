//! `services`, `instances`, `watch` and `why` against a real registry.

use std::process::Stdio;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Registry, Running, ask, program, run};

fn registry() -> Registry {
    let registry = Registry::ephemeral();
    registry.register("orders", "a", "UP");
    registry.register("orders", "b", "OUT_OF_SERVICE");
    registry.register("payments", "c", "UP");
    registry
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&ask(arguments)).unwrap()
}

#[test]
fn services_are_listed_for_eyes_and_for_machines() {
    let registry = registry();
    let text = ask(&["services", "--server", &registry.url]);
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[1], ["ORDERS", "2", "1", "1", "OUT_OF_SERVICE"], "{text}");
    assert_eq!(lines[2], ["PAYMENTS", "1", "1"], "{text}");
    assert!(!text.contains('\u{1b}'), "colour without a terminal: {text}");
    let document = json(&["services", "--json", "--server", &registry.url]);
    assert_eq!(document["services"][0]["name"], "ORDERS");
}

#[test]
fn a_registry_without_services_says_how_to_get_some() {
    let registry = Registry::ephemeral();
    let text = ask(&["services", "--server", &registry.url]);
    assert!(text.contains(&format!("{}/eureka", registry.url)), "{text}");
}

#[test]
fn instances_are_listed_by_service_status_and_zone() {
    let registry = registry();
    for (filter, found) in [
        (&[][..], vec!["a", "b", "c"]),
        (&["orders"], vec!["a", "b"]),
        (&["--status", "up"], vec!["a", "c"]),
        (&["Orders", "--status", "OUT_OF_SERVICE"], vec!["b"]),
        (&["--zone", "eu-1a"], vec!["a", "b", "c"]),
    ] {
        let document = json(&[&["instances", "--json", "--server", &registry.url], filter].concat());
        let ids: Vec<&str> =
            document["instances"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(ids, found, "{filter:?}");
    }
    let text = ask(&["instances", "orders", "--server", &registry.url]);
    assert!(text.contains("10.0.0.7:8080") && text.contains("OUT_OF_SERVICE"), "{text}");
    let none = ask(&["instances", "--zone", "elsewhere", "--server", &registry.url]);
    assert!(none.starts_with("No instances"), "{none}");
}

#[test]
fn why_tells_the_life_of_an_instance_also_after_its_end() {
    let registry = registry();
    let text = ask(&["why", "orders", "a", "--server", &registry.url]);
    assert!(text.starts_with("orders/a is UP at 10.0.0.7:8080.\n"), "{text}");
    assert!(text.contains("Its lease allows 1 min 30 s of silence"), "{text}");
    assert!(text.contains("through eureka from 127.0.0.1"), "{text}");

    registry.deregister("orders", "a");
    let text = ask(&["why", "orders/a", "--server", &registry.url]);
    assert!(text.starts_with("orders/a is not registered; it left "), "{text}");
    assert!(text.contains("\n  deregistered "), "{text}");
    let document = json(&["why", "orders/a", "--json", "--server", &registry.url]);
    assert_eq!(document["instance"], Value::Null);
    assert_eq!(document["history"][1]["cause"]["name"], "deregistered");
}

#[test]
fn why_of_somebody_unheard_of_is_a_failure_with_a_way_on() {
    let registry = Registry::ephemeral();
    let ended = run(&["why", "orders", "z", "--server", &registry.url]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("orders/z is not registered"), "{}", ended.err);
    assert!(ended.err.contains("lubdub instances orders"), "{}", ended.err);
}

#[test]
fn the_registry_can_be_named_in_the_environment() {
    let registry = registry();
    let mut command = program(&["services"]);
    command.env("LUBDUB_SERVER", &registry.url);
    let ended = Running::start(command).end();
    assert!(ended.out.contains("ORDERS"), "{}{}", ended.out, ended.err);
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let registry = registry();
    let mut child = program(&["instances", "--server", &registry.url])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn watch_shows_each_change_as_it_happens() {
    let registry = Registry::ephemeral();
    let mut eyes = Running::start(program(&["watch", "--server", &registry.url]));
    eyes.err.wait_for("Watching every service");
    let mut machines = Running::start(program(&["watch", "ORDERS", "--json", "--server", &registry.url]));
    machines.err.wait_for("Watching ORDERS");
    registry.register("payments", "c", "UP");
    registry.register("orders", "a", "UP");
    registry.deregister("orders", "a");
    let line = eyes.out.wait_for("ORDERS/a");
    assert!(
        line.contains("registered") && line.contains("UP at 10.0.0.7:8080, through eureka from 127.0.0.1"),
        "{line}"
    );
    eyes.out.wait_for("deregistered");
    let first: Value = serde_json::from_str(&machines.out.wait_for("{")).unwrap();
    assert_eq!((&first["id"], &first["cause"]["name"]), (&"a".into(), &"registered".into()));
    machines.out.wait_for("\"deregistered\"");
}

#[test]
fn watch_goes_on_where_it_was_when_the_registry_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = ["--data", folder.path().to_str().unwrap()];
    let registry = Registry::start(&data);
    let mut watch = Running::start(program(&["watch", "--server", &registry.url]));
    watch.err.wait_for("Watching");
    registry.register("orders", "a", "UP");
    watch.out.wait_for("ORDERS/a");
    registry.process.signal(Signal::KILL);
    let address = registry.url.trim_start_matches("http://").to_owned();
    drop(registry);
    watch.err.wait_for("waiting for it to come back");
    let again = Registry::start_at(&address, &data);
    watch.err.wait_for("Watching again");
    again.register("orders", "b", "UP");
    watch.out.wait_for("ORDERS/b");
}
