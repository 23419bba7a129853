//! Adaptive leases on the traces that the detectors are measured on, those of published networks among them.

use std::time::Duration;

use lubdub_core::adaptive::METADATA_KEY;
use lubdub_core::lease::Renewal;
use lubdub_core::{Command, Tick};
use lubdub_detect::traces::{Plan, local_area, wide_area};
use lubdub_testkit::{Scene, provider};

/// What came of a lease on a trace.
#[derive(Debug)]
struct Replayed {
    /// How often it was lost.
    lost: usize,
    /// What was allowed on average, in milliseconds.
    allowed: u64,
}

/// A provider that promised beats of this interval, and lives as long as the trace.
fn replay(plan: &Plan, ttl_millis: u64, phi: &str) -> Replayed {
    let trace = plan.trace().expect("the plan is sound");
    let mut asked = provider("orders", "web-1").metadata(&[(METADATA_KEY, phi)]).registration();
    for check in &mut asked.checks {
        check.ttl = Duration::from_millis(ttl_millis);
        check.interval = plan.interval;
    }
    let register = Command::Register(Box::new(asked));
    let mut scene = Scene::new();
    scene.advance_millis(trace.began().0 / 1_000);
    scene.run(&register).expect("it is taken");
    let (mut lost, mut allowed) = (0, 0);
    for arrival in trace.arrivals() {
        let at = Tick(arrival.received.0 / 1_000);
        scene.advance_millis(at.millis_since(scene.now().tick));
        if scene.beat("orders", "web-1") == Renewal::Unknown {
            lost += 1;
            scene.run(&register).expect("it is taken");
        }
        let listed = scene.registry.catalog().get("orders", "web-1", "").expect("it is listed");
        let lease = listed.leases.first().expect("it has one");
        allowed += u64::try_from(lease.allowance(lease.read()).as_millis()).expect("it is short");
    }
    Replayed { lost, allowed: allowed / trace.arrivals().len() as u64 }
}

#[test]
fn on_the_published_wide_area_a_stop_is_noticed_sooner_and_the_living_are_lost_no_more_often() {
    // Four intervals and a half, beside Hayashibara's week between Japan and Switzerland.
    let plan = wide_area(1, 150_000);
    let (fixed, adaptive) = (replay(&plan, 466, "off"), replay(&plan, 466, "8"));
    assert!(adaptive.allowed * 10 < fixed.allowed * 8, "{adaptive:?}, fixed {fixed:?}");
    // Both lose it in each burst of lost beats that is longer than they wait.
    assert!(fixed.lost > 1 && adaptive.lost <= fixed.lost + fixed.lost / 10, "{adaptive:?}, fixed {fixed:?}");
}

#[test]
fn on_the_published_local_area_no_beat_that_is_lost_ends_a_lease() {
    let plan = local_area(1, 150_000);
    let (fixed, adaptive) = (replay(&plan, 450, "off"), replay(&plan, 450, "8"));
    assert_eq!((fixed.lost, adaptive.lost), (0, 0));
    assert!(adaptive.allowed * 10 < fixed.allowed * 8, "{adaptive:?}, fixed {fixed:?}");
}
