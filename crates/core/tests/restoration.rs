//! A registry that was restored in bulk is the one that is restored instance by instance.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use lubdub_core::model::{Instance, InstanceKey, Profile, Status};
use lubdub_core::{AfterOverride, Command, Restoration};
use lubdub_testkit::{Scene, provider};
use proptest::prelude::*;

/// What an earlier run leaves of one registration.
#[derive(Debug, Clone)]
struct Left {
    service: u8,
    id: u8,
    shouted: bool,
    ttl: u64,
    checks: u8,
    kind: u8,
    refused: bool,
    status: Status,
}

fn left() -> impl Strategy<Value = Left> {
    let place = (0..4u8, 0..200u8, any::<bool>());
    let said =
        (2..40u64, 1..3u8, 0..3u8, prop::bool::weighted(0.1), prop::sample::select(Status::ALL.to_vec()));
    (place, said).prop_map(|((service, id, shouted), (ttl, checks, kind, refused, status))| Left {
        service,
        id,
        shouted,
        ttl,
        checks,
        kind,
        refused,
        status,
    })
}

fn spelled(left: &Left) -> String {
    let service = format!("service-{}", left.service);
    if left.shouted { service.to_uppercase() } else { service }
}

/// The instance that is left, as its own registry had it; each keeps the spelling that it was given.
fn instance(left: &Left) -> Instance {
    let mut scene = Scene::new();
    // Ids of different services are sometimes the same, and begin alike.
    let (service, id) = (spelled(left), format!("an-instance-with-a-long-name-{:03}", left.id));
    let mut asked = provider(&service, &id)
        .host(&format!("10.0.0.{}", left.id % 20))
        .zone(&format!("zone-{}", left.kind))
        .ttl_secs(left.ttl)
        .status(left.status)
        .metadata(&[("kind", &left.kind.to_string())]);
    if left.checks > 1 {
        asked = asked.check("disk");
    }
    scene.register(asked);
    if left.refused {
        let key = InstanceKey::new(&service, &id);
        let over = Command::SetOverride { key: key.clone(), status: Status::Down, precedence: None };
        scene.run(&over).unwrap();
        scene.run(&Command::ClearOverride { key, then: AfterOverride::AskAgain, precedence: None }).unwrap();
    }
    Instance::clone(scene.instance(&service, &id).unwrap())
}

/// Both at the same time, some seconds after they began to read.
fn restored(left: &[Instance], outage: Duration) -> (Scene, Scene) {
    let (mut one_by_one, mut in_bulk) = (Scene::new(), Scene::new());
    one_by_one.sleep_millis(3_000);
    in_bulk.sleep_millis(3_000);
    for instance in left {
        one_by_one.registry.restore(one_by_one.now(), Arc::new(instance.clone()), outage);
    }
    let empty = std::mem::replace(&mut in_bulk.registry, Scene::new().registry);
    let mut restoration = Restoration::into(empty);
    for instance in left {
        restoration.take(instance.clone());
    }
    assert_eq!(restoration.taken(), left.len());
    in_bulk.registry = restoration.end(in_bulk.now(), outage);
    (one_by_one, in_bulk)
}

/// Everything that a reader can see of a registry, and what its leases say.
fn seen(scene: &Scene) -> Vec<String> {
    let catalog = scene.registry.catalog();
    let mut seen = vec![format!("{:?} {:?}", catalog.revision(), catalog.counts())];
    for view in catalog.services() {
        seen.push(format!("{} {:?} {:?} {:?}", view.name(), view.modified(), view.counts(), view.marks()));
        for row in view.iter() {
            seen.push(format!("{:?} {:?} {:?}", row.instance, row.modified, row.action));
            // Service names that are equal may be spelled differently: not here.
            seen.push(row.instance.key.service().as_str().to_owned());
            for lease in &row.leases {
                let word = lease.read();
                let allowance = lease.allowance(word);
                let (terms, generation) = (lease.terms(), lease.generation());
                seen.push(format!(
                    "{word:?} {allowance:?} {terms:?} {generation:?} {:?}",
                    lease.precedence()
                ));
            }
        }
    }
    for id in 0..200 {
        let id = format!("an-instance-with-a-long-name-{id:03}");
        seen.extend(catalog.with_id(&id).map(|row| row.instance.key.to_string()));
    }
    seen
}

