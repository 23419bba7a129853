//! The registry against a naive model, and against itself: views, delta, feed and replay agree.

use std::collections::BTreeMap;
use std::time::Duration;

use lubdub_core::delta::Action;
use lubdub_core::feed::{Changes, Filter};
use lubdub_core::hearing::HearingConfig;
use lubdub_core::lease::Renewal;
use lubdub_core::model::{Instance, InstanceKey, Status, StatusCounts};
use lubdub_core::{AfterOverride, Change, Command, Config, Registry, Revision};
use lubdub_testkit::{Scene, provider};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Register { service: u8, id: u8, ttl: u64, status: Status },
    Deregister { service: u8, id: u8 },
    Beat { service: u8, id: u8 },
    Override { service: u8, id: u8, status: Status },
    ClearOverride { service: u8, id: u8, then: Option<Status> },
    Metadata { service: u8, id: u8 },
    Advance { millis: u64 },
}

fn status() -> impl Strategy<Value = Status> {
    prop::sample::select(Status::ALL.to_vec())
}

fn step() -> impl Strategy<Value = Step> {
    let (service, id) = (0..3u8, 0..90u8);
    let place = (service, id);
    prop_oneof![
        6 => (place.clone(), 1..40u64, status()).prop_map(|((service, id), ttl, status)| Step::Register { service, id, ttl, status }),
        2 => place.clone().prop_map(|(service, id)| Step::Deregister { service, id }),
        4 => place.clone().prop_map(|(service, id)| Step::Beat { service, id }),
        1 => (place.clone(), status()).prop_map(|((service, id), status)| Step::Override { service, id, status }),
        1 => (place.clone(), prop::option::of(status())).prop_map(|((service, id), then)| Step::ClearOverride { service, id, then }),
        1 => place.prop_map(|(service, id)| Step::Metadata { service, id }),
        2 => (0..20_000u64).prop_map(|millis| Step::Advance { millis }),
    ]
}

/// What the model knows of an instance.
#[derive(Debug, Clone)]
struct Known {
    reported: Status,
    status: Status,
    over: Option<Status>,
    asked: bool,
    ttl_millis: u64,
    last_beat: u64,
}

fn names(service: u8, id: u8) -> (String, String) {
    (format!("service-{service}"), format!("id-{id:02}"))
}

/// Carries a step out on both; answers whether they agree on what it does.
fn run(
    scene: &mut Scene,
    model: &mut BTreeMap<(String, String), Known>,
    step: &Step,
) -> Result<(), TestCaseError> {
    let now = scene.now().tick.0;
    match step {
        Step::Register { service, id, ttl, status } => {
            let (service, id) = names(*service, *id);
            // Every other registration spells the service differently.
            let spelled = if ttl % 2 == 0 { service.to_uppercase() } else { service.clone() };
            scene.register(provider(&spelled, &id).ttl_secs(*ttl).status(*status));
            let over = model.get(&(service.clone(), id.clone())).and_then(|known| known.over);
            let believed = !matches!(status, Status::Up | Status::OutOfService);
            let in_force = if believed { *status } else { over.unwrap_or(*status) };
            model.insert(
                (service, id),
                Known {
                    reported: *status,
                    status: in_force,
                    over,
                    asked: false,
                    ttl_millis: ttl * 1_000,
                    last_beat: now,
                },
            );
        }
        Step::Deregister { service, id } => {
            let (service, id) = names(*service, *id);
            let outcome = scene.run(&Command::Deregister { key: InstanceKey::new(&service, &id) });
            prop_assert_eq!(outcome.is_ok(), model.remove(&(service, id)).is_some());
        }
        Step::Beat { service, id } => {
            let (service, id) = names(*service, *id);
            let renewed = matches!(scene.beat(&service, &id), Renewal::Renewed { .. });
            let known = model.get_mut(&(service, id)).filter(|known| !known.asked);
            prop_assert_eq!(renewed, known.is_some());
            if let Some(known) = known {
                known.last_beat = now;
            }
        }
        Step::Override { service, id, status } => {
            let (service, id) = names(*service, *id);
            let key = InstanceKey::new(&service, &id);
            let outcome = scene.run(&Command::SetOverride { key, status: *status, precedence: None });
            let known = model.get_mut(&(service, id));
            prop_assert_eq!(outcome.is_ok(), known.is_some());
            if let Some(known) = known.filter(|known| known.status != *status) {
                (known.over, known.status, known.asked) = (Some(*status), *status, false);
            }
        }
        Step::ClearOverride { service, id, then } => {
            let (service, id) = names(*service, *id);
            let key = InstanceKey::new(&service, &id);
            let after = then.map_or(AfterOverride::AskAgain, AfterOverride::Status);
            let outcome = scene.run(&Command::ClearOverride { key, then: after, precedence: None });
            let known = model.get_mut(&(service, id));
            prop_assert_eq!(outcome.is_ok(), known.is_some());
            if let Some(known) = known.filter(|known| known.over.is_some()) {
                (known.over, known.status, known.asked) =
                    (None, then.unwrap_or(Status::Unknown), then.is_none());
            }
        }
        Step::Metadata { service, id } => {
            let (service, id) = names(*service, *id);
            let key = InstanceKey::new(&service, &id);
            let entries = vec![("at".to_owned(), now.to_string())];
            let outcome = scene.run(&Command::AddMetadata { key, entries });
            prop_assert_eq!(outcome.is_ok(), model.contains_key(&(service, id)));
        }
        Step::Advance { millis } => {
            scene.advance_millis(*millis);
            let now = scene.now().tick.0;
            // Within a slot of the wheel either is right: the model follows.
            model.retain(|(service, id), known| {
                let silent = now - known.last_beat;
                if silent >= known.ttl_millis + 8 {
                    false
                } else if silent < known.ttl_millis {
                    true
                } else {
                    scene.is_listed(service, id)
                }
            });
        }
    }
    Ok(())
}

