//! Leases that are judged by what is learnt of their beats.

use std::sync::Arc;
use std::time::Duration;

use lubdub_core::adaptive::{AdaptiveConfig, Hundredths, METADATA_KEY};
use lubdub_core::guard::GuardConfig;
use lubdub_core::lease::{LeaseRef, Renewal};
use lubdub_core::model::{Instance, InstanceKey, PhiLevel, ServiceName, Status};
use lubdub_core::{AfterOverride, Cause, Change, Command, Config, Reject, Restoration, Silence};
use lubdub_detect::traces::{Delay, Plan, lossy};
use lubdub_testkit::{Provider, Scene, provider};

const SECOND: u64 = 1_000;
/// A slot of the wheel.
const ROUNDING: u64 = 8;
/// With steady beats each second: two intervals, and 5.6 times a twentieth.
const STEADY: u64 = 2_281;

fn all_adaptive() -> Config {
    let adaptive = AdaptiveConfig { enabled: true, ..AdaptiveConfig::default() };
    Config { adaptive, ..Config::default() }
}

/// Beats each second, three seconds to live.
fn web_1() -> Provider {
    provider("orders", "web-1").ttl_secs(3)
}

fn beat_steadily(scene: &mut Scene, beats: u64) {
    for _ in 0..beats {
        scene.advance_millis(SECOND);
        assert!(matches!(scene.beat("orders", "web-1"), Renewal::Renewed { .. }));
    }
}

fn learning() -> Scene {
    let mut scene = Scene::with(all_adaptive());
    scene.register(web_1());
    scene
}

fn learnt() -> Scene {
    let mut scene = learning();
    beat_steadily(&mut scene, 80);
    scene
}

/// For how long it stays, in milliseconds to the slot.
fn lasts(scene: &mut Scene) -> u64 {
    let since = scene.now().tick;
    while scene.is_listed("orders", "web-1") {
        scene.advance_millis(ROUNDING);
    }
    scene.now().tick.millis_since(since)
}

fn assert_about(lasted: u64, expected: u64) {
    assert!((expected..=expected + 2 * ROUNDING).contains(&lasted), "{lasted} ms, expected {expected}");
}

fn silence(changes: &[Change]) -> &Silence {
    let found = changes.iter().find_map(|change| match change.cause() {
        Cause::Expired(silence) => Some(silence),
        _ => None,
    });
    found.expect("something expired")
}

#[test]
fn a_provider_with_steady_beats_leaves_sooner_than_by_its_fixed_timeout() {
    let mut scene = learnt();
    assert_about(lasts(&mut scene), STEADY);
    let changes = scene.take_changes();
    let learnt = silence(&changes).learnt.expect("it is told by what it was judged");
    assert_eq!(
        (learnt.level, learnt.mean, learnt.deviation, learnt.enough),
        (PhiLevel::USUAL, SECOND, 50, true)
    );
    assert_eq!(learnt.allowed, 2_280);
}

#[test]
fn the_fixed_timeout_counts_while_little_is_learnt() {
    for beats in 0..=8 {
        let mut scene = learning();
        beat_steadily(&mut scene, beats);
        assert_about(lasts(&mut scene), 3 * SECOND);
        assert!(!silence(&scene.take_changes()).learnt.unwrap().enough);
    }
}

#[test]
fn a_provider_whose_every_second_beat_is_lost_stays_and_so_does_one_that_loses_one_now_and_then() {
    for lost in [2, 3, 5, 7, 50, 100] {
        let mut scene = learning();
        for beat in 1..1_000 {
            scene.advance_millis(SECOND);
            if beat % lost != 0 {
                scene.beat("orders", "web-1");
            }
        }
        assert!(scene.is_listed("orders", "web-1"), "each {lost}th is lost");
    }
}

/// Arrivals of beats each second, in milliseconds.
fn arrivals(deviation: u64, beats: u64) -> Vec<u64> {
    let delay =
        Delay::Normal { mean: Duration::from_millis(1_500), deviation: Duration::from_millis(deviation) };
    let trace = Plan { delay, ..lossy(7, beats, 0.0) }.trace().expect("the plan is sound");
    trace.arrivals().iter().map(|arrival| arrival.received.0 / 1_000).collect()
}

