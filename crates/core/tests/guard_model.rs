//! Fleets to which anything happens: whoever beats is never evicted, every hold ends, and the
//! guard counts what is there (the scene checks its tallies after every change).

use lubdub_core::guard::Scope;
use lubdub_core::model::{InstanceKey, ServiceName};
use lubdub_core::{Cause, Command, Config, Sender};
use lubdub_testkit::Fleet;
use proptest::prelude::*;

const HOSTS: usize = 24;
const SERVICES: [&str; 3] = ["orders", "stock", "users"];
const ZONES: [&str; 2] = ["a", "b"];

#[derive(Debug, Clone)]
enum Event {
    Kill(usize),
    Resume(usize),
    Restart(usize),
    CutOff(bool),
    Leave(usize),
    Drain(usize),
    Release(u8),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (0..HOSTS).prop_map(Event::Kill),
        2 => (0..HOSTS).prop_map(Event::Resume),
        2 => (0..HOSTS).prop_map(Event::Restart),
        1 => any::<bool>().prop_map(Event::CutOff),
        1 => (0..HOSTS).prop_map(Event::Leave),
        1 => (0..HOSTS).prop_map(Event::Drain),
        1 => (0..4u8).prop_map(Event::Release),
    ]
}

fn host(n: usize) -> String {
    format!("h{n:02}")
}

fn services(n: usize) -> Vec<&'static str> {
    // One, two or three of them, so that some scopes are too small to be guarded.
    SERVICES.iter().copied().take(1 + n % 3).collect()
}

fn happen(fleet: &mut Fleet, event: &Event) {
    let key = |n: usize| InstanceKey::new("orders", &format!("orders@{}", host(n)));
    // Where there is nothing to do, nothing is done; that is part of what may happen.
    match event {
        Event::Kill(n) => fleet.kill(&host(*n)),
        Event::Resume(n) => fleet.resume(&host(*n)),
        Event::Restart(n) => fleet.start(&host(*n)),
        Event::CutOff(cut) => fleet.cut_off(*cut),
        Event::Leave(n) => drop(fleet.scene.run(&Command::Deregister { key: key(*n) })),
        Event::Drain(n) => {
            let status = lubdub_core::model::Status::OutOfService;
            drop(fleet.scene.run(&Command::SetOverride { key: key(*n), status, precedence: None }));
        }
        Event::Release(which) => {
            let scope = match which {
                0 => Scope::Registry,
                1 => Scope::Zone(ZONES[0].into()),
                2 => Scope::Zone(ZONES[1].into()),
                _ => Scope::Service(ServiceName::new("orders")),
            };
            drop(fleet.scene.registry.release(&scope, &Sender::default()));
        }
    }
}

proptest! {
    #[test]
    fn whoever_beats_stays_and_every_hold_ends(events in prop::collection::vec((event(), 1..40u64), 1..40)) {
        let mut fleet = Fleet::new(Config::default(), 30);
        for n in 0..HOSTS {
            fleet.add(&host(n), ZONES[n % 2], &services(n));
        }
        fleet.run(60);
        for (event, seconds) in &events {
            happen(&mut fleet, event);
            fleet.run(*seconds);
            for told in fleet.told() {
                if let Cause::Expired(silence) = told.change.cause() {
                    prop_assert!(silence.silent >= 30_000, "{silence:?}");
                }
            }
        }
        // Whoever is dead now stays so: three lease times of hold, and one to fall silent.
        fleet.cut_off(false);
        fleet.run(30 * 5 + 30);
        let (listed, held) = fleet.listed();
        prop_assert_eq!(held, 0);
        prop_assert_eq!(listed, fleet.alive());
        let report = fleet.scene.registry.guard_report(fleet.scene.now());
        prop_assert_eq!(report.scopes.len(), 1, "nothing is held any more: {:?}", report);
        prop_assert_eq!(report.scopes[0].arithmetic.silent, 0);
    }
}
