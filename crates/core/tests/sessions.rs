//! How sessions end, and what becomes of what they keep. Sessions with a timeout of 6 s, unless
//! said otherwise.

use std::time::Duration;

use lubdub_core::guard::GuardConfig;
use lubdub_core::lease::Renewal;
use lubdub_core::model::{InstanceKey, SessionId, Status};
use lubdub_core::session::SessionTerms;
use lubdub_core::{Attached, Cause, Change, Command, Config, GuardWord, LostReason, Reject, Sender};
use lubdub_testkit::{Scene, provider};

const TIMEOUT: u64 = 6_000;
/// The wheel rounds up, so that nobody leaves early.
const ROUNDING: u64 = 9;

fn sender() -> Sender {
    Sender { face: "test", ..Sender::default() }
}

fn open_with(scene: &mut Scene, grace_millis: u64) -> Attached {
    let terms = SessionTerms {
        timeout: Duration::from_millis(TIMEOUT),
        grace: Duration::from_millis(grace_millis),
        phi: None,
    };
    let now = scene.now().tick;
    scene.registry.open_session(now, terms, sender()).expect("the terms are allowed")
}

fn on(session: &Attached, command: Command) -> Command {
    Command::OnSession { session: session.session, command: Box::new(command) }
}

fn register(scene: &mut Scene, session: &Attached, id: &str) {
    let host = format!("10.1.0.{}", session.session);
    scene
        .run(&on(session, provider("orders", id).host(&host).ttl_secs(6).command()))
        .expect("it is registered");
}

/// A session with one instance.
fn provided(scene: &mut Scene, id: &str) -> Attached {
    let session = open_with(scene, 0);
    register(scene, &session, id);
    session
}

fn fleet(scene: &mut Scene, size: usize) -> Vec<Attached> {
    let sessions = (0..size).map(|n| provided(scene, &format!("web-{n}"))).collect();
    scene.take_changes();
    sessions
}

fn message(scene: &mut Scene, session: &Attached) {
    let now = scene.now().tick;
    if let lubdub_core::lease::cell::Beat::Stamped { returned: true, .. } = session.heart.beat(now) {
        let changes = scene.registry.session_returned(now, session.session);
        scene.conclude(changes);
    }
}

fn close(scene: &mut Scene, session: &Attached) {
    let now = scene.now().tick;
    scene.registry.session_closed(now, session.session, session.attachment);
}

fn resume(scene: &mut Scene, session: &Attached) -> Option<Attached> {
    let now = scene.now().tick;
    let (attached, changes) = scene.registry.resume_session(now, session.session)?;
    scene.conclude(changes);
    Some(attached)
}

fn causes(scene: &mut Scene) -> Vec<&'static str> {
    scene.take_changes().iter().map(|change| change.cause().name()).collect()
}

fn listed(scene: &Scene) -> usize {
    scene.registry.catalog().counts().total()
}

#[test]
fn every_message_keeps_all_instances_of_its_session() {
    let mut scene = Scene::new();
    let session = open_with(&mut scene, 0);
    for id in ["a", "b", "c"] {
        register(&mut scene, &session, id);
    }
    for _ in 0..10 {
        scene.advance_millis(TIMEOUT - 1);
        message(&mut scene, &session);
    }
    assert_eq!(listed(&scene), 3);
}

#[test]
fn silence_loses_every_instance_at_the_timeout_and_says_so() {
    let mut scene = Scene::new();
    let session = open_with(&mut scene, 0);
    register(&mut scene, &session, "a");
    register(&mut scene, &session, "b");
    scene.advance_millis(1_000);
    message(&mut scene, &session);
    scene.take_changes();
    scene.advance_millis(TIMEOUT - 1);
    assert_eq!(listed(&scene), 2, "not early");
    scene.advance_millis(ROUNDING);
    assert_eq!(listed(&scene), 0);
    assert_eq!(causes(&mut scene), ["expired", "expired"]);
    let lost = scene.registry.take_lost();
    assert!(lost.iter().all(|lost| lost.reason == LostReason::Concluded) && lost.len() == 2);
    // The connection is still there, and may register again.
    message(&mut scene, &session);
    register(&mut scene, &session, "a");
    assert!(scene.is_listed("orders", "a"));
}