#[test]
fn jittered_beats_raise_no_alarm_where_a_fixed_timeout_raises_some() {
    let provider = || {
        let mut asked = web_1().registration();
        for check in &mut asked.checks {
            check.ttl = Duration::from_millis(2_400);
        }
        Command::Register(Box::new(asked))
    };
    let arrivals = arrivals(450, 20_000);
    let count = |config: Config| {
        let mut scene = Scene::with(config);
        scene.run(&provider()).expect("it is taken");
        let mut lost = 0;
        for (beat, at) in arrivals.iter().enumerate() {
            scene.advance_millis(at.saturating_sub(scene.now().tick.0));
            if scene.beat("orders", "web-1") == Renewal::Unknown {
                // While it learns, the fixed timeout counts.
                lost += usize::from(beat > 20);
                scene.run(&provider()).expect("it is taken");
            }
        }
        lost
    };
    let (fixed, adaptive) = (count(Config::default()), count(all_adaptive()));
    assert!(fixed > 3, "{fixed}");
    assert_eq!(adaptive, 0, "the fixed timeout erred {fixed} times");
}

#[test]
fn a_lease_is_never_lost_before_the_floor_nor_kept_beyond_the_ceiling() {
    let mut config = all_adaptive();
    config.adaptive.floor = Hundredths(275);
    let mut scene = Scene::with(config);
    scene.register(web_1());
    beat_steadily(&mut scene, 80);
    assert_about(lasts(&mut scene), 2_750);

    let mut scene = learning();
    // It comes to beat ever more rarely.
    for seconds in [1, 2, 3] {
        for _ in 0..80 {
            scene.advance_millis(seconds * SECOND);
            assert!(matches!(scene.beat("orders", "web-1"), Renewal::Renewed { .. }));
        }
    }
    assert_about(lasts(&mut scene), 6 * SECOND);
}

/// A Eureka client may promise a beat each hour and a time-to-live of 90 s. The floor is then beyond the ceiling, and kept the dead
/// for two hours.
#[test]
fn a_lease_whose_floor_is_beyond_its_ceiling_is_fixed() {
    for (ttl, interval, is_fixed) in [(90, 3_600, true), (90, 91, true), (90, 90, false)] {
        let mut asked = provider("orders", "web-1").registration();
        for check in &mut asked.checks {
            (check.ttl, check.interval) = (Duration::from_secs(ttl), Duration::from_secs(interval));
        }
        let mut scene = Scene::with(all_adaptive());
        scene.run(&Command::Register(Box::new(asked))).expect("it is taken");
        assert_eq!(scene.registry.adaptive_leases(), usize::from(!is_fixed), "{interval}");
        assert_about(lasts(&mut scene), if is_fixed { 90 * SECOND } else { 180 * SECOND });
    }
}

#[test]
fn what_the_registry_did_not_hear_is_neither_held_against_a_lease_nor_learnt() {
    let mut scene = learnt();
    for _ in 0..20 {
        // Stopped for 2.5 s: the beats of that time are read at its end.
        let from = scene.now().tick;
        scene.sleep_millis(2_500);
        let to = scene.now().tick;
        scene.registry.hearing_mut().paused(from, to);
        assert!(matches!(scene.beat("orders", "web-1"), Renewal::Renewed { .. }));
        scene.tick();
        scene.advance_millis(500);
        beat_steadily(&mut scene, 1);
        assert!(scene.is_listed("orders", "web-1"));
    }
    assert_about(lasts(&mut scene), STEADY);
}

#[test]
fn an_own_beat_that_is_late_makes_a_silence_deaf_before_it_is_learnt() {
    let mut scene = learning();
    let now = scene.now().tick;
    let ear = scene.registry.hearing_mut().add_ear(now);
    let own_beat = |scene: &mut Scene| {
        let now = scene.now().tick;
        scene.registry.hearing_mut().own_beat(ear, now, now);
        scene.tick();
    };
    for _ in 0..80 {
        for _ in 0..10 {
            scene.sleep_millis(100);
            own_beat(&mut scene);
        }
        scene.beat("orders", "web-1");
    }
    // Nothing is read for four seconds. The news of the first beat comes before the proof that it was so.
    scene.sleep_millis(4_000);
    scene.beat("orders", "web-1");
    scene.tick();
    own_beat(&mut scene);
    for _ in 0..22 {
        scene.sleep_millis(100);
        own_beat(&mut scene);
    }
    assert!(scene.is_listed("orders", "web-1"));
    for _ in 0..2 {
        scene.sleep_millis(100);
        own_beat(&mut scene);
    }
    assert!(!scene.is_listed("orders", "web-1"), "what was learnt before still counts");
    assert_eq!(silence(&scene.take_changes()).learnt.unwrap().deviation, 50);
}

