//! The guard and damping, from a client's beats to what an operator sees and does.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{PATIENCE, Registry, ask, program};

/// A registry with a token for operators, and settings of its own.
struct Kept {
    registry: Registry,
    folder: TempDir,
}

impl Kept {
    fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command =
            program(&["serve", "--listen", "127.0.0.1:0", "--data", folder.path().to_str().unwrap()]);
        command.envs(settings.iter().copied());
        Self { registry: Registry::of(command), folder }
    }

    fn ask(&self, arguments: &[&str]) -> String {
        let token = self.folder.path().join("operator-token");
        let token = token.to_str().unwrap();
        let who = ["--server", &self.registry.url, "--operator-token-file", token, "--as", "alice"];
        ask(&[arguments, &who].concat())
    }

    fn show(&self, arguments: &[&str]) -> String {
        ask(&[arguments, &["--server", &self.registry.url]].concat())
    }

    fn register(&self, id: &str, host: &str, lease_secs: u64) {
        let instance = json!({ "instance": {
            "instanceId": id, "hostName": host, "app": "ORDERS", "ipAddr": host, "status": "UP",
            "port": { "$": 8080, "@enabled": "true" },
            "dataCenterInfo": { "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn" },
            "leaseInfo": { "renewalIntervalInSecs": 1, "durationInSecs": lease_secs },
        }});
        let reply = ureq::post(format!("{}/eureka/apps/ORDERS", self.registry.url)).send_json(instance);
        assert_eq!(reply.unwrap().status(), 204);
    }

    fn guard(&self) -> Value {
        let url = format!("{}/api/v1/guard", self.registry.url);
        ureq::get(url).call().unwrap().body_mut().read_json().unwrap()
    }

    fn history(&self, id: &str) -> Vec<Value> {
        let url = format!("{}/api/v1/services/orders/instances/{id}/history", self.registry.url);
        let told: Value = ureq::get(url).call().unwrap().body_mut().read_json().unwrap();
        told.get("history").and_then(Value::as_array).unwrap().clone()
    }
}

/// What an instance's beat is answered.
fn beat(url: &str, id: &str) -> u16 {
    let request = ureq::put(format!("{url}/eureka/apps/ORDERS/{id}"));
    request.config().http_status_as_error(false).build().send_empty().unwrap().status().as_u16()
}

fn until(what: &str, mut so: impl FnMut() -> bool) {
    let give_up = Instant::now() + PATIENCE;
    while !so() {
        assert!(Instant::now() < give_up, "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Beats for all of these, until it is dropped.
struct Beating {
    ids: Arc<Mutex<BTreeSet<String>>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Beating {
    fn of(url: &str, ids: impl IntoIterator<Item = String>) -> Self {
        let ids = Arc::new(Mutex::new(ids.into_iter().collect::<BTreeSet<_>>()));
        let over = Arc::new(AtomicBool::new(false));
        let (url, theirs, ended) = (url.to_owned(), Arc::clone(&ids), Arc::clone(&over));
        let thread = thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                for id in theirs.lock().unwrap().clone() {
                    assert_eq!(beat(&url, &id), 200, "{id} beats, and is known");
                }
                thread::sleep(Duration::from_millis(100));
            }
        });
        Self { ids, over, thread: Some(thread) }
    }

    fn silence(&self, id: &str) {
        self.ids.lock().unwrap().remove(id);
    }
}

impl Drop for Beating {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || thread::panicking());
    }
}

#[test]
fn too_many_who_fall_silent_are_held_until_an_operator_lets_them_go() {
    let kept = Kept::with(&[("LUBDUB_GUARD_LEAVE_PERCENT", "1"), ("LUBDUB_GUARD_MAX_HOLD", "forever")]);
    let ids: Vec<String> = (0..20).map(|n| format!("o-{n:02}")).collect();
    for (n, id) in ids.iter().enumerate() {
        kept.register(id, &format!("10.0.0.{n}"), 5);
    }
    let beating = Beating::of(&kept.registry.url, ids.iter().cloned());
    let silent = &ids[..6];
    for id in silent {
        beating.silence(id);
    }
    until("all six are held", || {
        let guard = kept.guard();
        guard["scopes"][0]["episode"]["held_leases"] == 6 && guard["scopes"][0]["state"] == "holding"
    });
    let shown = kept.show(&["guard"]);
    assert!(shown.contains("6 of 20 hosts fell silent within one lease time, more than 3"), "{shown}");
    assert!(kept.show(&["instances", "orders", "--held"]).contains("o-05"));
    let told = kept.show(&["why", "orders/o-00"]);
    assert!(told.contains("the guard holds it"), "{told}");
    // One of them was only late.
    assert_eq!(beat(&kept.registry.url, "o-05"), 200);
    until("it is heard again", || kept.history("o-05").last().unwrap()["cause"]["name"] == "returned");
    beating.ids.lock().unwrap().insert("o-05".to_owned());

    let told = kept.ask(&["guard", "release", "registry"]);
    assert!(told.contains("lets go"), "{told}");
    until("the silent have left", || {
        silent[..5].iter().all(|id| kept.history(id).last().unwrap()["cause"]["name"] == "expired")
    });
    let by_hand = silent[..5].iter().filter(|id| {
        let history = kept.history(id);
        let word = &history.last().unwrap()["cause"]["silence"]["guard"];
        word["reason"] == "by_hand" && word["by"]["operator"] == "alice"
    });
    assert!(by_hand.count() > 0, "{:?}", kept.history("o-00").last());
    assert_eq!(kept.guard()["scopes"][0]["silent"], 0);
    drop(beating);
}

#[test]
fn who_is_lost_and_returns_too_often_is_kept_out_until_an_operator_clears_it() {
    let kept = Kept::with(&[("LUBDUB_DAMPING_ENABLED", "true"), ("LUBDUB_DAMPING_SUPPRESS", "1500")]);
    kept.register("steady", "10.0.0.1", 90);
    kept.register("a", "10.0.0.2", 1);
    for _ in 0..2 {
        until("it is lost", || kept.history("a").last().unwrap()["cause"]["name"] == "expired");
        // It was alive all along: it beats, is told that it is unknown, and registers again.
        assert_eq!(beat(&kept.registry.url, "a"), 404);
        kept.register("a", "10.0.0.2", 1);
    }
    let history = kept.history("a");
    let cause = &history.iter().rev().find(|entry| entry["cause"]["name"] == "came-back").unwrap()["cause"];
    assert_eq!((&cause["flap"]["outcome"], &cause["flap"]["losses"]), (&json!("kept_out"), &json!(2)));
    kept.register("a", "10.0.0.2", 90);
    let shown: Value = {
        let request = ureq::get(format!("{}/eureka/apps/ORDERS/a", kept.registry.url));
        request.header("accept", "application/json").call().unwrap().body_mut().read_json().unwrap()
    };
    assert_eq!(shown["instance"]["status"], "OUT_OF_SERVICE");
    assert!(kept.show(&["damping"]).contains('a'));
    kept.ask(&["damping", "clear", "orders/a"]);
    let last = kept.history("a").pop().unwrap();
    assert_eq!((&last["cause"]["name"], &last["status"]), (&json!("undamped"), &json!("UP")));
    assert_eq!(last["cause"]["operator"], "alice");
}
