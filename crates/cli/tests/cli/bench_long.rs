//! `lubdub bench session`, `watch` and `kill`: they measure what is there, leave nothing behind, and
//! what goes wrong is told.

use std::time::Instant;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Ended, PATIENCE, Registry, Running, program, run};

fn measured(arguments: &[&str]) -> Value {
    let ended = run(&[&["bench"], arguments, &["--json"]].concat());
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}", ended.out))
}

fn ask(registry: &Registry, path: &str) -> String {
    ureq::get(format!("{}{path}", registry.url)).call().unwrap().body_mut().read_to_string().unwrap()
}

fn metric(registry: &Registry, name: &str) -> f64 {
    let text = ask(registry, "/metrics");
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    value.unwrap_or_else(|| panic!("no {name} in {text}"))
}

/// What its connections were is told when they have closed, a moment later.
fn until_nothing_is_left(registry: &Registry) {
    let deadline = Instant::now() + PATIENCE;
    for gauge in ["lubdub_sessions ", "lubdub_watches ", "lubdub_instances{status=\"UP\"} "] {
        while metric(registry, gauge) > 0.0 {
            assert!(Instant::now() < deadline, "{gauge}stays");
        }
    }
}

#[test]
fn sessions_beat_and_renew_what_they_keep_and_leave_nothing_behind() {
    let registry = Registry::ephemeral();
    let pid = registry.process.id().to_string();
    let load =
        ["session", "--sessions", "6", "--connections", "2", "--instances", "5", "--duration", "200ms"];
    let told = measured(&[&load[..], &["--server", &registry.url, "--pid", &pid]].concat());
    let beats = told["beats"].as_u64().unwrap();
    assert!(beats >= 6 && told["errors"] == 0, "{told}");
    let (of_beats, of_renewals) = (&told["beats_per_s"], &told["renewals_per_s"]);
    assert!((of_renewals.as_f64().unwrap() / of_beats.as_f64().unwrap() - 5.0).abs() < 1e-6, "{told}");
    assert!(told["server"]["rss_bytes"]["prepared"].as_u64() > Some(1 << 20), "{told}");
    let registered = metric(&registry, "lubdub_registrations_total{kind=\"new\"}");
    assert!((registered - 30.0).abs() < 0.5, "{registered}");
    until_nothing_is_left(&registry);
}

#[test]
fn sessions_that_beat_in_an_interval_beat_as_often_as_it_fits() {
    let registry = Registry::ephemeral();
    let load = ["session", "--sessions", "4", "--interval", "100ms", "--duration", "1s"];
    let told = measured(&[&load[..], &["--server", &registry.url]].concat());
    let beats = told["beats"].as_u64().unwrap();
    // Less where the machine had no time for them.
    assert!((4..=40).contains(&beats), "{told}");
}

#[test]
fn every_watch_is_told_of_every_change() {
    let registry = Registry::ephemeral();
    let server = registry.at("lubdub");
    let load = ["watch", "--watches", "20", "--connections", "3", "--changes", "4", "--pause", "1ms"];
    let told = measured(&[&load[..], &["--server", &server]].concat());
    assert_eq!((told["changes"].as_u64(), told["errors"].as_u64()), (Some(4), Some(0)), "{told}");
    for round in told["rounds"].as_array().unwrap() {
        let [first, half, all] = ["first", "p50", "all"].map(|name| round[name].as_f64().unwrap());
        assert!(0.0 < first && first <= half && half <= all, "{told}");
    }
    until_nothing_is_left(&registry);
}

#[test]
fn a_death_is_heard_of_whether_by_a_signal_or_by_silence() {
    let registry = Registry::ephemeral();
    let server = registry.at("lubdub");
    let told =
        measured(&["kill", "--registry", &server, "--deaths", "2", "--fleet", "20", "--pause", "200ms"]);
    assert_eq!(told["told_ms"]["count"], 2, "{told}");
    assert!(told["told_ms"]["min"].as_f64() > Some(0.0), "{told}");
    let silent = format!("{server}?timeout=1s");
    let told = measured(&["kill", "--silent", "--registry", &silent, "--deaths", "1", "--fleet", "0"]);
    assert_eq!((&told["asked"]["manner"], &told["told_ms"]["count"]), (&"silent".into(), &1.into()));
    // Not before its time is over.
    assert!(told["told_ms"]["min"].as_f64() > Some(-1.0), "{told}");
    until_nothing_is_left(&registry);
}

#[test]
fn where_nothing_is_to_be_measured_that_is_told() {
    for (arguments, words) in [
        (&["session", "--server", "redis://a:1"][..], "`redis://a:1` is no registry that is known here"),
        // Port 1 is reserved and served by nobody.
        (&["session", "--server", "etcd://127.0.0.1:1"], "etcd://127.0.0.1:1 cannot be measured"),
        (&["watch", "--server", "zookeeper://127.0.0.1:1"], "zookeeper://127.0.0.1:1 cannot be measured"),
        (&["session", "--sessions", "0"], "--sessions"),
        (&["watch", "--watches", "3", "--connections", "4"], "--connections"),
        (&["kill", "--registry", "lubdub://127.0.0.1:1"], "lubdub://127.0.0.1:1 cannot be measured"),
        (&["kill", "--registry", "redis://a"], "lubdub, zookeeper"),
    ] {
        let Ended { code, out, err } = run(&[&["bench"], arguments].concat());
        assert_eq!((code, out.as_str()), (Some(1), ""), "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
    }
}

#[test]
fn ctrl_c_ends_it_early_with_what_was_measured_and_leaves_nothing_behind() {
    let registry = Registry::ephemeral();
    let load =
        ["bench", "session", "--sessions", "3", "--duration", "10m", "--json", "--server", &registry.url];
    let running = Running::start(program(&load));
    let deadline = Instant::now() + PATIENCE;
    let last_beat = || {
        let told: Value = serde_json::from_str(&ask(&registry, "/api/v1/instances")).unwrap();
        told.pointer("/instances/0/leases/0/last_beat").and_then(Value::as_str).map(str::to_owned)
    };
    // Before the first beat of all there is nothing that could have been measured.
    let mut heard = last_beat();
    let mut beats = 0;
    while beats < 2 {
        assert!(Instant::now() < deadline, "no beat came");
        let now = last_beat();
        beats += usize::from(heard.is_some() && now != heard);
        heard = now;
    }
    running.signal(Signal::INT);
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let told: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(told["stopped_early"], true, "{told}");
    until_nothing_is_left(&registry);
}

#[test]
fn ctrl_c_ends_the_wait_for_a_death_that_is_held_back_and_its_living_leave() {
    let registry = Registry::ephemeral();
    let server = registry.at("lubdub");
    // Of so few the guard holds whoever dies after the first ones.
    let load =
        ["bench", "kill", "--registry", &server, "--deaths", "1000", "--fleet", "12", "--pause", "1ms"];
    let running = Running::start(program(&[&load[..], &["--json"]].concat()));
    let deadline = Instant::now() + PATIENCE;
    while !ask(&registry, "/api/v1/instances?held=true").contains("\"held\":true") {
        assert!(Instant::now() < deadline, "nobody is held");
    }
    running.signal(Signal::INT);
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let told: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(told["stopped_early"], true, "{told}");
    // The living left on their own word; who died is the guard's affair.
    let left = ask(&registry, "/api/v1/instances");
    assert!(!left.contains("10.0.0."), "{left}");
}