fn listed(registry: &Registry) -> BTreeMap<(String, String), &Instance> {
    let views = registry.catalog().services();
    views
        .flat_map(|view| view.iter().collect::<Vec<_>>())
        .map(|listed| {
            let key = &listed.instance.key;
            ((key.service().as_str().to_ascii_lowercase(), key.id().to_owned()), &*listed.instance)
        })
        .collect()
}

/// What a consumer that polls deltas knows: by key, the instance.
type Polled = BTreeMap<InstanceKey, Instance>;

fn poll_all(registry: &Registry) -> Polled {
    let views = registry.catalog().services();
    views
        .flat_map(|view| view.iter().collect::<Vec<_>>())
        .map(|listed| (listed.instance.key.clone(), Instance::clone(&listed.instance)))
        .collect()
}

fn poll_delta(registry: &Registry, polled: &mut Polled) {
    for entry in registry.catalog().delta().iter() {
        let instance = &entry.listed.instance;
        match entry.listed.action {
            Action::Added | Action::Modified => {
                polled.insert(instance.key.clone(), Instance::clone(instance))
            }
            Action::Deleted => polled.remove(&instance.key),
        };
    }
}

fn counts(polled: &Polled) -> StatusCounts {
    let mut counts = StatusCounts::default();
    for instance in polled.values() {
        counts.add(instance.status);
    }
    counts
}

