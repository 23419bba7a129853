//! `lubdub register`: an instance that lives as long as its command, or until it is asked to end.

use std::io::Write;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{PATIENCE, Registry, Running, program, run};

/// Far less than any lease here.
const SOON: Duration = Duration::from_secs(10);

/// Both protocols by which lubdub is reached.
const SCHEMES: [&str; 2] = ["lubdub", "eureka"];

fn register(url: &str, arguments: &[&str]) -> Running {
    let line = [&["register", "orders", "--port", "8080", "--id", "web-1", "--registry", url], arguments];
    let mut command = program(&line.concat());
    // Open, for commands that read a line.
    command.stdin(Stdio::piped());
    Running::start(command)
}

/// The statuses of all instances of `orders`.
fn statuses(registry: &Registry) -> Vec<String> {
    let url = format!("{}/api/v1/instances?service=orders", registry.url);
    let document: Value = ureq::get(url).call().unwrap().body_mut().read_json().unwrap();
    let instances = document.get("instances").and_then(Value::as_array).unwrap();
    let status = |instance: &Value| instance.get("status").and_then(Value::as_str).unwrap().to_owned();
    instances.iter().map(status).collect()
}

/// Waits until the statuses are these.
fn until(registry: &Registry, expected: &[&str]) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = statuses(registry);
        if found == expected {
            return;
        }
        assert!(Instant::now() < deadline, "expected {expected:?}, and there is {found:?}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_end_of_the_command_ends_the_registration_and_its_exit_code_is_ours() {
    for scheme in SCHEMES {
        let registry = Registry::ephemeral();
        let script = "echo $LUBDUB_SERVICE $LUBDUB_INSTANCE $LUBDUB_ADDRESS; read line; echo $line; exit 7";
        let mut running = register(&registry.at(scheme), &["--", "sh", "-c", script]);
        running.out.wait_for("orders web-1 127.0.0.1:8080");
        running.err.wait_for("orders/web-1 is registered");
        until(&registry, &["UP"]);
        running.child.stdin.take().unwrap().write_all(b"that will do\n").unwrap();
        let ended = running.end();
        assert_eq!(ended.code, Some(7), "{scheme}: {}", ended.err);
        assert!(ended.out.ends_with("that will do\n"), "{scheme}: {}", ended.out);
        assert_eq!(statuses(&registry), [""; 0], "{scheme}");
    }
}

#[test]
fn a_command_that_a_signal_killed_ends_with_128_and_the_signal() {
    let registry = Registry::ephemeral();
    let ended = register(&registry.at("lubdub"), &["--", "sh", "-c", "kill -9 $$"]).end();
    assert_eq!(ended.code, Some(137), "{}", ended.err);
    assert!(ended.err.contains("`sh` ended (killed by signal 9)"), "{}", ended.err);
}

#[test]
fn sigterm_makes_it_unavailable_then_ends_the_command_and_is_out_when_that_has_ended() {
    for scheme in SCHEMES {
        let registry = Registry::ephemeral();
        // What consumers are told at the moment when the command is asked to end.
        let script = r#"trap '"$0" instances orders --server "$1"; kill $!; read line; exit 5' TERM
            sleep 1000 & echo up; wait"#;
        let arguments =
            ["--notice", "50ms", "--", "sh", "-c", script, env!("CARGO_BIN_EXE_lubdub"), &registry.url];
        let mut running = register(&registry.at(scheme), &arguments);
        running.out.wait_for("up");
        until(&registry, &["UP"]);
        running.signal(Signal::TERM);
        running.err.wait_for("SIGTERM: orders/web-1 is unavailable from now on");
        let told = running.out.wait_for("web-1");
        assert!(!told.contains("UP"), "{scheme}: {told}");
        // It is registered as long as the command runs.
        assert_eq!(statuses(&registry).len(), 1, "{scheme}");
        running.child.stdin.take().unwrap().write_all(b"\n").unwrap();
        let ended = running.end();
        assert_eq!(ended.code, Some(5), "{scheme}: {}", ended.err);
        assert_eq!(statuses(&registry), [""; 0], "{scheme}");
    }
}

