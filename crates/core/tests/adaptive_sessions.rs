//! Sessions that are judged by what is learnt of their messages. A timeout of 3 s, so a beat each second.

use std::time::Duration;

use lubdub_core::adaptive::Hundredths;
use lubdub_core::lease::cell::Beat;
use lubdub_core::model::{InstanceKey, PhiLevel};
use lubdub_core::session::SessionTerms;
use lubdub_core::{Attached, Cause, Command, Config, Sender};
use lubdub_testkit::{Scene, provider};

const SECOND: u64 = 1_000;
const ROUNDING: u64 = 8;
/// With steady beats: two intervals, and 5.6 times a twentieth.
const STEADY: u64 = 2_281;

fn sender() -> Sender {
    Sender { face: "test", ..Sender::default() }
}

fn open(scene: &mut Scene) -> Attached {
    open_with(scene, &["a", "b"])
}

fn open_with(scene: &mut Scene, ids: &[impl AsRef<str>]) -> Attached {
    let terms =
        SessionTerms { timeout: Duration::from_secs(3), grace: Duration::ZERO, phi: Some(PhiLevel::USUAL) };
    let now = scene.now().tick;
    let session = scene.registry.open_session(now, terms, sender()).expect("the terms are allowed");
    // Each session is a host of its own.
    let host = format!("host-{}", session.session.0);
    for id in ids {
        let command = Box::new(provider("orders", id.as_ref()).host(&host).command());
        scene.run(&Command::OnSession { session: session.session, command }).expect("it is registered");
    }
    session
}

fn message(scene: &mut Scene, session: &Attached) {
    let now = scene.now().tick;
    let Beat::Stamped { returned, .. } = session.heart.beat(now) else { panic!("the session is over") };
    if returned {
        let changes = scene.registry.session_returned(now, session.session);
        scene.conclude(changes);
    }
}

fn messages(scene: &mut Scene, sessions: &[Attached]) {
    for session in sessions {
        message(scene, session);
    }
}

fn beat_steadily(scene: &mut Scene, session: &Attached, beats: u64) {
    for _ in 0..beats {
        scene.advance_millis(SECOND);
        message(scene, session);
    }
}

fn is_held(scene: &Scene, id: &str) -> bool {
    scene.instance("orders", id).expect("it is there").held
}

fn lasts(scene: &mut Scene) -> u64 {
    let since = scene.now().tick;
    while scene.is_listed("orders", "a") {
        scene.advance_millis(ROUNDING);
    }
    assert!(!scene.is_listed("orders", "b"), "one word speaks for both");
    scene.now().tick.millis_since(since)
}

fn assert_about(lasted: u64, expected: u64) {
    assert!((expected..=expected + 2 * ROUNDING).contains(&lasted), "{lasted} ms, expected {expected}");
}

#[test]
fn a_silent_session_is_noticed_sooner_than_by_its_timeout_once_it_is_learnt() {
    for (beats, expected) in [(0, 3 * SECOND), (8, 3 * SECOND), (80, STEADY)] {
        let mut scene = Scene::new();
        let session = open(&mut scene);
        beat_steadily(&mut scene, &session, beats);
        assert_about(lasts(&mut scene), expected);
        let changes = scene.take_changes();
        let Some(Cause::Expired(silence)) = changes.last().map(lubdub_core::Change::cause) else {
            panic!("{changes:?}")
        };
        assert_eq!(silence.learnt.map(|learnt| learnt.enough), Some(beats == 80));
    }
}

#[test]
fn what_is_said_between_beats_makes_no_session_look_impatient() {
    let mut scene = Scene::new();
    let session = open(&mut scene);
    for second in 0..80 {
        for _ in 0..10 {
            scene.advance_millis(100);
            // Busy for half of the time.
            if second % 20 < 10 {
                message(&mut scene, &session);
            }
        }
        message(&mut scene, &session);
    }
    for _ in 0..5 {
        scene.advance_millis(2 * SECOND);
        message(&mut scene, &session);
    }
    assert!(scene.is_listed("orders", "a"), "one lost beat marks nobody down");
    assert!(lasts(&mut scene) >= STEADY - 1);
}

