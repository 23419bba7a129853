//! Strategies are found by their names, and others can be made known.

use std::sync::{Arc, Mutex};

use fastrand::Rng;
use lubdub_balance::{Balancer, Call, Config, Nodes, Strategies, Strategy, Turn};

use crate::scene::{BEGIN, all_names, balancer, become_these, counts, equals};

#[test]
fn each_known_name_makes_a_balancer_that_picks_and_tells_its_name() {
    for name in all_names() {
        let balancer = balancer(&name, equals(3));
        assert_eq!(balancer.strategy(), name);
        let pick = balancer.pick(&Call::default(), BEGIN, &mut Rng::with_seed(1)).unwrap();
        assert_eq!(pick.item(), pick.id());
    }
}

#[test]
fn an_unknown_name_is_told_with_the_nearest_one_and_all_that_are_known() {
    let strategies = Strategies::standard();
    let told = strategies.named("p2c-peek-ewma").unwrap_err();
    assert_eq!(told.nearest, "p2c-peak-ewma");
    assert_eq!(told.known, strategies.names().collect::<Vec<_>>());
    let text = told.to_string();
    assert!(
        text.starts_with(
            "no balancing strategy is called \"p2c-peek-ewma\"; did you mean \"p2c-peak-ewma\"? Known are "
        ),
        "{text}"
    );
    assert!(text.ends_with("zone-aware, and zone-aware:NAME for each"), "{text}");
    for wrong in ["", "Random", "zone-aware:", "zone-aware:zone-aware", "random:zone-aware", "random "] {
        assert_eq!(strategies.named(wrong).unwrap_err().name, wrong);
    }
}

#[test]
fn a_strategy_is_changed_at_run_time_and_what_is_known_of_endpoints_stays() {
    let strategies = Strategies::standard();
    let balancer = balancer("random", equals(3));
    let mut rng = Rng::with_seed(1);
    let held: Vec<_> = (0..12).map(|_| balancer.pick(&Call::default(), BEGIN, &mut rng).unwrap()).collect();
    balancer.set_available("node-00001", false, BEGIN);
    for name in all_names() {
        balancer.change_strategy(strategies.named(&name).unwrap());
        assert_eq!(balancer.strategy(), name);
        let picked = counts(&balancer, 200, BEGIN);
        assert!(!picked.contains_key("node-00001"), "{name}");
        let loads: u32 = balancer.nodes().iter().map(|node| node.in_flight()).sum();
        assert_eq!(loads, 12, "{name}");
    }
    balancer.change_strategy(strategies.named("least-in-flight").unwrap());
    drop(held);
    let even: Vec<_> = (0..10).map(|_| balancer.pick(&Call::default(), BEGIN, &mut rng).unwrap()).collect();
    assert_eq!(balancer.nodes().iter().map(|node| node.in_flight()).collect::<Vec<_>>(), [5, 0, 5]);
    drop(even);
}

/// The last one, always.
#[derive(Debug)]
struct Last(usize);

impl Strategy for Last {
    fn place(&self, _: &Turn, _: &mut Rng) -> Option<usize> {
        self.0.checked_sub(1)
    }
}

/// Somebody who is not there, always.
#[derive(Debug)]
struct Beyond;

impl Strategy for Beyond {
    fn place(&self, _: &Turn, _: &mut Rng) -> Option<usize> {
        Some(usize::MAX)
    }
}

#[test]
fn a_strategy_that_is_made_known_is_used_like_any_other_and_within_a_zone() {
    let mut strategies = Strategies::standard();
    strategies.register("last", |nodes: &Nodes| Last(nodes.len()));
    for (name, expected) in [("last", "node-00003"), ("zone-aware:last", "node-00001")] {
        let config = Config { zone: Some("here".to_owned()), ..Config::default() };
        let balancer = Balancer::new(strategies.named(name).unwrap(), config).unwrap();
        let mut endpoints = equals(4);
        endpoints[0].zone = Some("here".to_owned());
        endpoints[1].zone = Some("here".to_owned());
        become_these(&balancer, endpoints, BEGIN);
        let pick = balancer.pick(&Call::default(), BEGIN, &mut Rng::with_seed(1)).unwrap();
        assert_eq!(pick.id(), expected);
    }
}

/// Follows loads, and notes of whom it was told.
#[derive(Debug)]
struct Follower(Arc<Mutex<Vec<usize>>>);

impl Strategy for Follower {
    fn place(&self, _: &Turn, _: &mut Rng) -> Option<usize> {
        Some(0)
    }

    fn follows_loads(&self) -> bool {
        true
    }

    fn changed(&self, place: usize) {
        self.0.lock().expect("nobody panicked").push(place);
    }
}

/// What changes between the making of a strategy and its use is told to the one before it.
#[test]
fn a_strategy_that_follows_loads_is_told_of_everybody_when_it_is_in_place_and_of_changes_from_then_on() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut strategies = Strategies::standard();
    let kept = Arc::clone(&told);
    strategies.register("follower", move |_: &Nodes| Follower(Arc::clone(&kept)));
    let balancer = Balancer::new(strategies.named("follower").unwrap(), Config::default()).unwrap();
    let take = || std::mem::take(&mut *told.lock().unwrap());
    become_these(&balancer, equals(3), BEGIN);
    assert_eq!(take(), [0, 1, 2]);
    let pick = balancer.pick(&Call::default(), BEGIN, &mut Rng::with_seed(1)).unwrap();
    balancer.set_available("node-00002", false, BEGIN);
    balancer.set_available("node-00002", false, BEGIN);
    assert_eq!(take(), [0, 2]);
    become_these(&balancer, equals(3).into_iter().skip(1).collect(), BEGIN);
    assert_eq!(take(), [0, 1]);
    drop(pick);
    assert_eq!(take(), [0; 0], "who left is nobody's concern");
}

#[test]
fn a_strategy_that_proposes_who_is_not_there_harms_nobody() {
    let mut strategies = Strategies::standard();
    strategies.register("beyond", |_: &Nodes| Beyond);
    let balancer = Balancer::new(strategies.named("beyond").unwrap(), Config::default()).unwrap();
    become_these(&balancer, equals(2), BEGIN);
    for id in ["node-00000", "node-00001"] {
        assert!(balancer.pick(&Call::default(), BEGIN, &mut Rng::with_seed(1)).is_ok());
        balancer.set_available(id, false, BEGIN);
    }
    assert!(balancer.pick(&Call::default(), BEGIN, &mut Rng::with_seed(1)).is_ok(), "as a last resort");
}