#[test]
fn a_goodbye_takes_everything_along_at_once() {
    let mut scene = Scene::new();
    let session = open_with(&mut scene, 5_000);
    register(&mut scene, &session, "a");
    register(&mut scene, &session, "b");
    scene.run(&Command::EndSession { session: session.session }).unwrap();
    scene.registry.session_over(session.session);
    assert_eq!(listed(&scene), 0);
    assert!(scene.registry.take_lost().is_empty(), "it was its own word");
    assert_eq!(scene.registry.session_count(), 0);
    assert!(resume(&mut scene, &session).is_none());
    let late = scene.run(&on(&session, provider("orders", "a").command()));
    assert_eq!(late, Err(Reject::UnknownInstance));
}

#[test]
fn a_killed_process_is_gone_in_two_milliseconds_with_all_its_instances() {
    let mut scene = Scene::new();
    let others = fleet(&mut scene, 40);
    let session = open_with(&mut scene, 0);
    register(&mut scene, &session, "a");
    register(&mut scene, &session, "b");
    scene.advance_millis(1_000);
    scene.take_changes();
    close(&mut scene, &session);
    scene.advance_millis(1);
    assert_eq!(listed(&scene), others.len() + 2);
    scene.advance_millis(1);
    assert_eq!(listed(&scene), others.len());
    let changes = scene.take_changes();
    let [Change::Removed { cause: Cause::ConnectionLost(loss), .. }, _] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!((loss.grace, loss.closed, loss.silent), (0, 2, 1_002));
    assert_eq!(scene.registry.session_count(), others.len());
}

#[test]
fn among_few_sessions_a_killed_process_is_gone_at_once() {
    let mut scene = Scene::new();
    let session = open_with(&mut scene, 0);
    register(&mut scene, &session, "a");
    scene.advance_millis(1_000);
    scene.take_changes();
    close(&mut scene, &session);
    scene.advance_millis(0);
    assert_eq!(listed(&scene), 0);
    let changes = scene.take_changes();
    let [Change::Removed { cause: Cause::ConnectionLost(loss), .. }] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!(loss.guard, GuardWord::TooFewHosts { hosts: 1 });
    assert_eq!(scene.registry.session_count(), 0);
}

#[test]
fn a_session_with_a_grace_is_waited_for() {
    let mut scene = Scene::new();
    let session = open_with(&mut scene, 2_000);
    register(&mut scene, &session, "a");
    close(&mut scene, &session);
    scene.advance_millis(1_999);
    let again = resume(&mut scene, &session).unwrap();
    assert_eq!(again.instances.len(), 1);
    scene.advance_millis(2_000);
    assert!(scene.is_listed("orders", "a"), "it came back in time");
    close(&mut scene, &again);
    scene.advance_millis(2_001);
    assert!(!scene.is_listed("orders", "a"));
}

#[test]
fn the_end_of_an_earlier_connection_changes_nothing() {
    let mut scene = Scene::new();
    let session = provided(&mut scene, "a");
    resume(&mut scene, &session).unwrap();
    close(&mut scene, &session);
    scene.advance_millis(1_000);
    assert!(scene.is_listed("orders", "a"));
}

#[test]
fn a_reloaded_proxy_loses_nobody_and_whoever_comes_back_is_told_as_heard() {
    let mut scene = Scene::new();
    let sessions = fleet(&mut scene, 1_000);
    for (n, session) in sessions.iter().enumerate() {
        close(&mut scene, session);
        if n % 20 == 0 {
            scene.advance_millis(1);
        }
    }
    scene.advance_millis(500);
    assert_eq!(listed(&scene), 1_000);
    assert!(scene.instance("orders", "web-0").unwrap().held);
    let told = causes(&mut scene);
    assert!(told.len() == 1_000 && told.iter().all(|cause| *cause == "suspected"));
    for session in &sessions {
        let again = resume(&mut scene, session).unwrap();
        assert_eq!(again.instances.len(), 1);
    }
    assert!(!scene.instance("orders", "web-0").unwrap().held);
    assert_eq!(causes(&mut scene).len(), 1_000);
    for session in &sessions {
        message(&mut scene, session);
    }
    scene.advance_millis(TIMEOUT / 2);
    assert_eq!(listed(&scene), 1_000);
}

