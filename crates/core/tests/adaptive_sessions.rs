//! Sessions that are judged by what is learnt of their messages. A timeout of 3 s, so a beat each second.

use std::time::Duration;

use lubdub_core::lease::cell::Beat;
use lubdub_core::model::PhiLevel;
use lubdub_core::session::SessionTerms;
use lubdub_core::{Attached, Cause, Command, Sender};
use lubdub_testkit::{Scene, provider};

const SECOND: u64 = 1_000;
const ROUNDING: u64 = 8;
/// With steady beats: two intervals, and 5.6 times a twentieth.
const STEADY: u64 = 2_281;

fn sender() -> Sender {
    Sender { face: "test", ..Sender::default() }
}

fn open(scene: &mut Scene) -> Attached {
    let terms =
        SessionTerms { timeout: Duration::from_secs(3), grace: Duration::ZERO, phi: Some(PhiLevel::USUAL) };
    let now = scene.now().tick;
    let session = scene.registry.open_session(now, terms, sender()).expect("the terms are allowed");
    for id in ["a", "b"] {
        let command = Box::new(provider("orders", id).command());
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

fn beat_steadily(scene: &mut Scene, session: &Attached, beats: u64) {
    for _ in 0..beats {
        scene.advance_millis(SECOND);
        message(scene, session);
    }
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
    assert_eq!(session.longest_silence, Duration::from_secs(6));
}