#[test]
fn news_that_come_late_twice_or_never_end_no_lease_early() {
    let mut scene = learnt();
    let beat = |scene: &Scene| {
        let name = LeaseRef::heartbeat("orders", "web-1");
        match scene.registry.lease_table().renew(scene.now().tick, name, None) {
            Renewal::Renewed { lease, returned, .. } => (lease, returned),
            other => panic!("{other:?}"),
        }
    };
    let mut told = Vec::new();
    for _ in 0..40 {
        scene.advance_millis(SECOND);
        let (lease, returned) = beat(&scene);
        assert!(returned, "always watched: the driver took the one before when it looked at the lease");
        told.push(lease);
        assert!(!beat(&scene).1, "told once, until the driver has looked");
    }
    scene.advance_millis(STEADY - 2);
    assert!(scene.is_listed("orders", "web-1"), "judged from the newest beat");
    for lease in told {
        let changes = scene.registry.returned(scene.now().tick, lease);
        assert!(changes.is_empty());
    }
    scene.advance_millis(2 + 2 * ROUNDING);
    assert!(!scene.is_listed("orders", "web-1"), "old news are no beats");
}

#[test]
fn a_registration_begins_anew_and_so_does_a_restart_of_the_registry() {
    let mut scene = learnt();
    scene.register(web_1());
    assert_about(lasts(&mut scene), 3 * SECOND);

    let scene = learnt();
    let stored = scene.instance("orders", "web-1").unwrap().clone();
    let mut again = Scene::with(all_adaptive());
    again.registry.restore(again.now(), stored, Duration::from_secs(2));
    assert_about(lasts(&mut again), 5 * SECOND);
}

/// After a restart only the time-to-live and the outage were allowed, and the floor no sooner than with the first beat.
#[test]
fn after_a_restart_a_lease_has_its_floor_too() {
    let mut config = all_adaptive();
    config.adaptive.floor = Hundredths(450);
    let mut scene = Scene::with(config.clone());
    scene.register(web_1());
    let stored = scene.instance("orders", "web-1").unwrap().clone();
    let again = |restore: fn(&mut Scene, &Arc<Instance>, Duration)| {
        let mut again = Scene::with(config.clone());
        restore(&mut again, &stored, Duration::from_secs(2));
        lasts(&mut again)
    };
    let one_by_one =
        again(|scene, stored, outage| scene.registry.restore(scene.now(), Arc::clone(stored), outage));
    assert_about(one_by_one, 6_500);
    let in_bulk = again(|scene, stored, outage| {
        let empty = std::mem::replace(&mut scene.registry, Scene::new().registry);
        let mut restoration = Restoration::into(empty);
        restoration.take(Instance::clone(stored));
        scene.registry = restoration.end(scene.now(), outage);
    });
    assert_about(in_bulk, 6_500);
}

#[test]
fn beats_that_are_refused_are_not_learnt_as_a_silence() {
    let mut scene = learnt();
    let key = InstanceKey::new("orders", "web-1");
    let set =
        |status| Command::SetOverride { key: InstanceKey::new("orders", "web-1"), status, precedence: None };
    scene.run(&set(Status::OutOfService)).unwrap();
    scene.run(&Command::ClearOverride { key, then: AfterOverride::AskAgain, precedence: None }).unwrap();
    scene.advance_millis(600);
    assert_eq!(scene.beat("orders", "web-1"), Renewal::Unknown);
    scene.run(&set(Status::Up)).unwrap();
    beat_steadily(&mut scene, 3);
    assert_about(lasts(&mut scene), STEADY);
}