#[test]
fn a_killed_process_still_leaves_at_once_after_a_reload() {
    let mut scene = Scene::new();
    let mut sessions = fleet(&mut scene, 40);
    for session in &sessions {
        close(&mut scene, session);
    }
    scene.advance_millis(200);
    for session in &mut sessions {
        *session = resume(&mut scene, session).unwrap();
    }
    scene.advance_millis(1_000);
    assert_eq!(listed(&scene), 40);
    close(&mut scene, &sessions[7]);
    scene.advance_millis(3);
    assert!(!scene.is_listed("orders", "web-7"));
}

#[test]
fn suspects_that_do_not_come_back_have_the_timeout_from_their_closing_and_then_the_guard_decides() {
    let mut scene = Scene::new();
    let sessions = fleet(&mut scene, 20);
    scene.advance_millis(1_500);
    for session in &sessions[..8] {
        close(&mut scene, session);
    }
    for _ in 0..3 {
        for session in &sessions[8..] {
            message(&mut scene, session);
        }
        scene.advance_millis(1_990);
    }
    assert_eq!(listed(&scene), 20, "the timeout counts from the closing");
    scene.take_changes();
    for _ in 0..20 {
        for session in &sessions[8..] {
            message(&mut scene, session);
        }
        scene.advance_millis(2_000);
    }
    let told = causes(&mut scene);
    assert_eq!(told.iter().filter(|cause| **cause == "held").count(), 8);
    assert_eq!(told.iter().filter(|cause| **cause == "expired").count(), 8, "the others are heard well");
    assert_eq!((listed(&scene), scene.registry.session_count()), (12, 12));
}

#[test]
fn as_many_as_the_rule_tolerates_leave_within_a_second() {
    let mut scene = Scene::new();
    let sessions = fleet(&mut scene, 40);
    for session in &sessions[..6] {
        close(&mut scene, session);
        scene.advance_millis(50);
    }
    scene.advance_millis(150);
    assert_eq!(listed(&scene), 34);
    close(&mut scene, &sessions[6]);
    scene.advance_millis(150);
    assert_eq!(listed(&scene), 34, "the seventh within a second is a mass, and so held");
}

#[test]
fn a_few_sessions_are_never_held_together() {
    let mut scene = Scene::new();
    let sessions = fleet(&mut scene, 9);
    for session in &sessions {
        close(&mut scene, session);
    }
    scene.advance_millis(101);
    assert_eq!(listed(&scene), 0);
}

#[test]
fn a_closing_counts_as_a_loss_for_the_guard() {
    let mut scene = Scene::new();
    let sessions = fleet(&mut scene, 12);
    for session in &sessions[..4] {
        close(&mut scene, session);
        scene.advance_millis(1_100);
        for other in &sessions[4..] {
            message(&mut scene, other);
        }
    }
    assert_eq!(causes(&mut scene), ["connection-lost", "connection-lost", "connection-lost", "held"]);
    // Held by the guard, it can still be resumed.
    resume(&mut scene, &sessions[3]).unwrap();
    assert_eq!(causes(&mut scene), ["returned"]);
}

#[test]
fn what_the_registry_closes_itself_is_nobodys_loss() {
    let mut scene = Scene::new();
    let sessions = fleet(&mut scene, 2);
    for session in &sessions {
        message(&mut scene, session);
        scene.registry.session_detached(session.session, session.attachment);
    }
    scene.advance_millis(TIMEOUT - 1);
    assert_eq!(listed(&scene), 2);
    resume(&mut scene, &sessions[0]).unwrap();
    scene.advance_millis(ROUNDING);
    assert!(scene.is_listed("orders", "web-0") && !scene.is_listed("orders", "web-1"));
    assert_eq!(scene.registry.session_count(), 1);
}

