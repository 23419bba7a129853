//! A disk that is full or takes seconds: the registry goes on in memory, says so, and writes
//! everything when the disk is back.
//!
//! The disk is a shim of a few lines of C between the program and its system's library, because a
//! small file system needs privileges to be mounted.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use super::providers::agent;
use super::{document, listed};
use crate::support::{PATIENCE, Registry, program};

/// A registry on a disk that does as it is told.
struct OnToldDisk {
    folder: TempDir,
    registry: Registry,
}

impl OnToldDisk {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shim = folder.path().join("disk.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/faults/disk.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o"]).arg(&shim).arg(source).arg("-ldl");
        assert!(compiler.status().expect("there is a C compiler; the store needs one, too").success());
        let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(folder.path().join("data")).env("LD_PRELOAD", shim).env("DISK_IS", folder.path());
        command.env("LUBDUB_JOURNAL_PATIENCE", "200ms");
        let registry = Registry::of(command);
        Self { folder, registry }
    }

    fn is(&self, how: &str) {
        fs::write(self.folder.path().join(how), "").unwrap();
    }

    fn is_no_longer(&self, how: &str) {
        fs::remove_file(self.folder.path().join(how)).unwrap();
    }

    /// What `/readyz` says, once its status is this.
    fn until(&self, status: &str) -> Value {
        let began = Instant::now();
        loop {
            // Who is degraded is ready all the same, and answers 200.
            let told = document(&self.registry.url, "/readyz");
            if told.get("status").and_then(Value::as_str) == Some(status) {
                return told;
            }
            assert!(began.elapsed() < PATIENCE, "it is never {status}: {told}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The value of a metric, a whole number.
    fn metric(&self, name: &str) -> u64 {
        let text = ureq::get(format!("{}/metrics", self.registry.url)).call().unwrap();
        let text = text.into_body().read_to_string().unwrap();
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        value.unwrap_or_else(|| panic!("there is no {name}: {text}")).parse().unwrap()
    }

    fn beats(&self, id: &str) {
        let beat = agent(true).put(format!("{}/eureka/apps/ORDERS/{id}", self.registry.url)).send_empty();
        assert_eq!(beat.unwrap().status(), 200, "{id}");
    }

    /// Kills it, starts it again on a disk without faults, and answers which instances there are.
    fn restarted(self) -> Vec<String> {
        let Self { folder, registry } = self;
        registry.process.signal(Signal::KILL);
        drop(registry);
        let data = folder.path().join("data");
        let again = Registry::start(&["--data", data.to_str().unwrap()]);
        listed(&again.url)
    }
}

#[test]
fn a_full_disk_stops_nobody_and_gets_everything_when_there_is_room() {
    let on = OnToldDisk::start();
    for id in ["before", "leaver"] {
        on.registry.register("orders", id, "UP");
    }
    on.until("ready");
    on.is("full");
    on.registry.register("orders", "during", "UP");
    on.registry.deregister("orders", "leaver");
    on.beats("before");
    on.beats("during");
    let told = on.until("degraded");
    assert!(told["warnings"][0].as_str().unwrap().contains("full"), "{told}");
    assert_eq!(on.metric("lubdub_journal_state{state=\"unavailable\"}"), 1);
    assert!(on.metric("lubdub_journal_unwritten_instances") >= 1);
    assert!(on.metric("lubdub_journal_failed_commits_total") >= 1);

    on.is_no_longer("full");
    on.until("ready");
    assert_eq!(on.metric("lubdub_journal_unwritten_instances"), 0);
    assert_eq!(on.restarted(), ["before", "during"]);
}

#[test]
fn a_disk_that_takes_seconds_keeps_nobody_waiting_for_as_long() {
    let on = OnToldDisk::start();
    on.registry.register("orders", "before", "UP");
    on.is("slow");
    on.registry.register("orders", "during", "UP");
    // Answered while the disk still has it in hand: it is told that it does not count on it.
    let told = on.until("degraded");
    assert_eq!(told["journal"]["state"], "unavailable", "{told}");
    on.beats("before");
    on.beats("during");
    on.registry.register("orders", "later", "UP");
    on.is_no_longer("slow");
    on.until("ready");
    assert_eq!(on.restarted(), ["before", "during", "later"]);
}
