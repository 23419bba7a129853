//! A fleet of machines that keep their leases, fail, and come back, second by second.

use std::collections::BTreeMap;

use lubdub_core::lease::Renewal;
use lubdub_core::{Change, Config};

use crate::provider::{Provider, provider};
use crate::scene::Scene;

/// Machines with providers on a [`Scene`]. Each provider renews at its interval, and registers
/// again at once where its lease is unknown, as a client does.
#[derive(Debug)]
pub struct Fleet {
    /// The registry and its clock.
    pub scene: Scene,
    machines: BTreeMap<String, Machine>,
    /// No beat reaches the registry while it is cut off.
    cut_off: bool,
    ttl_secs: u64,
    second: u64,
    told: Vec<Told>,
}

#[derive(Debug)]
struct Machine {
    alive: bool,
    phase: u64,
    providers: Vec<(String, String, Provider)>,
}

/// One thing that happened, and in which second.
#[derive(Debug, Clone)]
pub struct Told {
    /// Seconds since the fleet began.
    pub second: u64,
    /// What happened.
    pub change: Change,
}

impl Fleet {
    /// No machines. Leases of so many seconds, three beats in each.
    pub fn new(config: Config, ttl_secs: u64) -> Self {
        Self {
            scene: Scene::with(config),
            machines: BTreeMap::new(),
            cut_off: false,
            ttl_secs,
            second: 0,
            told: Vec::new(),
        }
    }

    /// Adds a machine with one provider for each service; it registers at once.
    pub fn add(&mut self, host: &str, zone: &str, services: &[&str]) {
        let providers: Vec<_> = services
            .iter()
            .map(|service| {
                let id = format!("{service}@{host}");
                let asked = provider(service, &id).host(host).zone(zone).ttl_secs(self.ttl_secs);
                ((*service).to_owned(), id, asked)
            })
            .collect();
        for (_, _, asked) in &providers {
            self.scene.register(asked.clone());
        }
        let phase = self.machines.len() as u64 % (self.ttl_secs / 3);
        self.machines.insert(host.to_owned(), Machine { alive: true, phase, providers });
        self.note();
    }

    /// The machine stops at once, without a word.
    pub fn kill(&mut self, host: &str) {
        self.machine(host).alive = false;
    }

    /// A machine that could not reach us goes on.
    pub fn resume(&mut self, host: &str) {
        self.machine(host).alive = true;
    }

    /// Seconds since the fleet began.
    pub fn now_secs(&self) -> u64 {
        self.second
    }

    /// A killed machine starts again: what it runs registers anew.
    pub fn start(&mut self, host: &str) {
        self.machine(host).alive = true;
        for (_, _, asked) in self.machine(host).providers.clone() {
            self.scene.register(asked);
        }
        self.note();
    }

    /// The registry hears nobody, or everybody again.
    pub fn cut_off(&mut self, cut_off: bool) {
        self.cut_off = cut_off;
    }

    /// Lets time pass, second by second.
    pub fn run(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.second += 1;
            self.scene.advance_millis(1_000);
            self.note();
            if !self.cut_off {
                self.beat();
            }
        }
    }

    fn beat(&mut self) {
        for machine in self.machines.values() {
            if machine.alive && self.second % (self.ttl_secs / 3) == machine.phase {
                for (service, id, asked) in &machine.providers {
                    if self.scene.beat(service, id) == Renewal::Unknown {
                        self.scene.register(asked.clone());
                    }
                }
            }
        }
        self.note();
    }

    fn note(&mut self) {
        let second = self.second;
        self.told.extend(self.scene.take_changes().into_iter().map(|change| Told { second, change }));
    }

    /// What happened since this was asked last.
    pub fn told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    /// How many providers run on machines that are alive.
    pub fn alive(&self) -> usize {
        let alive = self.machines.values().filter(|machine| machine.alive);
        alive.map(|machine| machine.providers.len()).sum()
    }

    /// How many instances are listed, and how many of them are held.
    pub fn listed(&self) -> (usize, usize) {
        let catalog = self.scene.registry.catalog();
        let listed = || catalog.services().flat_map(|view| view.iter());
        (listed().count(), listed().filter(|row| row.instance.held).count())
    }

    fn machine(&mut self, host: &str) -> &mut Machine {
        self.machines.get_mut(host).expect("a machine of this fleet")
    }
}
