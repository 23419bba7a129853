//! When a lease is lost, and when it is not.

use std::time::Duration;

use lubdub_core::lease::{LeaseRef, Renewal};
use lubdub_core::model::{Generation, Status};
use lubdub_core::{Cause, Change, Command, Sender};
use lubdub_testkit::{Scene, provider};

const SECOND: u64 = 1_000;

fn expired(changes: &[Change]) -> usize {
    changes.iter().filter(|change| matches!(change.cause(), Cause::Expired(_))).count()
}

#[test]
fn a_lease_of_90_seconds_ends_90_seconds_after_the_last_beat_and_not_after_180() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").ttl_secs(90));
    for _ in 0..10 {
        scene.advance_millis(30 * SECOND);
        assert!(matches!(scene.beat("ORDERS", "web-1"), Renewal::Renewed { .. }));
    }
    scene.advance_millis(90 * SECOND - 1);
    assert!(scene.is_listed("orders", "web-1"), "never early");
    scene.advance_millis(9);
    assert!(!scene.is_listed("orders", "web-1"), "at most a slot of 8 ms late");
}

#[test]
fn a_registration_that_never_beats_ends_after_one_lease() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").ttl_secs(90));
    scene.advance_millis(90 * SECOND + 8);
    assert_eq!(expired(&scene.take_changes()), 1);
}

#[test]
fn a_provider_whose_every_second_beat_is_lost_stays() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").ttl_secs(3));
    for beat in 0..1_000 {
        scene.advance_millis(SECOND);
        if beat % 2 == 0 {
            scene.beat("orders", "web-1");
        }
    }
    assert_eq!(expired(&scene.take_changes()), 0);
}

#[test]
fn all_of_a_mass_expiry_leave_however_small_the_budget_of_a_tick() {
    let mut scene = Scene::new();
    for id in 0..5_000 {
        scene.register(provider("orders", &id.to_string()).ttl_secs(3));
    }
    scene.advance_millis(3 * SECOND + 8);
    assert_eq!(expired(&scene.take_changes()), 5_000);
    assert_eq!(scene.registry.catalog().service_count(), 0);
    assert!(scene.registry.lease_table().is_empty());
}

#[test]
fn a_renewal_after_the_end_is_unknown_and_a_registration_brings_it_back() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").ttl_secs(3));
    scene.advance_millis(4 * SECOND);
    assert_eq!(scene.beat("orders", "web-1"), Renewal::Unknown);
    scene.register(provider("orders", "web-1").ttl_secs(3));
    assert!(matches!(scene.beat("orders", "web-1"), Renewal::Renewed { .. }));
}

#[test]
fn a_beat_of_another_generation_keeps_nothing() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1"));
    let older = scene.instance("orders", "web-1").unwrap().generation;
    scene.register(provider("orders", "web-1"));
    let newer = scene.instance("orders", "web-1").unwrap().generation;
    assert_ne!(older, newer);
    let beat = |generation: Generation| {
        let lease = LeaseRef::heartbeat("orders", "web-1");
        scene.registry.lease_table().renew(scene.now().tick, lease, Some(generation))
    };
    assert_eq!(beat(older), Renewal::OtherGeneration);
    assert!(matches!(beat(newer), Renewal::Renewed { .. }));
}

#[test]
fn registering_again_leaves_one_record_and_shows_no_gap() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").ttl_secs(3));
    scene.advance_millis(2 * SECOND);
    scene.register(provider("ORDERS", "web-1").ttl_secs(3).status(Status::Starting));
    let causes: Vec<_> = scene.take_changes().iter().map(|change| change.cause().name()).collect();
    assert_eq!(causes, ["registered", "registered-again"], "no departure in between");
    assert_eq!(scene.registry.catalog().counts().total(), 1);
    assert_eq!(scene.registry.lease_table().len(), 1);
    // The lease of the first registration is over: the second has all its time.
    scene.advance_millis(2 * SECOND);
    assert!(scene.is_listed("orders", "web-1"));
    scene.advance_millis(SECOND + 8);
    assert!(!scene.is_listed("orders", "web-1"));
}

#[test]
fn a_shorter_lease_counts_from_the_registration_that_brings_it() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").ttl_secs(3_600));
    scene.register(provider("orders", "web-1").ttl_secs(3));
    scene.advance_millis(3 * SECOND + 8);
    assert!(!scene.is_listed("orders", "web-1"));
}

#[test]
fn an_instance_with_two_checks_leaves_with_the_first_lease_that_is_lost() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").ttl_secs(3).check("disk"));
    assert_eq!(scene.registry.lease_table().len(), 2);
    for _ in 0..4 {
        scene.advance_millis(SECOND);
        scene.beat("orders", "web-1");
    }
    assert!(!scene.is_listed("orders", "web-1"), "nobody renewed the check of its disk");
    assert_eq!(scene.registry.lease_table().len(), 0);
    // A registration without that check drops its lease.
    scene.register(provider("orders", "web-1").ttl_secs(3).check("disk"));
    scene.register(provider("orders", "web-1").ttl_secs(3));
    assert_eq!(scene.registry.lease_table().len(), 1);
}

#[test]
fn an_eviction_tells_its_arithmetic() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").ttl_secs(3));
    for gap in [1_000, 1_000, 1_100] {
        scene.advance_millis(gap);
        scene.beat("orders", "web-1");
    }
    scene.advance_millis(4_000);
    let changes = scene.take_changes();
    let Some(Cause::Expired(silence)) = changes.last().map(Change::cause) else { panic!("{changes:?}") };
    assert_eq!((silence.ttl, silence.interval, silence.excused), (3_000, 1_000, 0));
    assert!((3_000..3_009).contains(&silence.silent), "{}", silence.silent);
    assert_eq!(silence.intervals, [1_100, 1_000, 1_000]);
}

