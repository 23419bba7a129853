//! A registry that cannot accept: no file left, or a queue of connections that is full. What it
//! could not hear is held against nobody.

use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, prlimit};

use super::providers::{agent, beat};
use crate::support::{PATIENCE, Registry, ask};

const LEASE_SECS: u64 = 2;
/// Longer than the lease, so that every lease is overdue when the registry can accept again.
const STARVED: Duration = Duration::from_secs(4);
const BEAT_EVERY: Duration = Duration::from_millis(300);

/// Two who beat, each time through a new connection, and one who does not; then the registry is
/// starved, and fed again.
fn nobody_who_beats_is_evicted(mut registry: Registry, starve_and_feed: impl FnOnce(&mut Registry)) {
    for id in ["alive-1", "alive-2", "dead"] {
        registry.register_for("orders", id, "UP", LEASE_SECS);
    }
    let (over, faults) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let url = registry.url.clone();
    let listed = || ask(&["instances", "--json", "--server", &url]);
    thread::scope(|scope| {
        let beating: Vec<_> = ["alive-1", "alive-2"]
            .map(|id| {
                let (over, faults, url) = (&over, &faults, &url);
                scope.spawn(move || beat(&agent(false), url, &[id], BEAT_EVERY, over, faults))
            })
            .into();
        starve_and_feed(&mut registry);
        let began = Instant::now();
        let mut last = listed();
        while last.contains("\"dead\"") && began.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(50));
            last = listed();
        }
        over.store(true, Ordering::Relaxed);
        let taken: Vec<usize> = beating.into_iter().map(|one| one.join().unwrap()).collect();
        assert!(taken.iter().all(|taken| *taken > 0), "nobody was heard: {taken:?}");
        assert!(!last.contains("\"dead\""), "the dead one never leaves: {last}");
        assert!(last.contains("\"alive-1\"") && last.contains("\"alive-2\""), "{last}");
    });
    assert_eq!(faults.into_inner().unwrap(), Vec::<String>::new());
}

#[test]
fn a_registry_without_a_file_left_evicts_nobody_and_goes_on_when_there_are_some() {
    nobody_who_beats_is_evicted(Registry::ephemeral(), |registry| {
        let pid = Pid::from_child(&registry.process.child);
        let before = getrlimit(Resource::Nofile);
        let open = std::fs::read_dir(format!("/proc/{}/fd", pid.as_raw_nonzero())).unwrap().count() as u64;
        let few = Rlimit { current: Some(open + 3), maximum: before.maximum };
        prlimit(Some(pid), Resource::Nofile, few).unwrap();
        let address = registry.url.trim_start_matches("http://");
        let hungry: Vec<_> = (0..64).map(|_| TcpStream::connect(address).unwrap()).collect();
        let told = registry.process.err.wait_for("connections cannot be accepted");
        assert!(told.contains("Too many open files"), "{told}");
        thread::sleep(STARVED);
        drop(hungry);
        prlimit(Some(pid), Resource::Nofile, before).unwrap();
    });
}

#[test]
fn a_full_queue_of_connections_is_held_against_nobody() {
    nobody_who_beats_is_evicted(Registry::ephemeral(), |registry| {
        let address = registry.url.trim_start_matches("http://").parse().unwrap();
        registry.process.signal(Signal::STOP);
        let began = Instant::now();
        let mut waiting = Vec::new();
        // Connections beyond the queue are not answered; so it is full.
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            waiting.push(stream);
        }
        assert!(waiting.len() > 100, "{} connections filled the queue", waiting.len());
        thread::sleep(STARVED.saturating_sub(began.elapsed()));
        registry.process.signal(Signal::CONT);
        drop(waiting);
    });
}
