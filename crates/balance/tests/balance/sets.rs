//! The set may change at any time.

use std::sync::Arc;

use fastrand::Rng;
use lubdub_balance::{Balancer, Call, Config, Endpoint, NoEndpoint, Strategies};

use crate::scene::{BEGIN, all_names, balancer, become_these, counts, equals, pick, weighing};

#[test]
fn an_empty_set_has_nobody() {
    for name in all_names() {
        let mut rng = Rng::with_seed(1);
        let balancer = balancer(&name, Vec::new());
        assert!(balancer.is_empty());
        assert_eq!(balancer.pick(&Call::default(), BEGIN, &mut rng).err(), Some(NoEndpoint::Empty), "{name}");
        become_these(&balancer, equals(2), BEGIN);
        assert_eq!(counts(&balancer, 1_000, BEGIN).len(), 2, "{name}");
        become_these(&balancer, Vec::new(), BEGIN);
        assert_eq!(balancer.pick(&Call::default(), BEGIN, &mut rng).err(), Some(NoEndpoint::Empty), "{name}");
        assert!(!balancer.set_available("node-00000", false, BEGIN), "it is not in the set");
    }
}

#[test]
fn one_endpoint_gets_every_call() {
    for name in all_names() {
        assert_eq!(counts(&balancer(&name, equals(1)), 100, BEGIN)["node-00000"], 100, "{name}");
    }
}

#[test]
fn a_set_with_two_of_the_same_id_is_refused_and_changes_nothing() {
    let balancer = balancer("random", equals(2));
    let twice = [Endpoint::new("a"), weighing("b", 3), weighing("a", 2)];
    let refused = balancer.replace(twice.map(|endpoint| (endpoint, String::new())), BEGIN).unwrap_err();
    assert_eq!(refused.to_string(), "id is \"a\"; expected an id that no other endpoint of the set has");
    assert_eq!(balancer.len(), 2);
}

#[test]
fn who_stays_keeps_its_load_and_availability_and_takes_what_is_new_of_it() {
    for name in all_names() {
        let balancer = balancer(&name, equals(3));
        let mut rng = Rng::with_seed(5);
        let held = pick(&balancer, &Call::default(), BEGIN, &mut rng);
        balancer.set_available(held.id(), false, BEGIN);
        let set = equals(3).into_iter().chain([Endpoint::new("z")]).map(|endpoint| {
            let item = format!("new {}", endpoint.id);
            (Endpoint { zone: Some("there".to_owned()), ..endpoint }, item)
        });
        balancer.replace(set, BEGIN).unwrap();
        let nodes = balancer.nodes();
        let node = nodes.iter().find(|node| node.id() == held.id()).unwrap();
        assert_eq!((node.in_flight(), node.is_available()), (1, false), "{name}");
        assert_eq!(node.zone().as_deref(), Some("there"));
        assert_ne!(pick(&balancer, &Call::default(), BEGIN, &mut rng).id(), held.id());
        assert!(pick(&balancer, &Call::default(), BEGIN, &mut rng).item().starts_with("new "));
        drop(held);
        assert_eq!(node.in_flight(), 0);
    }
}

#[test]
fn a_pick_outlives_the_set_and_the_balancer() {
    for name in all_names() {
        let balancer = balancer(&name, equals(1));
        let held = pick(&balancer, &Call::default(), BEGIN, &mut Rng::with_seed(5));
        become_these(&balancer, vec![Endpoint::new("another")], BEGIN);
        assert_eq!((held.item().as_str(), held.node().in_flight()), ("node-00000", 1));
        let node = held.node().clone();
        drop(balancer);
        drop(held);
        assert_eq!(node.in_flight(), 0, "{name}");
    }
}

#[test]
fn nothing_is_left_of_a_balancer_that_is_dropped() {
    for name in all_names() {
        let balancer = balancer(&name, equals(3));
        let held = pick(&balancer, &Call::default(), BEGIN, &mut Rng::with_seed(5));
        let nodes: Vec<_> = balancer.nodes().iter().map(Arc::downgrade).collect();
        drop((held, balancer));
        assert!(nodes.iter().all(|node| node.upgrade().is_none()), "{name}");
    }
}

#[test]
fn a_configuration_that_cannot_be_meant_makes_no_balancer() {
    let strategy = Strategies::standard().named("random").unwrap();
    let config = Config { slow_start_share: 2.0, ..Config::default() };
    let refused = Balancer::<()>::new(strategy, config).unwrap_err();
    assert_eq!(refused.to_string(), "slow_start_share is 2; expected a number from 0.01 to 1");
}

#[test]
fn the_set_is_replaced_under_picks_from_many_threads() {
    for name in all_names() {
        let balancer = balancer(&name, equals(20));
        std::thread::scope(|scope| {
            for seed in 0..4 {
                let balancer = &balancer;
                scope.spawn(move || {
                    let mut rng = Rng::with_seed(seed);
                    for number in 0..3_000_u32 {
                        let call = Call::keyed(&number.to_le_bytes());
                        let held = pick(balancer, &call, BEGIN, &mut rng);
                        let _connection = (number % 3 == 0).then(|| held.node().connect());
                        held.answered(BEGIN);
                    }
                });
            }
            for round in 0..60 {
                become_these(&balancer, equals(10 + round % 20), BEGIN);
                balancer.set_available("node-00003", round % 2 == 0, BEGIN);
            }
        });
        for node in balancer.nodes() {
            assert_eq!((node.in_flight(), node.connections()), (0, 0), "{name}");
        }
    }
}