#[test]
fn a_lease_is_not_judged_while_a_command_about_its_instance_waits_for_the_disk() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").ttl_secs(3));
    let again = provider("orders", "web-1").ttl_secs(3).command();
    let staged = scene.registry.decide(scene.now(), &again, &Sender::default()).unwrap();
    scene.registry.stage(&staged);
    scene.advance_millis(4 * SECOND);
    assert!(scene.is_listed("orders", "web-1"), "the staged registration is newer than the silence");
    scene.registry.unstage(&staged);
    scene.advance_millis(SECOND);
    assert!(!scene.is_listed("orders", "web-1"), "given up, the silence counts again");
}

#[test]
fn a_restored_lease_is_unconfirmed_until_heard_and_has_its_ttl_and_the_outage() {
    let mut before = Scene::new();
    before.register(provider("orders", "web-1").ttl_secs(3));
    before.register(provider("orders", "web-2").ttl_secs(3));
    let mut scene = Scene::new();
    for id in ["web-1", "web-2"] {
        let instance = before.instance("orders", id).unwrap().clone();
        scene.registry.restore(scene.now(), instance, Duration::from_secs(5));
    }
    scene.registry.check_invariants();
    let unconfirmed = |scene: &Scene, id| {
        let lease = scene.registry.lease_table().get(LeaseRef::heartbeat("orders", id)).unwrap();
        lease.read().unconfirmed()
    };
    assert!(unconfirmed(&scene, "web-1"));
    scene.beat("orders", "web-1");
    assert!(!unconfirmed(&scene, "web-1"));
    // 3 s for the one that was heard, 3 + 5 s for the one that was not.
    scene.advance_millis(3 * SECOND + 8);
    assert_eq!((scene.is_listed("orders", "web-1"), scene.is_listed("orders", "web-2")), (false, true));
    scene.advance_millis(5 * SECOND);
    assert!(!scene.is_listed("orders", "web-2"));
}

#[test]
fn the_grace_of_a_restored_lease_is_at_most_ten_of_its_intervals() {
    let mut before = Scene::new();
    before.register(provider("orders", "web-1").ttl_secs(3));
    let mut scene = Scene::new();
    let instance = before.instance("orders", "web-1").unwrap().clone();
    scene.registry.restore(scene.now(), instance, Duration::from_secs(86_400));
    scene.advance_millis(13 * SECOND - 1);
    assert!(scene.is_listed("orders", "web-1"));
    scene.advance_millis(9);
    assert!(!scene.is_listed("orders", "web-1"));
}

#[test]
fn a_command_of_absent_instances_is_rejected_and_changes_nothing() {
    let mut scene = Scene::new();
    let key = lubdub_core::model::InstanceKey::new("orders", "nobody");
    for command in [
        Command::Deregister { key: key.clone() },
        Command::SetOverride { key: key.clone(), status: Status::Up, precedence: None },
        Command::ClearOverride {
            key: key.clone(),
            then: lubdub_core::AfterOverride::AskAgain,
            precedence: None,
        },
        Command::AddMetadata { key, entries: vec![] },
    ] {
        assert_eq!(scene.run(&command), Err(lubdub_core::Reject::UnknownInstance));
    }
    assert!(scene.take_changes().is_empty());
}

#[test]
fn a_wall_clock_that_is_set_by_an_hour_changes_no_decision() {
    let changes = |shift: i64| {
        let mut scene = Scene::new();
        for id in ["alive", "dead"] {
            scene.register(provider("orders", id).ttl_secs(3));
        }
        for second in 0..20_i64 {
            scene.advance_millis(SECOND);
            scene.beat("orders", "alive");
            if second == 1 {
                let wall = scene.now().wall.0.saturating_add_signed(shift);
                scene.set_wall(lubdub_core::WallTime(wall));
            }
        }
        let transactions = scene.take_transactions().into_iter();
        let ticks: Vec<_> = transactions
            .map(|(now, _, changes)| {
                (now.tick, changes.iter().map(|change| change.cause().name()).collect::<Vec<_>>())
            })
            .collect();
        (ticks, scene.is_listed("orders", "alive"), scene.is_listed("orders", "dead"))
    };
    let hour = 3_600_000;
    let undisturbed = changes(0);
    assert_eq!((undisturbed.1, undisturbed.2), (true, false));
    assert_eq!(changes(hour), undisturbed);
    assert_eq!(changes(-hour), undisturbed);
}

#[test]
fn the_core_alone_detects_failures_for_whoever_calls_received_and_check() {
    // What a program without any of the rest would write around it.
    struct Detector(Scene);
    impl Detector {
        fn received(&mut self, id: &str) {
            if self.0.beat("peers", id) == Renewal::Unknown {
                self.0.register(provider("peers", id).ttl_secs(3));
            }
        }
        fn check(&mut self) -> Vec<String> {
            self.0.tick();
            let changes = self.0.take_changes();
            let failed = changes.iter().filter(|change| matches!(change.cause(), Cause::Expired(_)));
            failed.map(|change| change.key().id().to_owned()).collect()
        }
    }
    let mut detector = Detector(Scene::new());
    detector.received("a");
    detector.received("b");
    for _ in 0..2 {
        detector.0.sleep_millis(SECOND);
        assert_eq!(detector.check(), [""; 0]);
        detector.received("a");
    }
    detector.0.sleep_millis(SECOND - 1);
    assert_eq!(detector.check(), [""; 0]);
    detector.0.sleep_millis(9);
    assert_eq!(detector.check(), ["b"]);
    detector.received("b");
    detector.0.sleep_millis(SECOND);
    assert_eq!(detector.check(), [""; 0]);
}
