//! A provider process that is killed: its machine knows at once, and says so to whoever asks.

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::{PATIENCE, Registry, Running, program};

/// As an Eureka client's: so long would a killed one stay without the probe.
const LEASE_SECS: &str = "90";

/// A provider process that listens on a port of its own, and beats through one connection.
fn start(registry: &Registry, id: &str) -> Running {
    let arguments =
        ["demo-provider", "--registry", &registry.url, "--service", "orders", "--id", id, "--ttl-secs"];
    let mut command = program(&arguments);
    // It lives as long as its standard input is open.
    command.args([LEASE_SECS, "--interval-secs", "1"]).stdin(Stdio::piped());
    Running::start(command)
}

fn history(registry: &Registry, id: &str) -> serde_json::Value {
    let url = format!("{}/api/v1/services/orders/instances/{id}/history", registry.url);
    ureq::get(url).call().unwrap().body_mut().read_json().unwrap()
}

#[test]
fn who_is_killed_is_gone_because_its_address_refuses_and_who_is_stopped_stays() {
    let registry = Registry::ephemeral();
    let (mut killed, mut stopped) = (start(&registry, "killed"), start(&registry, "stopped"));
    for provider in [&mut killed, &mut stopped] {
        for report in ["registered", "renewed", "renewed"] {
            provider.out.wait_for(report);
        }
    }
    stopped.signal(Signal::STOP);
    killed.signal(Signal::KILL);
    let began = Instant::now();
    let told = loop {
        let told = history(&registry, "killed");
        let last = told["history"].as_array().unwrap().last().unwrap()["cause"].clone();
        if last["name"] != "registered" {
            break last;
        }
        assert!(began.elapsed() < PATIENCE, "the killed one never leaves: {told}");
        thread::sleep(Duration::from_millis(20));
    };
    // A lease of 90 s that ended for want of beats would say so.
    assert_eq!(told["name"], "refused", "{told}");
    let stays = history(&registry, "stopped");
    assert_eq!(stays["history"].as_array().unwrap().len(), 1, "{stays}");
    stopped.signal(Signal::CONT);
}