/// How the lists are cut, and which instances share a profile.
fn kept(scene: &Scene) -> (Vec<usize>, usize, usize) {
    let catalog = scene.registry.catalog();
    let chunks = catalog.services().flat_map(|view| view.chunks().map(|chunk| chunk.listed().len()));
    let profiles = || catalog.services().flat_map(|view| view.iter().map(|row| &row.instance.profile));
    let mut places: Vec<*const Profile> = profiles().map(Arc::as_ptr).collect();
    places.sort_unstable();
    places.dedup();
    let equal: BTreeSet<String> = profiles().map(|profile| format!("{profile:?}")).collect();
    (chunks.collect(), places.len(), equal.len())
}

/// What the guard counts, and what is due when.
fn decided(scene: &mut Scene) -> (String, Option<lubdub_core::Tick>, Vec<String>) {
    let mut changes: Vec<_> = scene.take_changes().iter().map(|change| format!("{change:?}")).collect();
    // Within one moment the order is that in which they were restored.
    changes.sort_unstable();
    let now = scene.now();
    (format!("{:?}", scene.registry.guard_report(now)), scene.registry.next_deadline(), changes)
}

fn live_on(scene: &mut Scene, left: &[Instance], beats: &[(prop::sample::Index, u64)]) {
    for (who, then) in beats {
        let key = &who.get(left).key;
        scene.beat(key.service().as_str(), key.id());
        scene.advance_millis(*then);
    }
    let key = &beats.first().map_or_else(|| &left.first().unwrap().key, |(who, _)| &who.get(left).key);
    scene.register(provider(key.service().as_str(), key.id()).ttl_secs(7));
    scene.advance_millis(20_000);
}

proptest! {
    #[test]
    fn in_bulk_is_one_by_one_and_decides_alike_from_then_on(
        left in prop::collection::vec(left(), 1..300),
        in_order in prop::bool::weighted(0.7),
        outage in 0..400_000u64,
        beats in prop::collection::vec((any::<prop::sample::Index>(), 0..4_000u64), 0..60),
    ) {
        let mut left: Vec<Instance> = left.iter().map(instance).collect();
        if in_order {
            left.sort_by(|one, other| one.key.cmp(&other.key));
            left.dedup_by(|one, other| one.key == other.key);
        }
        let (mut one_by_one, mut in_bulk) = restored(&left, Duration::from_millis(outage));
        in_bulk.registry.check_invariants();
        prop_assert_eq!(seen(&in_bulk), seen(&one_by_one));
        let ((cuts, profiles, equal), other) = (kept(&in_bulk), kept(&one_by_one));
        prop_assert_eq!(profiles, equal, "a profile is kept once");
        if in_order {
            prop_assert_eq!(cuts, other.0);
        }
        prop_assert_eq!(decided(&mut in_bulk), decided(&mut one_by_one));
        live_on(&mut one_by_one, &left, &beats);
        live_on(&mut in_bulk, &left, &beats);
        prop_assert_eq!(decided(&mut in_bulk), decided(&mut one_by_one));
        prop_assert_eq!(seen(&in_bulk), seen(&one_by_one));
    }
}

#[test]
fn what_a_registry_lists_already_stays() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1"));
    let earlier = scene.registry;
    let mut restoration = Restoration::into(earlier);
    let mut other = Scene::new();
    other.register(provider("orders", "web-2"));
    restoration.take(Instance::clone(other.instance("orders", "web-2").unwrap()));
    let registry = restoration.end(other.now(), Duration::ZERO);
    registry.check_invariants();
    assert_eq!(registry.catalog().counts().total(), 2);
}