#[test]
fn a_session_that_the_registry_cut_off_has_its_timeout_to_come_back_and_nothing_is_learnt_of_that() {
    let mut scene = Scene::new();
    let session = open(&mut scene);
    beat_steadily(&mut scene, &session, 80);
    scene.registry.session_detached(session.session, session.attachment);
    scene.advance_millis(3 * SECOND - 1);
    assert!(scene.is_listed("orders", "a"));
    let now = scene.now().tick;
    let (session, changes) = scene.registry.resume_session(now, session.session).expect("it is kept");
    scene.conclude(changes);
    beat_steadily(&mut scene, &session, 2);
    assert_about(lasts(&mut scene), STEADY);
}

#[test]
fn a_session_that_ends_leaves_no_history() {
    let mut scene = Scene::new();
    let session = open(&mut scene);
    beat_steadily(&mut scene, &session, 3);
    assert_eq!(scene.registry.adaptive_leases(), 1, "one for all of its instances");
    let now = scene.now().tick;
    scene.registry.session_closed(now, session.session, session.attachment);
    scene.advance_millis(200);
    assert!(!scene.is_listed("orders", "a"), "a connection that closes says more than any silence");
    assert_eq!(scene.registry.adaptive_leases(), 0);
}

/// A session of so many instances whose messages are learnt.
fn of_many(instances: u64) -> (Scene, Attached) {
    let mut scene = Scene::new();
    let ids: Vec<_> = (0..instances).map(|id| id.to_string()).collect();
    let session = open_with(&mut scene, &ids);
    beat_steadily(&mut scene, &session, 20);
    (scene, session)
}

/// Each message is news. It walked over all leases of its session: two sessions of ten thousand, whose clients never paused, kept
/// the driver from everything else.
#[test]
fn a_message_costs_the_same_however_many_instances_its_session_keeps() {
    let cost = |instances| {
        let (mut scene, session) = of_many(instances);
        let before = scene.registry.leases_looked_up();
        for _ in 0..100 {
            message(&mut scene, &session);
        }
        scene.registry.leases_looked_up() - before
    };
    assert_eq!((cost(2), cost(500)), (0, 0), "none of its leases has to be looked at");
}

/// Where a lease that the guard holds waits for the disk, the heart of its session is not watched again. Each lease that was looked
/// at meanwhile walked over all of them.
#[test]
fn leases_of_a_session_cost_each_the_same_while_one_of_them_waits_for_the_disk() {
    let (some, more) = (cost_while_one_waits(100), cost_while_one_waits(400));
    assert!(some >= 100 && more < 8 * some, "{some}, and {more} for four times as many");
}

fn cost_while_one_waits(instances: u64) -> u64 {
    let mut scene = Scene::new();
    let ids = |of: u64, instances: u64| -> Vec<_> { (0..instances).map(|id| format!("{of}-{id}")).collect() };
    let sessions: Vec<_> =
        (0..20).map(|of| open_with(&mut scene, &ids(of, if of == 0 { instances } else { 1 }))).collect();
    let (away, there) = sessions.split_at(10);
    let first = away.first().expect("there are ten");
    for second in 0..24 {
        scene.advance_millis(SECOND);
        messages(&mut scene, there);
        if second < 20 {
            messages(&mut scene, away);
        }
    }
    assert!(is_held(&scene, "0-7"));
    let key = InstanceKey::new("orders", "0-7");
    let removal =
        scene.registry.decide(scene.now(), &Command::Deregister { key }, &sender()).expect("it is there");
    scene.registry.stage(&removal);
    message(&mut scene, first);
    assert!(!is_held(&scene, "0-8"));
    let before = scene.registry.leases_looked_up();
    for _ in 0..3 {
        scene.advance_millis(500);
        message(&mut scene, first);
    }
    let looked_up = scene.registry.leases_looked_up() - before;
    scene.registry.check_invariants();
    scene.registry.unstage(&removal);
    scene.conclude(removal);
    scene.registry.check_invariants();
    looked_up
}