proptest! {
    /// Who is there, with which status, is what a naive model says; the invariants hold after
    /// each step (the scene checks them).
    #[test]
    fn the_registry_agrees_with_a_naive_model(steps in prop::collection::vec(step(), 1..250)) {
        let (mut scene, mut model) = (Scene::new(), BTreeMap::new());
        for step in &steps {
            run(&mut scene, &mut model, step)?;
            let listed = listed(&scene.registry);
            prop_assert_eq!(listed.keys().collect::<Vec<_>>(), model.keys().collect::<Vec<_>>());
            for (key, known) in &model {
                let instance = listed[key];
                prop_assert_eq!(
                    (instance.reported, instance.status, instance.status_override, instance.ask_again),
                    (known.reported, known.status, known.over, known.asked),
                );
            }
        }
    }

    /// A consumer that fetched everything once and then polls deltas within the retention knows
    /// what a full fetch would tell it, and the counts of all statuses (Eureka's hash) agree.
    #[test]
    fn full_is_old_plus_delta_and_the_counts_agree(
        steps in prop::collection::vec(step(), 1..250),
        poll_every in 1..30usize,
    ) {
        let (mut scene, mut model) = (Scene::new(), BTreeMap::new());
        let mut polled = poll_all(&scene.registry);
        let mut polled_at = scene.now().tick;
        for (at, step) in steps.iter().enumerate() {
            run(&mut scene, &mut model, step)?;
            let since_poll = scene.now().tick.since(polled_at);
            if at % poll_every == 0 || since_poll > Duration::from_secs(150) {
                if since_poll < Duration::from_secs(180) {
                    poll_delta(&scene.registry, &mut polled);
                } else {
                    polled = poll_all(&scene.registry);
                }
                polled_at = scene.now().tick;
                prop_assert_eq!(&polled, &poll_all(&scene.registry));
                prop_assert_eq!(&counts(&polled), scene.registry.catalog().counts());
            }
        }
    }

    /// A watcher that follows the feed, and a registry that replays it, end where the live one is.
    #[test]
    fn replay_equals_live(steps in prop::collection::vec(step(), 1..200), feed_capacity in 1..100usize) {
        let mut scene = Scene::with(Config { feed_capacity, ..Config::default() });
        let mut model = BTreeMap::new();
        let start = scene.registry.catalog().revision();
        let mut replayed = Registry::new(Config::default(), HearingConfig::default(), start);
        let mut watched: Polled = BTreeMap::new();
        let mut since = start;
        for step in &steps {
            run(&mut scene, &mut model, step)?;
            for (now, revision, changes) in scene.take_transactions() {
                replayed.apply(now, revision, &changes);
                replayed.check_invariants();
            }
            since = follow(&scene, since, &mut watched);
        }
        let live = poll_all(&scene.registry);
        prop_assert_eq!(&poll_all(&replayed), &live);
        prop_assert_eq!(&watched, &live);
        prop_assert_eq!(replayed.catalog().revision(), scene.registry.catalog().revision());
        for key in live.keys() {
            prop_assert_eq!(replayed.snapshot().history.of(key), scene.registry.snapshot().history.of(key));
        }
    }
}

fn follow(scene: &Scene, since: Revision, watched: &mut Polled) -> Revision {
    match scene.registry.snapshot().changes(since, &Filter::ALL) {
        Changes::Snapshot(catalog) => {
            *watched = poll_all(&scene.registry);
            catalog.revision()
        }
        Changes::Since { changes, upto } => {
            for entry in changes {
                match &entry.change {
                    Change::Registered { instance, .. } | Change::Updated { instance, .. } => {
                        watched.insert(instance.key.clone(), Instance::clone(instance));
                    }
                    Change::Removed { key, .. } => {
                        watched.remove(key);
                    }
                }
            }
            upto
        }
    }
}

#[test]
fn a_delta_is_forgotten_after_its_retention_and_not_before() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").ttl_secs(3_600));
    scene.run(&Command::Deregister { key: InstanceKey::new("orders", "web-1") }).unwrap();
    assert_eq!(scene.registry.catalog().delta().len(), 1, "one entry for each instance");
    scene.advance_millis(179_999);
    assert_eq!(scene.registry.catalog().delta().len(), 1);
    scene.advance_millis(1);
    assert_eq!(scene.registry.catalog().delta().len(), 0);
}

#[test]
fn an_instance_is_found_by_its_id_alone_in_every_service() {
    let mut scene = Scene::new();
    for (service, id) in [("orders", "host-1"), ("stock", "host-1"), ("stock", "host-10"), ("stock", "host")]
    {
        scene.register(provider(service, id));
    }
    let services = |scene: &Scene| {
        let found = scene.registry.catalog().with_id("host-1");
        found.map(|listed| listed.instance.key.service().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(services(&scene), ["orders", "stock"]);
    scene.run(&Command::Deregister { key: InstanceKey::new("orders", "host-1") }).unwrap();
    assert_eq!(services(&scene), ["stock"]);
}

#[test]
fn a_watcher_far_behind_reads_in_parts_and_misses_nothing() {
    let mut scene = Scene::new();
    let mut since = scene.registry.catalog().revision();
    for id in 0..3_000 {
        scene.register(provider("orders", &id.to_string()).ttl_secs(3));
    }
    // All of them leave in few, large transactions.
    scene.advance_millis(4_000);
    let (mut watched, mut reads) = (BTreeMap::new(), 0);
    while since < scene.registry.catalog().revision() {
        let before = since;
        since = follow(&scene, since, &mut watched);
        assert!(since > before);
        reads += 1;
    }
    assert!(watched.is_empty());
    assert!((4..=8).contains(&reads), "{reads}");
}
