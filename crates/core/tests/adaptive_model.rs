//! Adaptive leases against what their documentation says of them, computed in another way, whatever comes.

use std::time::Duration;

use lubdub_core::adaptive::AdaptiveConfig;
use lubdub_core::lease::{LeaseId, LeaseRef, Renewal};
use lubdub_core::{Cause, Config, Tick};
use lubdub_testkit::{Scene, provider};
use proptest::prelude::*;

const INTERVAL: u64 = 1_000;
const TTL: u64 = 3_000;
const FLOOR: u64 = 2_000;
const CEILING: u64 = 6_000;
const WINDOW: usize = 64;
/// A slot of the wheel, and a millisecond by which a span is rounded up.
const ROUNDING: u64 = 9;

fn scene() -> Scene {
    let adaptive = AdaptiveConfig { enabled: true, ..AdaptiveConfig::default() };
    let mut scene = Scene::with(Config { adaptive, ..Config::default() });
    scene.register(provider("orders", "web-1").ttl_secs(TTL / 1_000));
    scene
}

/// What is allowed after beats at these ticks, without any sums that are kept.
fn allowed(beats: &[u64]) -> u64 {
    let mut counted: Vec<u64> = Vec::new();
    for beat in beats {
        if counted.last().is_none_or(|last| beat - last >= INTERVAL / 2) {
            counted.push(*beat);
        }
    }
    let intervals: Vec<u64> =
        counted.iter().skip(1).zip(&counted).map(|(to, from)| to - from).filter(|i| *i <= CEILING).collect();
    if intervals.len() < 8 {
        return TTL;
    }
    let first = [INTERVAL * 3 / 4, INTERVAL * 5 / 4];
    let all: Vec<f64> = first.into_iter().chain(intervals).map(|interval| interval as f64).collect();
    let last: Vec<f64> = all.iter().rev().take(WINDOW).copied().collect();
    let count = last.len() as f64;
    let mean = last.iter().sum::<f64>() / count;
    let variance = last.iter().map(|interval| (interval - mean).powi(2)).sum::<f64>() / count;
    let deviation = variance.sqrt().max(INTERVAL as f64 / 20.0);
    // So many deviations a normal tail of 10⁻⁸ begins beyond.
    let allowed = 2.0 * mean.max(INTERVAL as f64) + 5.612 * deviation;
    u64::try_from(Duration::from_secs_f64(allowed.ceil() / 1e3).as_millis())
        .unwrap_or(u64::MAX)
        .clamp(FLOOR, CEILING)
}

#[derive(Debug, Clone)]
enum Step {
    /// So much later a beat comes; its news at once, or never.
    Beat { after: u64, told: bool },
    /// The news of some earlier beat come, however old.
    OldNews,
    /// The process does not run for so long.
    Pause(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (1..2_600_u64, any::<bool>()).prop_map(|(after, told)| Step::Beat { after, told }),
        1 => Just(Step::OldNews),
        1 => (1..8_000_u64).prop_map(Step::Pause),
    ];
    prop::collection::vec(step, 1..200)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_lease_ends_when_its_last_intervals_say_so(
        spread in 1..1_200_u64,
        draws in prop::collection::vec(any::<u16>(), 0..150),
    ) {
        let mut scene = scene();
        let mut beats = vec![];
        for draw in draws {
            // Around the promised interval, and always in time.
            let after = INTERVAL + u64::from(draw) * spread / 65_536 - spread / 2;
            scene.advance_millis(after);
            if scene.beat("orders", "web-1") == Renewal::Unknown {
                let after = scene.now().tick.0 - beats.last().copied().unwrap_or(0);
                prop_assert!(after >= allowed(&beats), "{after} ms after the last of {beats:?}");
                return Ok(());
            }
            beats.push(scene.now().tick.0);
        }
        let expected = beats.last().copied().unwrap_or(0) + allowed(&beats);
        scene.advance_millis(expected.saturating_sub(scene.now().tick.0 + 2));
        prop_assert!(scene.is_listed("orders", "web-1"), "not before {expected}");
        scene.advance_millis(2 + ROUNDING + 1);
        prop_assert!(!scene.is_listed("orders", "web-1"), "at {expected}");
    }

    #[test]
    fn whatever_comes_no_lease_ends_before_the_floor_or_lasts_beyond_the_ceiling(steps in steps()) {
        let mut scene = scene();
        let mut told: Vec<LeaseId> = Vec::new();
        let mut newest = Tick::START;
        for step in steps {
            match step {
                Step::Beat { after, told: now } => {
                    scene.advance_millis(after);
                    let name = LeaseRef::heartbeat("orders", "web-1");
                    let renewal = scene.registry.lease_table().renew(scene.now().tick, name, None);
                    if let Renewal::Renewed { lease, returned, .. } = renewal {
                        newest = scene.now().tick;
                        if returned {
                            told.push(lease);
                        }
                        if now {
                            let changes = scene.registry.returned(scene.now().tick, lease);
                            scene.conclude(changes);
                        }
                    }
                }
                Step::OldNews => {
                    for lease in told.drain(..).rev() {
                        let changes = scene.registry.returned(scene.now().tick, lease);
                        scene.conclude(changes);
                    }
                }
                Step::Pause(millis) => {
                    let from = scene.now().tick;
                    scene.sleep_millis(millis);
                    let to = scene.now().tick;
                    scene.registry.hearing_mut().paused(from, to);
                    scene.tick();
                }
            }
            scene.registry.check_invariants();
            for (at, _, changes) in scene.take_transactions() {
                for change in changes {
                    let Cause::Expired(silence) = change.cause() else { continue };
                    let least = FLOOR + scene.registry.hearing().deaf_between(newest, at.tick);
                    prop_assert!(at.tick.millis_since(newest) >= least, "{silence:?}");
                    prop_assert_eq!(silence.silent, at.tick.millis_since(newest));
                }
            }
            if !scene.is_listed("orders", "web-1") {
                scene.register(provider("orders", "web-1").ttl_secs(TTL / 1_000));
                scene.take_transactions();
                newest = scene.now().tick;
            }
        }
        let deaf = scene.registry.hearing().deaf_between(newest, scene.now().tick);
        // Grace after deaf time is at most one time-to-live.
        let longest = if deaf == 0 { CEILING } else { CEILING + TTL };
        let end = newest.after(Duration::from_millis(longest + deaf + ROUNDING));
        scene.advance_millis(end.millis_since(scene.now().tick));
        prop_assert!(!scene.is_listed("orders", "web-1"));
        prop_assert_eq!(scene.registry.adaptive_leases(), 0);
    }
}