#[test]
fn all_leases_of_a_session_hear_of_its_message_when_they_were_silent() {
    let (mut scene, session) = of_many(50);
    for _ in 0..3 {
        // Each is overdue after a beat and a half.
        scene.advance_millis(2 * SECOND);
        scene.registry.check_invariants();
        message(&mut scene, &session);
        scene.registry.check_invariants();
    }
    scene.advance_millis(2 * SECOND);
    let before = scene.registry.leases_looked_up();
    message(&mut scene, &session);
    assert!(scene.registry.leases_looked_up() - before >= 50, "each was told");
    let before = scene.registry.leases_looked_up();
    message(&mut scene, &session);
    assert_eq!(scene.registry.leases_looked_up(), before, "once");
}

#[test]
fn a_session_whose_floor_is_beyond_its_ceiling_has_a_fixed_timeout_and_is_told_so() {
    let mut config = Config::default();
    // More than three intervals, which a timeout has.
    (config.adaptive.floor, config.adaptive.ceiling) = (Hundredths(301), 1);
    let mut scene = Scene::with(config);
    let session = open(&mut scene);
    assert_eq!(session.terms.phi, None);
    assert_eq!(scene.registry.adaptive_leases(), 0);
    beat_steadily(&mut scene, &session, 80);
    assert_about(lasts(&mut scene), 3 * SECOND);
}

/// A session whose messages come so late and so unevenly that it is allowed twice its timeout.
fn beat_unevenly(scene: &mut Scene, session: &Attached) {
    for beat in 0..80 {
        scene.advance_millis(if beat % 2 == 0 { 400 } else { 2_900 });
        message(scene, session);
    }
}

#[test]
fn a_session_without_a_connection_has_its_timeout_and_no_more() {
    let mut scene = Scene::new();
    let session = open(&mut scene);
    beat_unevenly(&mut scene, &session);
    assert_about(lasts(&mut scene), 6 * SECOND);

    // Cut off by the registry, some time after the last message: the timeout runs from that.
    for later in (0..30).map(|tenth| tenth * 100) {
        let mut scene = Scene::new();
        let session = open(&mut scene);
        beat_unevenly(&mut scene, &session);
        scene.advance_millis(later);
        scene.registry.session_detached(session.session, session.attachment);
        assert_about(lasts(&mut scene) + later, 3 * SECOND);
    }
}

#[test]
fn sessions_that_are_suspect_have_their_timeout_from_the_closing_and_no_more() {
    let mut scene = Scene::new();
    let sessions: Vec<_> = (0..20).map(|of| open_with(&mut scene, &[format!("{of}")])).collect();
    for beat in 0..80 {
        scene.advance_millis(if beat % 2 == 0 { 400 } else { 2_900 });
        messages(&mut scene, &sessions);
    }
    scene.advance_millis(1_000);
    let now = scene.now().tick;
    for session in &sessions {
        scene.registry.session_closed(now, session.session, session.attachment);
    }
    scene.advance_millis(3 * SECOND - 1);
    assert!(is_held(&scene, "0"));
    let changes = scene.take_changes();
    assert!(changes.iter().all(|change| !matches!(change.cause(), Cause::Held { .. } | Cause::Expired(_))));
    scene.advance_millis(1 + 2 * ROUNDING);
    let changes = scene.take_changes();
    let due =
        changes.iter().filter(|change| matches!(change.cause(), Cause::Held { .. } | Cause::Expired(_)));
    assert_eq!(due.count(), 20, "now it is the guard's: {changes:?}");
}
