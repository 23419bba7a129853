//! Which status is in force: reports, overrides and their order, and whose word wins.

use lubdub_core::lease::Renewal;
use lubdub_core::model::{InstanceKey, Precedence, Status};
use lubdub_core::{AfterOverride, Command};
use lubdub_testkit::{Scene, provider};

use Status::{Down, OutOfService, Starting, Unknown, Up};

fn set(scene: &mut Scene, status: Status) {
    let key = InstanceKey::new("orders", "web-1");
    scene.run(&Command::SetOverride { key, status, precedence: None }).expect("the override is taken");
}

fn clear(scene: &mut Scene, then: AfterOverride) {
    let key = InstanceKey::new("orders", "web-1");
    scene.run(&Command::ClearOverride { key, then, precedence: None }).expect("the override is taken back");
}

fn report(scene: &mut Scene, status: Status) {
    scene.register(provider("orders", "web-1").status(status).keeping_stored_status());
}

#[test]
fn the_status_in_force_follows_the_order_of_precedence() {
    // (stored report, override, new report) -> in force
    for (stored, over, reported, expected) in [
        // 1. DOWN, STARTING and UNKNOWN are believed, even over an override.
        (Up, Some(OutOfService), Down, Down),
        (Up, Some(OutOfService), Starting, Starting),
        (Up, Some(OutOfService), Unknown, Unknown),
        (Up, None, Down, Down),
        // 2. An override counts.
        (Up, Some(OutOfService), Up, OutOfService),
        (Starting, Some(OutOfService), Up, OutOfService),
        (Down, Some(Up), OutOfService, Up),
        // 4. Between UP and OUT_OF_SERVICE what is stored stays.
        (Up, None, OutOfService, Up),
        (OutOfService, None, Up, OutOfService),
        // 5. Else the report.
        (Starting, None, Up, Up),
        (Down, None, OutOfService, OutOfService),
    ] {
        let mut scene = Scene::new();
        report(&mut scene, stored);
        if let Some(status) = over {
            set(&mut scene, status);
        }
        report(&mut scene, reported);
        assert_eq!(scene.status("orders", "web-1"), Some(expected), "{stored} {over:?} {reported}");
    }
}

#[test]
fn without_eurekas_rule_a_report_moves_between_up_and_out_of_service() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").status(Up));
    scene.register(provider("orders", "web-1").status(OutOfService));
    assert_eq!(scene.status("orders", "web-1"), Some(OutOfService));
}

#[test]
fn an_override_survives_beats_and_registrations() {
    let mut scene = Scene::new();
    report(&mut scene, Up);
    set(&mut scene, OutOfService);
    scene.advance_millis(30_000);
    assert!(matches!(scene.beat("orders", "web-1"), Renewal::Renewed { .. }));
    report(&mut scene, Up);
    assert_eq!(scene.status("orders", "web-1"), Some(OutOfService));
}

#[test]
fn setting_the_status_that_is_in_force_changes_nothing() {
    let mut scene = Scene::new();
    report(&mut scene, Up);
    scene.take_changes();
    set(&mut scene, Up);
    assert!(scene.take_changes().is_empty());
    assert_eq!(scene.instance("orders", "web-1").unwrap().status_override, None);
}

#[test]
fn an_override_taken_back_without_a_word_makes_the_instance_register_again() {
    let mut scene = Scene::new();
    report(&mut scene, Up);
    set(&mut scene, OutOfService);
    clear(&mut scene, AfterOverride::AskAgain);
    assert_eq!(scene.status("orders", "web-1"), Some(Unknown));
    assert_eq!(scene.beat("orders", "web-1"), Renewal::Unknown, "asked to register again");
    report(&mut scene, Up);
    assert_eq!(scene.status("orders", "web-1"), Some(Up));
    assert!(matches!(scene.beat("orders", "web-1"), Renewal::Renewed { .. }));
}

#[test]
fn a_refused_renewal_does_not_keep_the_lease() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").ttl_secs(3));
    set(&mut scene, OutOfService);
    clear(&mut scene, AfterOverride::AskAgain);
    for _ in 0..4 {
        scene.advance_millis(1_000);
        scene.beat("orders", "web-1");
    }
    assert!(!scene.is_listed("orders", "web-1"));
}

#[test]
fn an_instance_that_was_asked_to_register_again_is_asked_after_a_restart_too() {
    let mut before = Scene::new();
    report(&mut before, Up);
    set(&mut before, OutOfService);
    clear(&mut before, AfterOverride::AskAgain);
    let mut scene = Scene::new();
    let instance = before.instance("orders", "web-1").unwrap().clone();
    scene.registry.restore(scene.now(), instance, std::time::Duration::ZERO);
    assert_eq!(scene.beat("orders", "web-1"), Renewal::Unknown);
}

#[test]
fn an_override_taken_back_with_a_status_leaves_no_gap() {
    let mut scene = Scene::new();
    report(&mut scene, Up);
    set(&mut scene, OutOfService);
    clear(&mut scene, AfterOverride::Status(Up));
    assert_eq!(scene.status("orders", "web-1"), Some(Up));
    assert!(matches!(scene.beat("orders", "web-1"), Renewal::Renewed { .. }));
}

fn precedence(renewal: Renewal) -> Option<Precedence> {
    let Renewal::Renewed { precedence, .. } = renewal else { panic!("{renewal:?}") };
    precedence
}

#[test]
fn a_registration_of_lower_precedence_leaves_what_is_stored_and_renews_its_lease() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").precedence(9).status(Up).ttl_secs(3));
    scene.advance_millis(2_000);
    scene.register(provider("orders", "web-1").precedence(8).status(Down).ttl_secs(3));
    assert_eq!(scene.status("orders", "web-1"), Some(Up));
    assert_eq!(precedence(scene.beat("orders", "web-1")), Some(Precedence(9)));
    scene.advance_millis(2_000);
    assert!(scene.is_listed("orders", "web-1"));
    // Equal: the new one wins.
    scene.register(provider("orders", "web-1").precedence(9).status(Down));
    assert_eq!(scene.status("orders", "web-1"), Some(Down));
}

#[test]
fn an_override_raises_the_precedence_only_upwards() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").precedence(9));
    for (status, given, expected) in [(OutOfService, 12, 12), (Up, 5, 12)] {
        let key = InstanceKey::new("orders", "web-1");
        scene.run(&Command::SetOverride { key, status, precedence: Some(Precedence(given)) }).unwrap();
        assert_eq!(precedence(scene.beat("orders", "web-1")), Some(Precedence(expected)));
    }
}

#[test]
fn leaving_takes_the_override_along() {
    let mut scene = Scene::new();
    report(&mut scene, Up);
    set(&mut scene, OutOfService);
    scene.run(&Command::Deregister { key: InstanceKey::new("orders", "web-1") }).unwrap();
    report(&mut scene, Up);
    assert_eq!(scene.status("orders", "web-1"), Some(Up));
}