#[test]
fn a_command_that_does_not_end_is_killed_after_its_time() {
    let registry = Registry::ephemeral();
    let script = "trap '' TERM; echo up; while :; do sleep 0.05; done";
    let arguments = ["--notice", "0s", "--stop-timeout", "100ms", "--", "sh", "-c", script];
    let mut running = register(&registry.at("lubdub"), &arguments);
    running.out.wait_for("up");
    running.signal(Signal::TERM);
    let ended = running.end();
    assert_eq!(ended.code, Some(137), "{}", ended.err);
    assert!(ended.err.contains("`sh` did not end within 100 ms"), "{}", ended.err);
    assert_eq!(statuses(&registry), [""; 0]);
}

#[test]
fn a_second_signal_waits_for_nobody() {
    let registry = Registry::ephemeral();
    let script = "trap '' INT; echo up; while :; do sleep 0.05; done";
    let arguments = ["--notice", "1h", "--stop-timeout", "1h", "--", "sh", "-c", script];
    let mut running = register(&registry.at("lubdub"), &arguments);
    running.out.wait_for("up");
    running.err.wait_for("is registered");
    running.signal(Signal::INT);
    running.err.wait_for("once more ends it at once");
    running.signal(Signal::INT);
    assert_eq!(running.end().code, Some(137));
    assert_eq!(statuses(&registry), [""; 0]);
}

#[test]
fn signals_that_mean_something_to_the_command_reach_it() {
    let registry = Registry::ephemeral();
    let script = "trap 'echo reloaded; kill $!; exit 0' HUP; sleep 1000 & echo up; wait";
    let mut running = register(&registry.at("lubdub"), &["--", "sh", "-c", script]);
    running.out.wait_for("up");
    running.signal(Signal::HUP);
    running.out.wait_for("reloaded");
    assert_eq!(running.end().code, Some(0));
}

#[test]
fn without_a_command_it_is_registered_until_it_is_asked_to_end() {
    for scheme in SCHEMES {
        let registry = Registry::ephemeral();
        let mut running = register(&registry.at(scheme), &["--notice", "0s"]);
        running.err.wait_for("is registered at");
        until(&registry, &["UP"]);
        running.signal(Signal::INT);
        let ended = running.end();
        assert_eq!(ended.code, Some(0), "{scheme}: {}", ended.err);
        assert!(ended.err.contains("orders/web-1 has left"), "{scheme}: {}", ended.err);
        assert_eq!(statuses(&registry), [""; 0], "{scheme}");
    }
}

#[test]
fn a_check_that_fails_takes_it_out_and_one_that_passes_brings_it_back() {
    for (scheme, unavailable) in [("lubdub", "OUT_OF_SERVICE"), ("eureka", "DOWN")] {
        let registry = Registry::ephemeral();
        let folder = tempfile::tempdir().unwrap();
        let ready = folder.path().join("ready");
        let check = format!("test -e {}", ready.display());
        let arguments = ["--check", &check, "--check-interval", "20ms", "--notice", "0s"];
        let mut running = register(&registry.at(scheme), &arguments);
        running.err.wait_for("is registered at");
        assert_ne!(statuses(&registry), ["UP"], "{scheme}: not checked yet");
        for _ in 0..2 {
            std::fs::write(&ready, "").unwrap();
            running.err.wait_for("passes; orders/web-1 is available from now on");
            until(&registry, &["UP"]);
            std::fs::remove_file(&ready).unwrap();
            let line = running.err.wait_for("failed 2 times in a row (exit code 1)");
            assert!(line.contains("orders/web-1 is unavailable from now on"), "{line}");
            until(&registry, &[unavailable]);
        }
        running.signal(Signal::TERM);
        assert_eq!(running.end().code, Some(0), "{scheme}");
    }
}

