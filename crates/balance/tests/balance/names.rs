//! Strategies are found by their names, and others can be made known.

use fastrand::Rng;
use lubdub_balance::{Balancer, Call, Config, Nodes, Strategies, Strategy, Turn};

use crate::scene::{BEGIN, all_names, balancer, become_these, equals};

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
