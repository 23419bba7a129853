//! What follows when the address of an instance refuses a connection.

use std::net::SocketAddr;

use lubdub_core::lease::{LeaseId, LeaseRef, Renewal};
use lubdub_core::{Cause, Suspicion, Tick};
use lubdub_testkit::{Scene, provider};

fn address() -> SocketAddr {
    ([10, 0, 0, 1], 8080).into()
}

fn lease(scene: &Scene, id: &str) -> LeaseId {
    let lease = scene.registry.lease_table().get(LeaseRef::heartbeat("orders", id));
    lease.expect("a registered instance has a lease").id()
}

fn refuse(scene: &mut Scene, id: &str, asked_at: Tick) -> usize {
    let (now, lease) = (scene.now().tick, lease(scene, id));
    let changes = scene.registry.refused(now, lease, asked_at, address(), Suspicion::ConnectionClosed);
    let concluded = changes.len();
    scene.conclude(changes);
    concluded
}

#[test]
fn a_refused_connection_ends_the_lease_at_once() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "a"));
    scene.advance_millis(30_000);
    scene.beat("orders", "a");
    scene.advance_millis(500);
    let now = scene.now().tick;
    assert_eq!(refuse(&mut scene, "a", now), 1);
    assert!(!scene.is_listed("orders", "a"));
    assert_eq!(scene.beat("orders", "a"), Renewal::Unknown);
    let changes = scene.take_changes();
    let Some(Cause::Refused(refusal)) = changes.last().map(lubdub_core::Change::cause) else {
        panic!("{changes:?}")
    };
    assert_eq!((refusal.address, refusal.silent), (address(), 500));
    assert_eq!(refusal.intervals, [30_000]);
}

#[test]
fn a_beat_after_the_question_was_asked_outranks_the_refusal() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "a"));
    let asked_at = scene.now().tick;
    scene.advance_millis(1);
    scene.beat("orders", "a");
    assert_eq!(refuse(&mut scene, "a", asked_at), 0);
    assert!(scene.is_listed("orders", "a"));
}

#[test]
fn an_earlier_incarnations_refusal_says_nothing_of_the_next() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "a"));
    let old = lease(&scene, "a");
    scene.register(provider("orders", "a"));
    let now = scene.now().tick;
    let changes = scene.registry.refused(now, old, now, address(), Suspicion::BeatLate);
    assert_eq!(changes, []);
}

#[test]
fn refusals_of_too_many_hosts_at_once_are_left_to_the_deadline() {
    let mut scene = Scene::new();
    for n in 0..20 {
        scene.register(provider("orders", &format!("o-{n}")).host(&format!("10.0.0.{n}")));
    }
    scene.advance_millis(10);
    let now = scene.now().tick;
    let gone: usize = (0..8).map(|n| refuse(&mut scene, &format!("o-{n}"), now)).sum();
    // Three of twenty are tolerated.
    assert_eq!(gone, 3);
    assert_eq!(scene.registry.catalog().counts().total(), 17);
}
