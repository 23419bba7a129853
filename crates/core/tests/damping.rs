//! Instances that are lost and return over and over. Leases of 3 s, a beat each second.

use std::time::Duration;

use lubdub_core::damping::{DampingConfig, DampingRules, Flap, FlapOutcome, Undamped};
use lubdub_core::lease::Renewal;
use lubdub_core::model::{InstanceKey, ServiceName, Status};
use lubdub_core::{Cause, Change, Command, Config, Reject, Sender};
use lubdub_testkit::{Scene, provider};

fn rules() -> DampingRules {
    DampingRules { enabled: true, ..DampingRules::default() }
}

fn scene(rules: DampingRules) -> Scene {
    let damping = DampingConfig { rules, ..DampingConfig::default() };
    Scene::with(Config { damping, ..Config::default() })
}

fn register(scene: &mut Scene, id: &str) {
    scene.register(provider("orders", id).ttl_secs(3).host(id));
}

/// Lets seconds pass in which these beat.
fn pass(scene: &mut Scene, seconds: u64, beating: &[&str]) {
    for _ in 0..seconds {
        scene.advance_millis(1_000);
        for id in beating {
            scene.beat("orders", id);
        }
    }
}

/// Is silent until it is lost, then beats, is told that it is unknown, and registers again.
fn flap(scene: &mut Scene, id: &str, others: &[&str]) -> Option<Flap> {
    pass(scene, 4, others);
    assert!(!scene.is_listed("orders", id));
    assert_eq!(scene.beat("orders", id), Renewal::Unknown);
    register(scene, id);
    came_back(scene)
}

fn came_back(scene: &mut Scene) -> Option<Flap> {
    match scene.take_changes().last().map(Change::cause) {
        Some(Cause::CameBack { flap, .. }) => Some(flap.clone()),
        _ => None,
    }
}

fn shown(scene: &Scene, id: &str) -> Option<Status> {
    scene.status("orders", id)
}

fn key(id: &str) -> InstanceKey {
    InstanceKey::new("orders", id)
}

#[test]
fn off_until_switched_on() {
    let mut scene = Scene::new();
    register(&mut scene, "a");
    for _ in 0..5 {
        assert_eq!(flap(&mut scene, "a", &[]), None);
        assert_eq!(shown(&scene, "a"), Some(Status::Up));
    }
}

#[test]
fn the_third_loss_in_a_row_keeps_an_instance_out_until_its_penalty_has_fallen() {
    let mut scene = scene(rules());
    for id in ["a", "b"] {
        register(&mut scene, id);
    }
    let first = flap(&mut scene, "a", &["b"]).unwrap();
    assert_eq!((first.penalty, first.losses, first.outcome), (1_000, 1, FlapOutcome::Offered));
    let second = flap(&mut scene, "a", &["b"]).unwrap();
    assert_eq!((second.penalty, second.losses, second.outcome), (1_954, 2, FlapOutcome::Offered));
    let third = flap(&mut scene, "a", &["b"]).unwrap();
    assert_eq!((third.penalty, third.losses), (2_865, 3));
    let FlapOutcome::KeptOut { millis } = third.outcome else { panic!("{third:?}") };
    assert!((91_000..92_000).contains(&millis), "60 s × log2(2.865) is 91 s, not {millis} ms");
    assert_eq!(shown(&scene, "a"), Some(Status::OutOfService));
    let report = scene.registry.damping_report(scene.now());
    assert_eq!((report.len(), report[0].penalty, report[0].losses), (1, 2_865, 3));
    assert_eq!(report[0].until, Some(scene.now().plus_millis(millis).wall));

    pass(&mut scene, 91, &["a", "b"]);
    assert_eq!(shown(&scene, "a"), Some(Status::OutOfService));
    pass(&mut scene, 1, &["a", "b"]);
    assert_eq!(shown(&scene, "a"), Some(Status::Up));
    let changes = scene.take_changes();
    let [change] = &changes[..] else { panic!("{changes:?}") };
    assert!(
        matches!(change.cause(), Cause::Undamped(Undamped::Decayed { penalty: 990..=1_000 })),
        "{change:?}"
    );
    // A penalty of half the lower threshold is forgotten.
    pass(&mut scene, 61, &["a", "b"]);
    assert_eq!(scene.registry.damping_report(scene.now()), []);
}

#[test]
fn a_restarted_process_starts_clean() {
    let mut scene = scene(rules());
    for id in ["a", "b"] {
        register(&mut scene, id);
    }
    for _ in 0..5 {
        pass(&mut scene, 4, &["b"]);
        // It registers without having beaten for the lease that was lost.
        register(&mut scene, "a");
        assert_eq!(came_back(&mut scene), None);
    }
    assert_eq!(scene.registry.damping_report(scene.now()), []);
}

#[test]
fn leaving_by_its_own_word_costs_nothing() {
    let mut scene = scene(rules());
    register(&mut scene, "a");
    for _ in 0..5 {
        scene.run(&Command::Deregister { key: key("a") }).unwrap();
        scene.beat("orders", "a");
        register(&mut scene, "a");
        assert_eq!(came_back(&mut scene), None);
    }
}

