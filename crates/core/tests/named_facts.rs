//! Facts that are told in metadata: they are the same facts, whatever protocol has a field for them.

use std::sync::Arc;

use lubdub_core::guard::Scope;
use lubdub_core::model::{InstanceKey, Profile};
use lubdub_core::{Cause, Command, Config, Limits};
use lubdub_testkit::{Fleet, Provider, Scene, provider};

fn profile(scene: &Scene) -> Profile {
    let listed = scene.registry.catalog().listed(&InstanceKey::new("orders", "web-1")).cloned();
    Profile::clone(&listed.expect("it is listed").instance.profile)
}

fn registered(asked: Provider) -> Profile {
    let mut scene = Scene::new();
    scene.register(asked);
    profile(&scene)
}

fn add(id: &str, entries: &[(&str, &str)]) -> Command {
    let entries = entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Command::AddMetadata { key: InstanceKey::new("orders", id), entries: entries.collect() }
}

#[test]
fn a_fact_that_is_told_in_metadata_alone_is_one_and_stays_there() {
    let entries =
        [("version", "2"), ("group", "Blue"), ("zone", "eu-1"), ("weight", "7"), ("tags", "a,b"), ("k", "v")];
    let told = registered(provider("orders", "web-1").metadata(&entries));
    assert_eq!((told.version.as_deref(), told.group.as_deref()), (Some("2"), Some("Blue")));
    assert_eq!((told.zone.as_deref(), told.weight), (Some("eu-1"), Some(7)));
    assert_eq!(told.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(), ["a", "b"]);
    assert!(told.metadata.iter().eq(entries));
}

#[test]
fn a_field_of_its_own_outranks_metadata_at_the_registration() {
    let told = registered(provider("orders", "web-1").zone("eu-1").metadata(&[("zone", "eu-2")]));
    assert_eq!((told.zone.as_deref(), told.metadata.get("zone")), (Some("eu-1"), Some("eu-2")));
}

#[test]
fn words_in_metadata_that_no_fact_may_have_are_no_fault() {
    let long = "x".repeat(Limits::default().name_bytes + 1);
    let many = "x,".repeat(Limits::default().tags);
    for (name, value) in [("version", &*long), ("zone", "a\nb"), ("weight", "heavy"), ("tags", &*many)] {
        let told = registered(provider("orders", "web-1").metadata(&[(name, value)]));
        assert_eq!(told, Profile { metadata: told.metadata.clone(), ..Profile::default() }, "{name}");
    }
}

#[test]
fn the_newest_word_about_a_fact_counts() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").zone("eu-1").metadata(&[("version", "1")]));
    scene.run(&add("web-1", &[("zone", "eu-2"), ("version", "2"), ("k", "v")])).unwrap();
    let told = profile(&scene);
    assert_eq!((told.zone.as_deref(), told.version.as_deref()), (Some("eu-2"), Some("2")));
    scene.run(&add("web-1", &[("version", "")])).unwrap();
    assert_eq!((profile(&scene).version, profile(&scene).metadata.get("version")), (None, Some("")));
}

#[test]
fn whoever_moves_to_another_zone_is_guarded_there() {
    // As many hosts as may leave the registry and their service at once, and all of their zone. They
    // move while they are heard, or when they are silent already.
    for seconds_before in [0, 50] {
        let mut fleet = Fleet::new(Config::default(), 90);
        let hosts: Vec<String> = (0..100).map(|n| format!("10.0.0.{n}")).collect();
        for host in &hosts {
            fleet.add(host, "a", &["orders"]);
        }
        fleet.run(270);
        let moving = &hosts[..14];
        for host in moving {
            fleet.kill(host);
        }
        fleet.run(seconds_before);
        fleet.told();
        for host in moving {
            fleet.scene.run(&add(&format!("orders@{host}"), &[("zone", "b")])).unwrap();
        }
        fleet.run(100 - seconds_before);
        let held = |cause: &Cause| match cause {
            Cause::Held { scope, .. } => Some(scope.clone()),
            _ => None,
        };
        let scopes: Vec<Scope> = fleet.told().iter().filter_map(|told| held(told.change.cause())).collect();
        assert_eq!(scopes, vec![Scope::Zone(Arc::from("b")); 14], "{seconds_before}");
    }
}
