//! Who is unavailable or was tried is not picked, by any strategy.

use fastrand::Rng;
use lubdub_balance::{Call, Config, LastResort, NoEndpoint, NodeId};

use crate::scene::{BEGIN, LATER, all_names, balancer, configured, counts, equals};

#[test]
fn who_is_unavailable_is_not_picked_and_is_again_when_it_is_back() {
    for name in all_names() {
        let balancer = balancer(&name, equals(5));
        assert!(balancer.set_available("node-00001", false, BEGIN));
        assert!(balancer.set_available("node-00003", false, BEGIN));
        let picked = counts(&balancer, 2_000, BEGIN);
        let ids: Vec<_> = picked.keys().map(String::as_str).collect();
        assert_eq!(ids, ["node-00000", "node-00002", "node-00004"], "{name}: {picked:?}");
        assert!(balancer.set_available("node-00003", true, BEGIN));
        assert!(counts(&balancer, 2_000, LATER).contains_key("node-00003"), "{name}");
    }
}

#[test]
fn the_one_of_a_thousand_that_is_available_is_found() {
    for name in all_names() {
        let balancer = balancer(&name, equals(1_000));
        for node in balancer.nodes() {
            balancer.set_available(node.id(), node.id() == "node-00777", BEGIN);
        }
        assert_eq!(counts(&balancer, 100, BEGIN)["node-00777"], 100, "{name}");
    }
}

#[test]
fn nobody_is_tried_twice_for_a_call_and_then_all_have_been_tried() {
    for name in all_names() {
        let balancer = balancer(&name, equals(40));
        for node in balancer.nodes().iter().take(20) {
            balancer.set_available(node.id(), false, BEGIN);
        }
        let mut rng = Rng::with_seed(3);
        let mut tried: Vec<NodeId> = Vec::new();
        for _ in 0..20 {
            let call = Call { tried: &tried, ..Call::keyed(b"key") };
            let pick = balancer.pick(&call, BEGIN, &mut rng).unwrap();
            assert!(pick.node().is_available() && !tried.contains(&pick.node().number()), "{name}");
            tried.push(pick.node().number());
        }
        let call = Call { tried: &tried, ..Call::keyed(b"key") };
        assert_eq!(balancer.pick(&call, BEGIN, &mut rng).err(), Some(NoEndpoint::AllTried), "{name}");
    }
}

#[test]
fn when_nobody_is_available_any_is_picked_unless_that_is_switched_off() {
    for name in all_names() {
        for last_resort in [LastResort::All, LastResort::Nobody] {
            let balancer = configured(&name, equals(3), Config { last_resort, ..Config::default() });
            for node in balancer.nodes() {
                balancer.set_available(node.id(), false, BEGIN);
            }
            let mut rng = Rng::with_seed(3);
            if last_resort == LastResort::Nobody {
                let picked = balancer.pick(&Call::default(), BEGIN, &mut rng);
                assert_eq!(picked.err(), Some(NoEndpoint::NoneAvailable), "{name}");
                continue;
            }
            assert_eq!(counts(&balancer, 1_000, BEGIN).len(), 3, "{name}");
            let mut tried = Vec::new();
            for _ in 0..3 {
                let pick =
                    balancer.pick(&Call { tried: &tried, ..Call::default() }, BEGIN, &mut rng).unwrap();
                assert!(!tried.contains(&pick.node().number()));
                tried.push(pick.node().number());
            }
            let picked = balancer.pick(&Call { tried: &tried, ..Call::default() }, BEGIN, &mut rng);
            assert_eq!(picked.err(), Some(NoEndpoint::AllTried), "{name}");
        }
    }
}
