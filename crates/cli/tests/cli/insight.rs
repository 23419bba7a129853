//! `status`, `guard` and `damping` against a real registry.

use serde_json::Value;

use crate::support::{Registry, ask, run};

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&ask(arguments)).unwrap()
}

#[test]
fn the_status_of_a_registry_that_is_ready_is_one_screen_and_a_success() {
    let registry = Registry::ephemeral();
    registry.register("orders", "a", "UP");
    registry.register("orders", "b", "DOWN");
    let text = ask(&["status", "--server", &registry.url]);
    assert!(
        text.starts_with("lubdub ") && text.contains(&format!("at {} is ready.\n", registry.url)),
        "{text}"
    );
    for line in [
        "instances  2 of 1 service: 1 DOWN, 1 UP",
        "journal    none: kept in memory only",
        "restored   nothing",
        "renewals   4 promised a minute, 0 heard in the last",
        "held       none",
        "damped     none: damping is off",
        "warnings   none",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(text.contains("  guard      the registry: "), "{text}");
    let document = json(&["status", "--json", "--server", &registry.url]);
    assert_eq!(document["readiness"]["status"], "ready");
    assert_eq!((&document["statuses"]["UP"], &document["held"]), (&1.into(), &0.into()));
    assert!(document["guard"]["rules"]["min_hosts"].is_number(), "{document}");
}

#[test]
fn the_status_of_a_registry_that_is_degraded_is_told_with_why_and_the_exit_code_is_1() {
    let folder = tempfile::tempdir().unwrap();
    let data = ["--data", folder.path().to_str().unwrap()];
    drop(Registry::start(&data));
    // A journal that was damaged is a warning for as long as the registry runs.
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        if file.metadata().unwrap().len() > 1_000 {
            let mut bytes = std::fs::read(file.path()).unwrap();
            bytes[..256].fill(0xff);
            std::fs::write(file.path(), bytes).unwrap();
        }
    }
    let registry = Registry::start(&data);
    let ended = run(&["status", "--server", &registry.url]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("is degraded.\n") && ended.out.contains("\n  warning    "), "{}", ended.out);
    assert_eq!(ended.err, "");
    assert_eq!(run(&["status", "--json", "--server", &registry.url]).code, Some(1));
}

#[test]
fn the_guard_tells_its_rules_and_its_arithmetic() {
    let registry = Registry::ephemeral();
    registry.register("orders", "a", "UP");
    let text = ask(&["guard", "--server", &registry.url]);
    assert!(
        text.starts_with("The guard holds when more than 3 hosts and more than 15 % of a scope"),
        "{text}"
    );
    assert!(text.contains("\n the registry  too few hosts"), "{text}");
    let document = json(&["guard", "--json", "--server", &registry.url]);
    assert_eq!(document["scopes"][0]["state"], "too_few_hosts");
}

#[test]
fn damping_tells_its_rules_and_who_has_a_penalty() {
    let registry = Registry::ephemeral();
    let text = ask(&["damping", "--server", &registry.url]);
    assert_eq!(text, "Damping is off (damping.enabled).\n\nNo instance has a penalty.\n");
    assert_eq!(json(&["damping", "--json", "--server", &registry.url])["instances"], Value::Array(vec![]));
}

#[test]
fn instances_are_listed_by_what_protects_and_what_ails_them() {
    let registry = Registry::ephemeral();
    registry.register("orders", "a", "UP");
    for (filter, found) in [
        (&["--health", "passing"][..], 1),
        (&["--health", "Critical"], 0),
        (&["--held"], 0),
        (&["--damped"], 0),
    ] {
        let document = json(&[&["instances", "--json", "--server", &registry.url], filter].concat());
        assert_eq!(document["instances"].as_array().unwrap().len(), found, "{filter:?}");
    }
}