#[test]
fn a_command_that_cannot_be_started_is_told_and_nothing_is_registered() {
    let registry = Registry::ephemeral();
    let ended = register(&registry.at("lubdub"), &["--", "/nowhere/orders"]).end();
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("cannot start `/nowhere/orders`: No such file"), "{}", ended.err);
    assert!(ended.err.contains("nothing was registered"), "{}", ended.err);
    let why = run(&["why", "orders/web-1", "--server", &registry.url]);
    assert!(why.err.contains("orders/web-1 is not registered"), "{}{}", why.out, why.err);
}

#[test]
fn who_is_killed_is_out_at_once() {
    let registry = Registry::ephemeral();
    let mut running = register(&registry.at("lubdub"), &[]);
    running.err.wait_for("is registered at");
    until(&registry, &["UP"]);
    let killed = Instant::now();
    running.signal(Signal::KILL);
    until(&registry, &[]);
    assert!(killed.elapsed() < SOON, "{:?}", killed.elapsed());
}

#[test]
fn a_registry_that_is_gone_keeps_no_command_from_starting_and_is_told_of_once() {
    let registry = Registry::ephemeral();
    let address = registry.url.trim_start_matches("http://").to_owned();
    // Beats often, so that it is tried again soon.
    let url = format!("{}?timeout=1s&interval=100ms", registry.at("lubdub"));
    drop(registry);
    let mut running = register(&url, &["--", "sh", "-c", "echo up; read line"]);
    running.out.wait_for("up");
    let line = running.err.wait_for("is not to be reached");
    assert!(line.contains("orders/web-1 is not registered yet, and it goes on trying"), "{line}");
    let registry = Registry::start_at(&address, &["--ephemeral"]);
    running.err.wait_for("is registered at");
    until(&registry, &["UP"]);
    drop(registry);
    running.err.wait_for("it goes on, and tries again");
    let registry = Registry::start_at(&address, &["--ephemeral"]);
    running.err.wait_for("orders/web-1 is registered again");
    until(&registry, &["UP"]);
    drop(running.child.stdin.take());
    let ended = running.end();
    assert_eq!(ended.err.matches("goes on").count(), 2, "{}", ended.err);
}

#[test]
fn a_registry_that_wants_a_token_gets_it_from_a_file_or_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "open/sesame\n").unwrap();
    let file = file.to_str().unwrap();
    for scheme in SCHEMES {
        let registry = Registry::start(&["--ephemeral", "--token-file", file]);
        let ended = register(&registry.at(scheme), &[]).end();
        assert_eq!(ended.code, Some(1), "{scheme}: {}", ended.err);
        assert!(ended.err.contains("does not let us in"), "{scheme}: {}", ended.err);
        let mut running = register(&registry.at(scheme), &["--token-file", file]);
        running.err.wait_for("orders/web-1 is registered at");
        let listed = run(&["instances", "orders", "--registry", &registry.at(scheme), "--token-file", file]);
        assert!(listed.out.contains("web-1"), "{scheme}: {}{}", listed.out, listed.err);
    }
}

#[test]
fn what_cannot_be_right_is_told_before_anything_is_started() {
    let started = |arguments: &[&str]| {
        let line = [&["register"], arguments, &["--", "sh", "-c", "echo started"]].concat();
        let ended = run(&line);
        assert_eq!((ended.out.as_str(), ended.code), ("", Some(1)), "{arguments:?}: {}", ended.err);
        ended.err
    };
    let unknown = started(&["orders", "--port", "1", "--registry", "http://127.0.0.1:8761"]);
    assert!(unknown.contains("consul, etcd, eureka, lubdub, zookeeper"), "{unknown}");
    let none = started(&["orders", "--port", "1", "--registry", "localhost:8761"]);
    assert!(none.contains("--registry: the scheme of the registry's URL"), "{none}");
    let parameter = started(&["orders", "--port", "1", "--registry", "lubdub://localhost?interval=1h"]);
    assert!(parameter.contains("interval of the registry's URL is"), "{parameter}");
    let name = started(&[" ", "--port", "1"]);
    assert!(name.contains("service of the instance is \" \""), "{name}");
    let host = started(&["orders", "--port", "1", "--registry", "lubdub://no.such.host.invalid"]);
    assert!(host.contains("--host HOST"), "{host}");
}
