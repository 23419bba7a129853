//! What a renewal costs in the core, and what leases cost in memory and at a mass expiry.
//!
//! Each figure stands beside a baseline of the same run: a look-up of the joined name in the
//! standard library's map behind a read lock, and a store, which is the least that anybody
//! would write. Run it with `cargo xtask bench`; quote the ratio, not the time.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::indexing_slicing, reason = "the indices are those of the lists that are made here")]
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock, and measures the standard map")]

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::RwLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use lubdub_core::lease::{LeaseRef, Renewal};
use lubdub_core::{Registry, Sender, Tick};
use lubdub_testkit::{Scene, provider};

/// Ten instances a service, ten metadata entries each, named as Spring Cloud names them.
fn names(instance: usize) -> (String, String) {
    let service = format!("SERVICE-{}", instance / 10);
    let id = format!("10.0.{}.{}:{service}:8080", instance / 256 % 256, instance % 256);
    (service, id)
}

fn filled(instances: usize) -> Registry {
    let mut scene = Scene::new();
    let metadata: Vec<_> = (0..10).map(|entry| (format!("key-{entry}"), format!("value-{entry}"))).collect();
    let metadata: Vec<_> = metadata.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    for instance in 0..instances {
        let (service, id) = names(instance);
        let command = provider(&service, &id).metadata(&metadata).command();
        let changes = scene.registry.decide(scene.now(), &command, &Sender::default()).expect("it is taken");
        let revision = scene.registry.catalog().revision().next();
        scene.registry.apply(scene.now(), revision, &changes);
    }
    scene.registry
}

/// What a request brings along: names that were just read from a socket.
struct Beat {
    service: String,
    id: String,
    joined: String,
}

/// Nanoseconds each, over all instances in an order in which none follows its neighbour. The
/// names are written right before they are used, as a request's are, and that is not counted.
fn nanos_each(instances: usize, mut beat: impl FnMut(&Beat)) -> f64 {
    const AT_ONCE: usize = 50;
    let mut spent = 0;
    for step in (0..instances).step_by(AT_ONCE) {
        let beats: Vec<_> = (step..step + AT_ONCE)
            .map(|step| {
                let (service, id) = names(step * 7_919 % instances);
                let joined = format!("{service}/{id}");
                Beat { service, id, joined }
            })
            .collect();
        let began = Instant::now();
        beats.iter().for_each(&mut beat);
        spent += began.elapsed().as_nanos();
    }
    spent as f64 / instances as f64
}

fn main() {
    println!(
        "{:>10} {:>12} {:>12} {:>8} {:>14}",
        "instances", "renewal ns", "baseline ns", "ratio", "expiry ns each"
    );
    for instances in [10_000, 100_000, 1_000_000] {
        let mut registry = filled(instances);
        let joined = (0..instances).map(names).map(|(service, id)| format!("{service}/{id}"));
        let plain: RwLock<HashMap<String, AtomicU64>> =
            RwLock::new(joined.map(|name| (name, AtomicU64::new(0))).collect());
        let mut rounds: Vec<(f64, f64)> = Vec::new();
        for round in 0..5 {
            let now = Tick(1_000 + round);
            let renewal = nanos_each(instances, |beat| {
                let lease = LeaseRef::heartbeat(&beat.service, &beat.id);
                let renewed = registry.lease_table().renew(now, lease, None);
                assert!(matches!(renewed, Renewal::Renewed { .. }));
            });
            let baseline = nanos_each(instances, |beat| {
                let plain = plain.read().expect("nobody panicked");
                plain[&beat.joined].store(now.0, Ordering::Release);
            });
            rounds.push((renewal, baseline));
        }
        // The median of the rounds by their ratio.
        rounds.sort_by(|left, right| (left.0 / left.1).total_cmp(&(right.0 / right.1)));
        let (renewal, baseline) = rounds[rounds.len() / 2];
        let expiry = mass_expiry(&mut registry, instances);
        println!(
            "{instances:>10} {renewal:>12.0} {baseline:>12.0} {:>8.2} {expiry:>14.0}",
            renewal / baseline
        );
    }
}

/// All leases end at once: judging them, taking them out, and showing readers each step.
fn mass_expiry(registry: &mut Registry, instances: usize) -> f64 {
    let now = lubdub_core::Moment { tick: Tick(1_000_000), ..lubdub_core::Moment::default() };
    let began = Instant::now();
    while registry.catalog().counts().total() > 0 {
        let ticked = registry.tick(now.tick, 2_048);
        let revision = registry.catalog().revision().next();
        registry.apply(now, revision, &ticked.changes);
        black_box(registry.snapshot());
    }
    began.elapsed().as_nanos() as f64 / instances as f64
}
