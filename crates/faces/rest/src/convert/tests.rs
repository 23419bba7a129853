use lubdub_core::feed::FeedEntry;
use lubdub_core::model::{Generation, InstanceKey, Status};
use lubdub_core::{Cause, Change, Moment, Revision, Sender, Silence, Tick, WallTime};
use lubdub_runtime::{Condition, JournalState, Restored};
use lubdub_testkit::{Scene, provider};
use serde_json::json;

use super::*;
use crate::query::{Cursor, InstanceFilter};

const SERVER: u64 = 7;

fn page(scene: &Scene, query: &str) -> (Vec<String>, Option<String>) {
    let filter = InstanceFilter::read(Some(query), SERVER).unwrap();
    let page = instances(scene.registry.catalog(), &filter, Moment::default());
    let names = page.instances.into_iter().map(|it| format!("{}/{}", it.service, it.id));
    (names.collect(), page.next)
}

fn two_services() -> Scene {
    let mut scene = Scene::new();
    for (service, id) in [("orders", "a"), ("orders", "b"), ("stock", "a"), ("stock", "c"), ("Zoo", "z")] {
        scene.register(provider(service, id));
    }
    scene
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let scene = two_services();
    let (all, none) = page(&scene, "");
    assert_eq!((all.len(), none), (5, None));
    for limit in 1..=5 {
        let (mut seen, mut next) = page(&scene, &format!("limit={limit}"));
        while let Some(after) = next {
            let (more, then) = page(&scene, &format!("limit={limit}&after={after}"));
            seen.extend(more);
            next = then;
        }
        assert_eq!(seen, all, "{limit}");
    }
}

#[test]
fn a_page_goes_on_after_an_instance_that_left() {
    let scene = two_services();
    let after = |service, id| Cursor::after(&InstanceKey::new(service, id)).token(SERVER);
    let rest = page(&scene, &format!("after={}", after("orders", "aa"))).0;
    assert_eq!(rest, ["orders/b", "stock/a", "stock/c", "Zoo/z"]);
    assert_eq!(page(&scene, &format!("limit=1&after={}", after("p", "x"))).0, ["stock/a"]);
    assert_eq!(page(&scene, &format!("service=ORDERS&after={}", after("stock", "a"))).0, [""; 0]);
}

#[test]
fn filters_narrow_the_list() {
    let mut scene = two_services();
    scene.register(provider("stock", "d").status(Status::Down));
    assert_eq!(page(&scene, "status=down").0, ["stock/d"]);
    assert_eq!(page(&scene, "service=STOCK&status=UP").0, ["stock/a", "stock/c"]);
    assert_eq!(page(&scene, "service=nobody").0, [""; 0]);
    assert_eq!(page(&scene, "zone=moon").0, [""; 0]);
    assert_eq!(page(&scene, "health=passing").0.len(), 6);
    assert_eq!(page(&scene, "health=critical").0, [""; 0]);
    for flag in ["held", "damped"] {
        assert_eq!(page(&scene, &format!("{flag}=false")).0.len(), 6, "{flag}");
        assert_eq!(page(&scene, &format!("{flag}=true")).0, [""; 0], "{flag}");
    }
}

fn entry(revision: u64, cause: Cause) -> FeedEntry {
    let key = InstanceKey::new("orders", "a");
    FeedEntry {
        revision: Revision(revision),
        at: WallTime(1_795_258_936_207),
        change: Change::Removed { key, generation: Generation(1), cause },
    }
}

#[test]
fn a_transaction_is_not_torn_apart_by_a_limit() {
    let changes = |revisions: &[u64]| -> Vec<_> {
        revisions.iter().map(|revision| entry(*revision, Cause::Joined(Sender::default()))).collect()
    };
    for (revisions, limit, kept, revision) in [
        (&[1, 2, 3][..], 2, 2, 2),
        (&[1, 2, 2, 2, 3], 2, 4, 2),
        (&[1, 2, 2], 2, 3, 9),
        (&[1], 5, 1, 9),
        (&[], 5, 0, 9),
    ] {
        let (page, upto) = page_of(changes(revisions), Revision(9), limit);
        assert_eq!((page.len(), upto), (kept, Revision(revision)), "{revisions:?}");
    }
}

