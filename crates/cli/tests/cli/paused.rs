//! A registry that does not run for a while, as on a suspended or starved machine.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::{PATIENCE, Registry, ask};

const LEASE_SECS: u64 = 2;
/// Longer than the lease, so that every lease is overdue when the registry goes on; a minute where
/// `cargo xtask sweep` asks for it.
fn pause() -> Duration {
    let asked = std::env::var("LUBDUB_TEST_PAUSE_SECS").ok();
    Duration::from_secs(asked.map_or(5, |secs| secs.parse().expect("a pause is a number of seconds")))
}

#[test]
fn a_registry_that_was_stopped_evicts_nobody_who_beats_and_the_dead_a_lease_later() {
    let registry = Registry::ephemeral();
    for id in ["alive", "dead"] {
        registry.register_for("orders", id, "UP", LEASE_SECS);
    }
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let provider = scope.spawn(|| {
            let path = format!("{}/eureka/apps/ORDERS/alive", registry.url);
            let mut answers = Vec::new();
            while !over.load(Ordering::Relaxed) {
                // Waits while the registry is stopped, as any client would.
                answers.push(ureq::put(&path).send_empty().map(|answer| answer.status().as_u16()));
                thread::sleep(Duration::from_millis(400));
            }
            answers
        });
        registry.process.signal(Signal::STOP);
        thread::sleep(pause());
        registry.process.signal(Signal::CONT);
        let began = Instant::now();
        let listed = || ask(&["instances", "--json", "--server", &registry.url]);
        assert!(listed().contains("\"dead\""), "what could not be heard is held against nobody");
        while listed().contains("\"dead\"") {
            assert!(began.elapsed() < PATIENCE, "the dead one never leaves");
            thread::sleep(Duration::from_millis(50));
        }
        assert!(listed().contains("\"alive\""));
        over.store(true, Ordering::Relaxed);
        let answers = provider.join().unwrap();
        assert!(answers.iter().all(|answer| matches!(answer, Ok(200))), "a beat was not taken: {answers:?}");
    });
    let why = ask(&["why", "orders", "dead", "--server", &registry.url]);
    assert!(why.contains("did not count because the registry could not hear"), "{why}");
}
