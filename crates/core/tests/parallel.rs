//! Beats from several threads while the driver judges: what loom explores for one cell, here for
//! the whole table on real threads. Run under a race detector by `cargo xtask races`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use lubdub_core::guard::GuardConfig;
use lubdub_core::lease::{LeaseRef, Renewal};
use lubdub_core::{Cause, Change, Config, Tick};
use lubdub_testkit::{Scene, provider};

const LEASES: usize = 64;
const THREADS: usize = 3;
const TTL_SECS: u64 = 3;
/// Of simulated time.
const STEP_MILLIS: u64 = 50;

fn id(number: usize) -> String {
    format!("web-{number}")
}

/// One lease of four is neglected half of the time.
fn is_neglected(number: usize, now: u64) -> bool {
    number.is_multiple_of(4) && (now / 10_000).is_multiple_of(2)
}

#[test]
fn whoever_was_told_that_it_is_renewed_is_evicted_no_sooner_than_a_time_to_live_later() {
    let guard = GuardConfig { enabled: false, ..GuardConfig::default() };
    let mut scene = Scene::with(Config { guard, ..Config::default() });
    for number in 0..LEASES {
        scene.register(provider("orders", &id(number)).ttl_secs(TTL_SECS));
    }
    let table = Arc::clone(scene.registry.lease_table());
    let clock = AtomicU64::new(scene.now().tick.0);
    let over = AtomicBool::new(false);
    // When each was told last that it is renewed.
    let told: Vec<AtomicU64> = (0..LEASES).map(|_| AtomicU64::new(0)).collect();
    let (mut evicted, rounds) = (0, if cfg!(miri) { 20 } else { 600 });
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (table, clock, over, told) = (&table, &clock, &over, &told);
            scope.spawn(move || {
                for number in (0..LEASES).cycle().skip(thread * 7) {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    let now = clock.load(Ordering::Acquire);
                    if is_neglected(number, now) {
                        continue;
                    }
                    let renewal = table.renew(Tick(now), LeaseRef::heartbeat("orders", &id(number)), None);
                    if matches!(renewal, Renewal::Renewed { .. }) {
                        told[number].fetch_max(now, Ordering::AcqRel);
                    }
                }
            });
        }
        for _ in 0..rounds {
            scene.advance_millis(STEP_MILLIS);
            clock.store(scene.now().tick.0, Ordering::Release);
            thread::yield_now();
            let now = scene.now().tick;
            for change in scene.take_changes() {
                let Change::Removed { key, cause, .. } = change else { continue };
                assert!(matches!(cause, Cause::Expired(_)), "{cause:?}");
                let number: usize = key.id().trim_start_matches("web-").parse().expect("a number");
                let last = Tick(told[number].load(Ordering::Acquire));
                assert!(
                    now.millis_since(last) >= TTL_SECS * 1_000,
                    "{key} left at {now}, and was told at {last} that it is renewed"
                );
                evicted += 1;
                scene.register(provider("orders", &id(number)).ttl_secs(TTL_SECS));
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    // Under Miri there is too little time for it.
    assert!(evicted > 0 || cfg!(miri), "nobody was neglected");
    assert_eq!(table.len(), LEASES);
}
