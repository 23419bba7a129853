//! A registry that is killed at any moment, over and over, while providers come, beat and leave:
//! nothing that it acknowledged is lost or comes back, no revision falls, nobody living is evicted.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::Signal;
use ureq::Agent;

use super::providers::{agent, instance};
use super::{figure, listed, size};
use crate::support::{PATIENCE, Registry, Running, program};

/// Long enough for a test machine that is busy; far shorter than all the kills take.
const LEASE_SECS: u64 = 10;
const PROVIDERS: usize = 4;
/// Instances that each provider holds at a time.
const HELD: usize = 5;

/// Numbers that follow from a seed (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// What the providers share.
struct Load<'a> {
    url: &'a str,
    over: AtomicBool,
    /// Requests that were acknowledged.
    acknowledged: AtomicU64,
}

impl Load<'_> {
    /// Registers, beats and leaves until it is over; answers what must be registered then.
    fn provide(&self, number: usize) -> Result<BTreeSet<String>, String> {
        let agent = agent(true);
        let mut held: BTreeSet<String> = BTreeSet::new();
        for next in 0.. {
            if self.over.load(Ordering::Relaxed) {
                break;
            }
            let id = format!("p{number}-{next:06}");
            self.until_answered(|| {
                let path = format!("{}/eureka/apps/ORDERS", self.url);
                agent.post(path).send_json(instance("ORDERS", &id, LEASE_SECS)).map(status)
            })
            .filter(|status| *status == 204)
            .ok_or_else(|| format!("{id} could not register"))?;
            held.insert(id);
            for id in &held {
                self.beats(&agent, id)?;
            }
            let oldest = if held.len() > HELD { held.pop_first() } else { None };
            if let Some(id) = oldest {
                let path = format!("{}/eureka/apps/ORDERS/{id}", self.url);
                let left = self.until_answered(|| agent.delete(&path).call().map(status));
                // An earlier try may have been carried out and not answered.
                if !matches!(left, Some(200 | 404)) {
                    return Err(format!("{id} could not leave: {left:?}"));
                }
            }
        }
        Ok(held)
    }

    fn beats(&self, agent: &Agent, id: &str) -> Result<(), String> {
        let path = format!("{}/eureka/apps/ORDERS/{id}", self.url);
        match self.until_answered(|| agent.put(&path).send_empty().map(status)) {
            Some(200) => Ok(()),
            told => Err(format!("{id} is registered, and its beat was told {told:?}")),
        }
    }

    /// Tries until there is an answer: a registry that was killed comes back.
    fn until_answered(&self, ask: impl Fn() -> Result<u16, ureq::Error>) -> Option<u16> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            match ask() {
                // It is to be asked again.
                Ok(503) | Err(_) => thread::sleep(Duration::from_millis(5)),
                Ok(status) => {
                    self.acknowledged.fetch_add(1, Ordering::Relaxed);
                    return Some(status);
                }
            }
        }
        None
    }
}

fn status<T>(answer: ureq::http::Response<T>) -> u16 {
    answer.into_parts().0.status.as_u16()
}

/// The command that serves from this folder.
fn serving(folder: &Path, address: &str) -> Command {
    let mut command = program(&["serve", "--listen", address, "--data"]);
    // A disk that is too slow is not what this is about: then nothing would be promised.
    command.arg(folder).env("LUBDUB_JOURNAL_PATIENCE", "60s");
    command
}

#[test]
fn killed_at_any_moment_it_keeps_what_it_acknowledged() {
    let kills = size("LUBDUB_TEST_KILLS", 20);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64);
    let seed = size("LUBDUB_TEST_SEED", now as usize) as u64;
    println!("LUBDUB_TEST_SEED={seed}, {kills} kills");
    let mut chance = Chance(seed);
    let folder = tempfile::tempdir().unwrap();
    let mut registry = Registry::of(serving(folder.path(), "127.0.0.1:0"));
    let url = registry.url.clone();
    let address = url.trim_start_matches("http://");
    let load = Load { url: &url, over: AtomicBool::new(false), acknowledged: AtomicU64::new(0) };
    let held: BTreeSet<String> = thread::scope(|scope| {
        let load = &load;
        let providers: Vec<_> =
            (0..PROVIDERS).map(|number| scope.spawn(move || load.provide(number))).collect();
        let mut revision = 0;
        for _ in 0..kills {
            thread::sleep(Duration::from_millis(chance.below(250)));
            revision = figure(&url, "revision").max(revision);
            registry.process.signal(Signal::KILL);
            drop(registry);
            if chance.below(4) == 0 {
                // Killed again before it is up.
                let starting = Running::start(serving(folder.path(), address));
                thread::sleep(Duration::from_millis(chance.below(60)));
                drop(starting);
            }
            registry = Registry::of(serving(folder.path(), address));
            let now = figure(&url, "revision");
            assert!(now >= revision, "the revision fell from {revision} to {now}, seed {seed}");
            if providers.iter().any(thread::ScopedJoinHandle::is_finished) {
                // One of them has something to tell.
                break;
            }
        }
        load.over.store(true, Ordering::Relaxed);
        // They end when their last request is answered.
        let ended = providers.into_iter().map(|provider| provider.join().unwrap());
        let ended: Result<Vec<_>, _> = ended.collect();
        ended.unwrap_or_else(|fault| panic!("{fault}, seed {seed}")).into_iter().flatten().collect()
    });
    let acknowledged = load.acknowledged.load(Ordering::Relaxed);
    println!("{acknowledged} requests were acknowledged, {} instances are held", held.len());
    assert!(acknowledged > kills as u64, "there was a load");
    // What is listed comes from the disk alone.
    let registry = Registry::of(serving(folder.path(), address));
    let ids = BTreeSet::from_iter(listed(&url));
    assert_eq!(ids, held, "seed {seed}; {}", registry.banner());
}