#[test]
fn after_a_restart_each_has_one_timeout_to_come_back() {
    let mut before = Scene::new();
    let session = provided(&mut before, "a");
    assert_eq!(session.session, SessionId(1));
    let instance = before.instance("orders", "a").unwrap().clone();
    let mut scene = Scene::new();
    // A session of this run that has the number of one of the run before.
    open_with(&mut scene, 0);
    let mut stored = (*instance).clone();
    stored.checks[0].lease = lubdub_core::model::LeaseTerms::Session {
        timeout: lubdub_core::Millis(TIMEOUT as u32),
        session: SessionId::NONE,
        phi: None,
    };
    let (now, hour) = (scene.now(), Duration::from_secs(3_600));
    scene.registry.restore(now, stored.into(), hour);
    scene.advance_millis(TIMEOUT - 1);
    assert!(scene.is_listed("orders", "a"));
    scene.advance_millis(ROUNDING);
    assert!(!scene.is_listed("orders", "a"), "however long the registry was away");
}

#[test]
fn the_newer_session_has_the_instance_and_the_older_is_told() {
    let mut scene = Scene::new();
    let older = provided(&mut scene, "a");
    let newer = provided(&mut scene, "a");
    let lost = scene.registry.take_lost();
    assert_eq!(lost.len(), 1);
    assert_eq!((lost[0].session, lost[0].reason), (older.session, LostReason::TakenOver));
    let key = InstanceKey::new("orders", "a");
    for late in [
        Command::ReportStatus { key: key.clone(), status: Status::Down },
        Command::AddMetadata { key: key.clone(), entries: vec![("a".into(), "b".into())] },
        Command::Deregister { key: key.clone() },
    ] {
        assert_eq!(scene.run(&on(&older, late)), Err(Reject::UnknownInstance));
    }
    close(&mut scene, &older);
    scene.advance_millis(200);
    assert!(scene.is_listed("orders", "a"));
    let table = scene.registry.lease_table();
    let name = lubdub_core::lease::LeaseRef::heartbeat("orders", "a");
    assert!(table.keeps(name, newer.session) && !table.keeps(name, older.session));
    close(&mut scene, &newer);
    scene.advance_millis(3);
    assert!(!scene.is_listed("orders", "a"));
}

#[test]
fn a_registration_by_renewals_takes_an_instance_over_and_a_session_takes_it_back() {
    let mut scene = Scene::new();
    let session = provided(&mut scene, "a");
    scene.register(provider("orders", "a").ttl_secs(90));
    assert_eq!(scene.registry.take_lost()[0].reason, LostReason::TakenOver);
    close(&mut scene, &session);
    scene.advance_millis(200);
    assert!(scene.is_listed("orders", "a"), "it is kept by renewals now");
    let session = provided(&mut scene, "a");
    // A renewal counts as a message of the session, as it is a sign of life.
    scene.advance_millis(TIMEOUT - 1);
    assert!(matches!(scene.beat("orders", "a"), Renewal::Renewed { .. }));
    scene.advance_millis(TIMEOUT - 1);
    assert!(scene.is_listed("orders", "a"));
    close(&mut scene, &session);
    scene.advance_millis(3);
    assert!(matches!(scene.beat("orders", "a"), Renewal::Unknown));
}

#[test]
fn a_renewal_of_one_held_instance_brings_back_all_of_its_session() {
    let mut scene = Scene::new();
    let sessions = fleet(&mut scene, 12);
    for (n, session) in sessions.iter().enumerate() {
        register(&mut scene, session, &format!("second-{n}"));
    }
    scene.take_changes();
    scene.advance_millis(TIMEOUT + ROUNDING);
    assert_eq!(causes(&mut scene), ["held"; 24]);
    assert!(matches!(scene.beat("orders", "web-3"), Renewal::Renewed { .. }));
    assert_eq!(causes(&mut scene), ["returned", "returned"]);
    assert!(!scene.instance("orders", "second-3").unwrap().held);
}