#[test]
fn the_guard_holds_adaptive_leases_as_any_and_does_not_have_them_learn_of_it() {
    let mut scene = Scene::with(all_adaptive());
    let id = |n: u32| format!("web-{n}");
    for n in 1..=20 {
        scene.register(provider("orders", &id(n)).ttl_secs(3).host(&format!("10.0.0.{n}")));
    }
    let beat = |scene: &mut Scene, who: std::ops::RangeInclusive<u32>| {
        scene.advance_millis(SECOND);
        for n in who {
            scene.beat("orders", &id(n));
        }
    };
    for _ in 0..80 {
        beat(&mut scene, 1..=20);
    }
    beat(&mut scene, 11..=20);
    beat(&mut scene, 11..=20);
    beat(&mut scene, 11..=20);
    assert!(scene.instance("orders", "web-1").unwrap().held);
    beat(&mut scene, 1..=20);
    assert!(!scene.instance("orders", "web-1").unwrap().held, "heard again");
    for _ in 0..3 {
        beat(&mut scene, 1..=20);
    }
    beat(&mut scene, 2..=20);
    beat(&mut scene, 2..=20);
    scene.advance_millis(STEADY - 2 * SECOND + 2 * ROUNDING);
    assert!(!scene.is_listed("orders", "web-1"), "it learnt nothing of the silence in which it was held");
    scene.take_changes();
}

#[test]
fn without_a_guard_a_mass_leaves_by_what_was_learnt_of_each() {
    let config = Config { guard: GuardConfig { enabled: false, ..GuardConfig::default() }, ..all_adaptive() };
    let mut scene = Scene::with(config);
    for n in 0..200 {
        scene.register(provider("orders", &n.to_string()).ttl_secs(3));
    }
    for _ in 0..80 {
        scene.advance_millis(SECOND);
        for n in 0..200 {
            scene.beat("orders", &n.to_string());
        }
    }
    assert_eq!(scene.registry.adaptive_leases(), 200);
    scene.advance_millis(STEADY + ROUNDING);
    assert_eq!(scene.registry.catalog().service_count(), 0);
    assert_eq!(scene.registry.adaptive_leases(), 0, "nothing is kept of whoever left");
}

#[test]
fn a_provider_asks_for_a_level_or_for_a_fixed_timeout_in_its_metadata() {
    let mut plain = Scene::new();
    plain.register(web_1().metadata(&[(METADATA_KEY, "8")]));
    beat_steadily(&mut plain, 80);
    assert_about(lasts(&mut plain), STEADY);
    // More is allowed at a higher level.
    let mut careful = Scene::new();
    careful.register(web_1().metadata(&[(METADATA_KEY, "16")]));
    beat_steadily(&mut careful, 80);
    let lasted = lasts(&mut careful);
    assert!((STEADY + 100..3_000).contains(&lasted), "{lasted}");

    let mut fixed = Scene::with(all_adaptive());
    fixed.register(web_1().metadata(&[(METADATA_KEY, "off")]));
    beat_steadily(&mut fixed, 80);
    assert_about(lasts(&mut fixed), 3 * SECOND);
    assert_eq!(fixed.registry.adaptive_leases(), 0);

    let mut other = Scene::new();
    let wrong = web_1().metadata(&[(METADATA_KEY, "lots")]).command();
    let Err(Reject::Invalid(fault)) = other.run(&wrong) else { panic!("it is refused") };
    assert_eq!((fault.field, &*fault.value), ("metadata.lubdub.phi", "lots"));
    other.register(web_1());
    let entries = vec![(METADATA_KEY.to_owned(), "0".to_owned())];
    let added = Command::AddMetadata { key: InstanceKey::new("orders", "web-1"), entries };
    assert!(matches!(other.run(&added), Err(Reject::Invalid(_))));
}

#[test]
fn an_ordinary_lease_tells_its_driver_of_no_beat_beside_adaptive_ones() {
    let mut config = Config::default();
    config.adaptive.services.insert(ServiceName::new("payments"));
    let mut scene = Scene::with(config);
    scene.register(provider("payments", "web-1"));
    assert_eq!(scene.registry.adaptive_leases(), 1);
    scene.register(web_1());
    for _ in 0..10 {
        scene.advance_millis(SECOND);
        assert!(matches!(scene.beat("orders", "web-1"), Renewal::Renewed { returned: false, .. }));
    }
}