#[test]
fn never_more_than_half_of_a_service_is_kept_out() {
    let mut scene = scene(rules());
    for id in ["a", "b", "c"] {
        register(&mut scene, id);
    }
    for _ in 0..3 {
        flap(&mut scene, "a", &["b", "c"]);
    }
    assert_eq!(shown(&scene, "a"), Some(Status::OutOfService));
    let mut last = None;
    for _ in 0..3 {
        last = flap(&mut scene, "b", &["a", "c"]);
    }
    assert_eq!(last.unwrap().outcome, FlapOutcome::OfferedForLack);
    assert_eq!(shown(&scene, "b"), Some(Status::Up));
}

#[test]
fn whoever_is_left_alone_is_offered() {
    let mut scene = scene(rules());
    for id in ["a", "b"] {
        register(&mut scene, id);
    }
    for _ in 0..3 {
        flap(&mut scene, "a", &["b"]);
    }
    assert_eq!(shown(&scene, "a"), Some(Status::OutOfService));
    pass(&mut scene, 4, &["a"]);
    assert!(!scene.is_listed("orders", "b"));
    assert_eq!(shown(&scene, "a"), Some(Status::Up));
}

#[test]
fn when_others_leave_those_with_the_least_penalty_are_offered_again() {
    let mut scene = scene(rules());
    let all = ["a", "b", "c", "d"];
    for id in all {
        register(&mut scene, id);
    }
    for _ in 0..4 {
        flap(&mut scene, "a", &["b", "c", "d"]);
    }
    for _ in 0..3 {
        flap(&mut scene, "b", &["a", "c", "d"]);
    }
    let out = Some(Status::OutOfService);
    assert_eq!((shown(&scene, "a"), shown(&scene, "b")), (out, out));
    scene.run(&Command::Deregister { key: key("c") }).unwrap();
    scene.tick();
    assert_eq!((shown(&scene, "a"), shown(&scene, "b")), (out, Some(Status::Up)));
    let changes = scene.take_changes();
    assert!(matches!(changes.last().map(Change::cause), Some(Cause::Undamped(Undamped::ForLack))));
}

#[test]
fn an_operator_clears_it_and_the_penalty_is_forgotten() {
    let mut scene = scene(rules());
    for id in ["a", "b"] {
        register(&mut scene, id);
    }
    let not_damped = scene.run(&Command::ClearDamping { key: key("a") }).unwrap_err();
    assert_eq!(not_damped.to_string(), "damping does not keep orders/a out");
    assert_eq!(scene.run(&Command::ClearDamping { key: key("nobody") }), Err(Reject::UnknownInstance));
    for _ in 0..3 {
        flap(&mut scene, "a", &["b"]);
    }
    scene.run(&Command::ClearDamping { key: key("a") }).unwrap();
    assert_eq!(shown(&scene, "a"), Some(Status::Up));
    assert_eq!(scene.registry.damping_report(scene.now()), []);
    let changes = scene.take_changes();
    let Some(Cause::Undamped(Undamped::ByHand(Sender { face: "test", .. }))) =
        changes.last().map(Change::cause)
    else {
        panic!("{changes:?}")
    };
    assert_eq!(flap(&mut scene, "a", &["b"]).unwrap().penalty, 1_000);
}

#[test]
fn nobody_is_kept_out_for_longer_than_the_rules_allow() {
    let longest = Duration::from_mins(2);
    let mut scene = scene(DampingRules { longest, ..rules() });
    for id in ["a", "b"] {
        register(&mut scene, id);
    }
    for _ in 0..30 {
        if let FlapOutcome::KeptOut { millis } = flap(&mut scene, "a", &["b"]).unwrap().outcome {
            assert!(millis <= 120_000, "{millis}");
        }
    }
    pass(&mut scene, 121, &["a", "b"]);
    assert_eq!(shown(&scene, "a"), Some(Status::Up));
}

#[test]
fn a_service_may_have_rules_of_its_own() {
    let mut damping = DampingConfig::default();
    damping.services.insert(ServiceName::new("ORDERS"), DampingRules { suppress: 1_500, ..rules() });
    let mut scene = Scene::with(Config { damping, ..Config::default() });
    for id in ["a", "b"] {
        register(&mut scene, id);
    }
    scene.register(provider("stock", "s").ttl_secs(3));
    flap(&mut scene, "a", &["b"]);
    assert!(matches!(flap(&mut scene, "a", &["b"]).unwrap().outcome, FlapOutcome::KeptOut { .. }));
    // The other service has the common rules: off.
    scene.beat("stock", "s");
    scene.register(provider("stock", "s").ttl_secs(3));
    assert_eq!(came_back(&mut scene), None);
}

#[test]
fn who_is_kept_out_and_dies_is_forgotten_in_time() {
    let mut scene = scene(rules());
    for id in ["a", "b"] {
        register(&mut scene, id);
    }
    for _ in 0..3 {
        flap(&mut scene, "a", &["b"]);
    }
    pass(&mut scene, 600, &["b"]);
    assert!(!scene.is_listed("orders", "a"));
    assert_eq!(scene.registry.damping_report(scene.now()), []);
    // It was waited for in vain: what comes now is somebody new.
    scene.beat("orders", "a");
    register(&mut scene, "a");
    assert_eq!(came_back(&mut scene), None);
}