#[test]
fn an_eviction_is_told_with_its_arithmetic() {
    let silence = Silence {
        check: lubdub_core::model::CheckId::HEARTBEAT,
        ttl: 3_000,
        interval: 1_000,
        silent: 3_004,
        excused: 0,
        intervals: vec![1_000, 1_001],
        unconfirmed: false,
        learnt: None,
        guard: lubdub_core::GuardWord::Off,
    };
    let told = serde_json::to_value(event(&entry(7, Cause::Expired(silence.into())))).unwrap();
    assert_eq!(
        told,
        json!({
            "revision": 7, "at": "2026-11-21T11:02:16.207Z", "service": "orders", "id": "a",
            "change": "removed", "status": null, "address": null,
            "cause": {"name": "expired", "silence": {
                "check": "", "ttl_ms": 3000, "interval_ms": 1000, "silent_ms": 3004, "excused_ms": 0,
                "intervals_ms": [1000, 1001], "unconfirmed": false, "guard": {"word": "off"},
            }},
        })
    );
}

#[test]
fn whoever_asked_for_a_change_is_told_with_it() {
    let sender = Sender { face: "eureka", address: Some([10, 0, 0, 7].into()), operator: None };
    let told = serde_json::to_value(event(&entry(7, Cause::Deregistered(sender)))).unwrap();
    assert_eq!(told["cause"], json!({"name": "deregistered", "face": "eureka", "address": "10.0.0.7"}));
}

#[test]
fn an_instance_is_told_with_its_lease_and_last_beat() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "a").ttl_secs(3).metadata(&[("rack", "7")]));
    let catalog = scene.registry.catalog();
    let listed = catalog.get("orders", "a", "").unwrap();
    let now = Moment { tick: Tick(listed.leases[0].read().beat().0 + 1_500), wall: WallTime(10_000) };
    let told = serde_json::to_value(instance(listed, now)).unwrap();
    assert_eq!(told["metadata"], json!({"rack": "7"}));
    assert_eq!(
        (&told["address"], &told["status"], &told["health"]),
        (&json!("10.0.0.1:8080"), &json!("UP"), &json!("passing"))
    );
    assert_eq!(
        told["leases"],
        json!([{
            "check": "", "health": "passing", "state": "live", "ttl_ms": 3000, "phi": null,
            "allowed_ms": 3000, "due_at": "1970-01-01T00:00:11.500Z", "interval_ms": 1000,
            "last_beat": "1970-01-01T00:00:08.500Z", "age_ms": 1500, "intervals_ms": [], "unconfirmed": false,
        }])
    );
}

#[test]
fn an_adaptive_lease_is_told_with_what_is_allowed_it_now() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "a").ttl_secs(3).metadata(&[("lubdub.phi", "8")]));
    let lease = |scene: &Scene| {
        let listed = scene.registry.catalog().get("orders", "a", "").unwrap();
        serde_json::to_value(instance(listed, scene.now())).unwrap()["leases"][0].clone()
    };
    assert_eq!((&lease(&scene)["phi"], &lease(&scene)["allowed_ms"]), (&json!(8.0), &json!(3000)));
    for _ in 0..80 {
        scene.advance_millis(1_000);
        scene.beat("orders", "a");
    }
    let told = lease(&scene);
    assert_eq!((&told["ttl_ms"], &told["allowed_ms"]), (&json!(3000), &json!(2281)));
    let due = told["last_beat"].as_str().unwrap().replace("20.000Z", "22.281Z");
    assert_eq!(told["due_at"], json!(due));
}

fn sound() -> Condition {
    Condition {
        journal: JournalState::Durable,
        restored: None,
        started: WallTime(0),
        deaf_last_hour: Duration::from_secs(5),
    }
}

#[test]
fn readiness_warns_of_what_is_not_as_it_should_be() {
    let lost = JournalState::Unavailable { since: WallTime(0), reason: "disk full".into(), unwritten: 3 };
    let damaged = Restored {
        instances: 1,
        services: 1,
        last_heard: WallTime(0),
        outage: Duration::from_secs(1),
        damaged: Some("moved aside".into()),
    };
    for (condition, stopping, status, warning) in [
        (sound(), false, "ready", None),
        (sound(), true, "stopping", None),
        (Condition { journal: lost, ..sound() }, false, "degraded", Some("(disk full): 3 instances")),
        (Condition { deaf_last_hour: Duration::from_secs(361), ..sound() }, false, "degraded", Some("361 s")),
        (Condition { restored: Some(damaged), ..sound() }, false, "degraded", Some("moved aside")),
    ] {
        let told = readiness(&condition, stopping);
        assert_eq!(told.status, status);
        match warning {
            Some(warning) => assert!(told.warnings[0].contains(warning), "{:?}", told.warnings),
            None => assert!(told.warnings.is_empty()),
        }
    }
}