#[test]
fn a_session_is_told_of_what_others_remove_and_not_of_its_own_words() {
    let mut scene = Scene::new();
    let session = open_with(&mut scene, 0);
    for id in ["a", "b"] {
        register(&mut scene, &session, id);
    }
    // Again, as a client does that is not sure.
    register(&mut scene, &session, "a");
    scene.run(&on(&session, Command::Deregister { key: InstanceKey::new("orders", "a") })).unwrap();
    assert!(scene.registry.take_lost().is_empty());
    let operator = Sender { face: "rest", operator: Some("ann".into()), ..Sender::default() };
    let command = Command::Deregister { key: InstanceKey::new("orders", "b") };
    let changes = scene.registry.decide(scene.now(), &command, &operator).unwrap();
    scene.conclude(changes);
    assert_eq!(scene.registry.take_lost()[0].reason, LostReason::Removed);
}

#[test]
fn a_reported_status_counts_unless_an_operator_said_another() {
    let mut scene = Scene::new();
    let session = provided(&mut scene, "a");
    let key = InstanceKey::new("orders", "a");
    let report = |status| on(&session, Command::ReportStatus { key: key.clone(), status });
    scene.run(&report(Status::OutOfService)).unwrap();
    assert_eq!(scene.status("orders", "a"), Some(Status::OutOfService));
    scene.run(&report(Status::Up)).unwrap();
    assert_eq!(scene.status("orders", "a"), Some(Status::Up));
    let said = Command::SetOverride { key: key.clone(), status: Status::OutOfService, precedence: None };
    scene.run(&said).unwrap();
    scene.run(&report(Status::Starting)).unwrap();
    assert_eq!(scene.status("orders", "a"), Some(Status::Starting));
    scene.run(&report(Status::Up)).unwrap();
    assert_eq!(scene.status("orders", "a"), Some(Status::OutOfService));
    // A session that goes on has the status that it had.
    close(&mut scene, &session);
    resume(&mut scene, &session).unwrap();
    assert_eq!(scene.instance("orders", "a").unwrap().reported, Status::Up);
}

#[test]
fn terms_and_numbers_are_bounded() {
    let mut config = Config::default();
    (config.limits.sessions, config.limits.session_instances) = (2, 1);
    let mut scene = Scene::with(config);
    let now = scene.now().tick;
    let mut ask = |timeout, grace| {
        let terms = SessionTerms {
            timeout: Duration::from_millis(timeout),
            grace: Duration::from_millis(grace),
            phi: None,
        };
        scene.registry.open_session(now, terms, sender())
    };
    assert!(matches!(ask(99, 0), Err(Reject::Invalid(fault)) if fault.field == "timeout"));
    assert!(matches!(ask(1_000, 1_001), Err(Reject::Invalid(fault)) if fault.field == "grace"));
    let session = ask(1_000, 1_000).unwrap();
    ask(1_000, 0).unwrap();
    assert!(matches!(ask(1_000, 0), Err(Reject::LimitReached { limit: 2, .. })));
    register(&mut scene, &session, "a");
    register(&mut scene, &session, "a");
    let second = scene.run(&on(&session, provider("orders", "b").command()));
    assert!(matches!(second, Err(Reject::LimitReached { limit: 1, .. })));
}

#[test]
fn without_a_guard_nobody_is_suspect() {
    let guard = GuardConfig { enabled: false, ..GuardConfig::default() };
    let mut scene = Scene::with(Config { guard, ..Config::default() });
    let sessions = fleet(&mut scene, 40);
    for session in &sessions {
        close(&mut scene, session);
    }
    scene.advance_millis(100);
    assert_eq!(listed(&scene), 0);
}
