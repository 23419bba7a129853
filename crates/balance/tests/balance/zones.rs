//! `zone-aware`, over any other strategy.

use std::time::Duration;

use fastrand::Rng;
use lubdub_balance::{Balancer, Call, Config, Endpoint, Strategies};

use crate::scene::{BEGIN, LATER, become_these, configured, counts, equals, pick};

/// Three here, two there, one that does not say.
fn six() -> Vec<Endpoint> {
    let mut endpoints = equals(6);
    for (endpoint, zone) in endpoints.iter_mut().zip(["here", "there", "here", "there", "here"]) {
        endpoint.zone = Some(zone.to_owned());
    }
    endpoints
}

/// Over every strategy that there is.
fn balancers() -> impl Iterator<Item = (String, Balancer<String>)> {
    let strategies = Strategies::standard();
    let names = strategies.names().map(|name| match name {
        "zone-aware" => name.to_owned(),
        inner => format!("zone-aware:{inner}"),
    });
    let names: Vec<_> = names.collect();
    names.into_iter().map(|name| {
        let config = Config { zone: Some("here".to_owned()), ..Config::default() };
        let balancer = configured(&name, six(), config);
        (name, balancer)
    })
}

fn picked(balancer: &Balancer<String>, now: lubdub_detect::Tick) -> Vec<String> {
    counts(balancer, 2_000, now).into_keys().collect()
}

const HERE: [&str; 3] = ["node-00000", "node-00002", "node-00004"];
const ELSEWHERE: [&str; 3] = ["node-00001", "node-00003", "node-00005"];

#[test]
fn the_callers_zone_comes_first_as_long_as_anybody_there_is_usable() {
    for (name, balancer) in balancers() {
        assert_eq!(picked(&balancer, BEGIN), HERE, "{name}");
        balancer.set_available("node-00000", false, BEGIN);
        assert_eq!(picked(&balancer, BEGIN), HERE[1..], "{name}");
        balancer.set_available("node-00002", false, BEGIN);
        balancer.set_available("node-00004", false, BEGIN);
        assert_eq!(picked(&balancer, BEGIN), ELSEWHERE, "{name}");
        balancer.set_available("node-00002", true, LATER);
        assert_eq!(
            picked(&balancer, LATER),
            ["node-00002"],
            "{name}: the only one near is taken, also in its slow start"
        );
    }
}

#[test]
fn a_retry_leaves_the_zone_when_all_in_it_were_tried() {
    for (name, balancer) in balancers() {
        let tried: Vec<_> = HERE.iter().map(|id| lubdub_balance::NodeId::of(id)).collect();
        let call = Call { tried: &tried, ..Call::keyed(b"key") };
        let mut rng = Rng::with_seed(1);
        for _ in 0..50 {
            assert!(ELSEWHERE.contains(&pick(&balancer, &call, BEGIN, &mut rng).id()), "{name}");
        }
    }
}

#[test]
fn who_moves_into_the_zone_is_near_from_then_on_and_starts_slowly_there_if_it_is_new() {
    for (name, balancer) in balancers() {
        let mut endpoints = six();
        endpoints[5].zone = Some("here".to_owned());
        endpoints.push(Endpoint::new("node-joiner").zone("here"));
        become_these(&balancer, endpoints, LATER);
        let picked = counts(&balancer, 20_000, LATER);
        assert!(picked["node-00005"] > 2_500, "{name}: {picked:?}");
        assert!((50..1_200).contains(&picked["node-joiner"]), "{name}: {picked:?}");
        assert_eq!(picked.len(), 5, "{name}");
        let settled = counts(&balancer, 20_000, LATER.after(Duration::from_secs(30)));
        assert!(settled["node-joiner"] > 2_000, "{name}: {settled:?}");
    }
}

#[test]
fn loads_are_followed_in_the_zone_and_beyond() {
    let config = Config { zone: Some("here".to_owned()), ..Config::default() };
    let balancer = configured("zone-aware:least-in-flight", six(), config);
    let mut rng = Rng::with_seed(1);
    let mut held: Vec<_> = (0..30).map(|_| pick(&balancer, &Call::default(), BEGIN, &mut rng)).collect();
    let loads = || balancer.nodes().iter().map(|node| node.in_flight()).collect::<Vec<_>>();
    assert_eq!(loads(), [10, 0, 10, 0, 10, 0]);
    for id in HERE {
        balancer.set_available(id, false, BEGIN);
    }
    held.extend((0..30).map(|_| pick(&balancer, &Call::default(), BEGIN, &mut rng)));
    assert_eq!(loads(), [10; 6]);
    held.retain(|pick| pick.id() != "node-00004" && pick.id() != "node-00001");
    held.extend((0..10).map(|_| pick(&balancer, &Call::default(), BEGIN, &mut rng)));
    assert_eq!(loads(), [10, 10, 10, 10, 0, 10]);
}

#[test]
fn without_a_zone_of_the_callers_or_anybody_in_it_all_are_as_near() {
    for zone in [None, Some("nowhere".to_owned())] {
        let balancer = configured("zone-aware", six(), Config { zone, ..Config::default() });
        assert_eq!(picked(&balancer, BEGIN).len(), 6);
    }
}
