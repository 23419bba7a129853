//! `consistent-hash` and `bounded-consistent-hash`.

use std::collections::BTreeMap;

use fastrand::Rng;
use lubdub_balance::{Balancer, Call, Endpoint};
use proptest::prelude::*;

use crate::scene::{
    BEGIN, assert_near, balancer, become_these, equals, one_three_six, pick, shares, weighing,
};

const KEYS: u32 = 10_000;
const BOTH: [&str; 2] = ["consistent-hash", "bounded-consistent-hash"];

/// Where each key goes, with no other call in flight.
fn map(balancer: &Balancer<String>) -> Vec<String> {
    let mut rng = Rng::with_seed(1);
    let mut of_key =
        |key: u32| pick(balancer, &Call::keyed(&key.to_be_bytes()), BEGIN, &mut rng).item().clone();
    (0..KEYS).map(&mut of_key).collect()
}

fn moved(before: &[String], after: &[String]) -> usize {
    before.iter().zip(after).filter(|(before, after)| before != after).count()
}

#[test]
fn removing_one_of_twenty_moves_its_own_keys_alone() {
    for name in BOTH {
        let balancer = balancer(name, equals(20));
        let before = map(&balancer);
        let mut endpoints = equals(20);
        endpoints.remove(7);
        become_these(&balancer, endpoints, BEGIN);
        let after = map(&balancer);
        for (before, after) in before.iter().zip(&after) {
            assert!(before == after || before == "node-00007", "{name}: a key of {before} moved to {after}");
        }
        // A twentieth of 10 000 is 500.
        let moved = moved(&before, &after);
        assert!((350..=650).contains(&moved), "{name}: {moved}");
    }
}

#[test]
fn a_weight_that_changes_moves_keys_to_or_from_its_own_node_alone() {
    for name in BOTH {
        let of = |weight| {
            let others = (0..9).map(|number| weighing(&format!("{number}"), 100));
            others.chain([weighing("x", weight)]).collect::<Vec<Endpoint>>()
        };
        let balancer = balancer(name, of(100));
        let whole = map(&balancer);
        become_these(&balancer, of(50), BEGIN);
        let half = map(&balancer);
        for (whole, half) in whole.iter().zip(&half) {
            assert!(whole == half || whole == "x", "{name}: a key moved from {whole} to {half}");
        }
        let held = |map: &[String]| map.iter().filter(|id| *id == "x").count() as f64;
        assert!((0.35..0.65).contains(&(held(&half) / held(&whole))), "{name}");
        // The heaviest of all may change, too, up to the next power of two.
        become_these(&balancer, of(128), BEGIN);
        for (whole, more) in whole.iter().zip(map(&balancer)) {
            assert!(*whole == more || more == "x", "{name}: a key moved from {whole} to {more}");
        }
        become_these(&balancer, of(100), BEGIN);
        assert_eq!(map(&balancer), whole, "{name}: with its weight its keys come back");
    }
}

#[test]
fn keys_spread_by_weight_as_virtual_nodes_do() {
    for name in BOTH {
        let balancer = balancer(name, one_three_six());
        let shares = shares(&balancer, 100_000, BEGIN);
        for (id, share) in [("a", 0.1), ("b", 0.3), ("c", 0.6)] {
            // The lightest has four virtual nodes.
            assert!((shares[id] - share).abs() < 0.04, "{name}: {shares:?}");
        }
        let even = self::shares(&self::balancer(name, equals(10)), 100_000, BEGIN);
        assert!(even.values().all(|share| (0.08..0.125).contains(share)), "{name}: {even:?}");
    }
}

#[test]
fn removing_one_of_a_thousand_moves_about_a_thousandth() {
    let balancer = balancer("consistent-hash", equals(1_000));
    let before = map(&balancer);
    let mut endpoints = equals(1_000);
    endpoints.remove(500);
    become_these(&balancer, endpoints, BEGIN);
    let moved = moved(&before, &map(&balancer));
    assert!((2..=25).contains(&moved), "{moved} of 10 000");
}

fn change() -> impl Strategy<Value = (usize, Option<i64>)> {
    (0..15usize, prop::option::weighted(0.6, 1..200i64))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// One consumer saw everybody come and go, the other has just started.
    #[test]
    fn two_consumers_agree_after_any_order_of_joins_and_leaves(changes in prop::collection::vec(change(), 1..12)) {
        for name in BOTH {
            let old = balancer(name, vec![weighing("always", 7)]);
            let mut set = BTreeMap::from([("always".to_owned(), 7)]);
            for (number, weight) in &changes {
                match weight {
                    Some(weight) => set.insert(format!("node-{number}"), *weight),
                    None => set.remove(&format!("node-{number}")),
                };
                become_these(&old, set.iter().map(|(id, weight)| weighing(id, *weight)).collect(), BEGIN);
            }
            let new = balancer(name, set.iter().rev().map(|(id, weight)| weighing(id, *weight)).collect());
            // After its slow starts are over, as the other one has none.
            let later = BEGIN.after(std::time::Duration::from_secs(30));
            let mut rng = Rng::with_seed(1);
            for key in 0..300_u32 {
                let call = Call::keyed(&key.to_be_bytes());
                let one = pick(&old, &call, later, &mut rng).item().clone();
                let other = pick(&new, &call, later, &mut rng).item().clone();
                prop_assert_eq!(one, other, "{}", name);
            }
        }
    }
}

#[test]
fn a_key_that_everybody_asks_for_stays_at_one_node_without_bounds_and_spreads_with_them() {
    let held = |name| {
        let balancer = balancer(name, equals(10));
        let mut rng = Rng::with_seed(1);
        let picks: Vec<_> =
            (0..1_000).map(|_| pick(&balancer, &Call::keyed(b"hot"), BEGIN, &mut rng)).collect();
        let loads: Vec<u32> = balancer.nodes().iter().map(|node| node.in_flight()).collect();
        drop(picks);
        (loads, balancer)
    };
    assert_eq!(held("consistent-hash").0.iter().max(), Some(&1_000));
    let (loads, balancer) = held("bounded-consistent-hash");
    assert_eq!(loads.iter().max(), Some(&125), "a quarter more than the average of 100: {loads:?}");
    // When they are over the key is at home again.
    let mut rng = Rng::with_seed(2);
    let home = pick(&balancer, &Call::keyed(b"hot"), BEGIN, &mut rng).item().clone();
    let unbounded = self::balancer("consistent-hash", equals(10));
    assert_eq!(&home, pick(&unbounded, &Call::keyed(b"hot"), BEGIN, &mut rng).item());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// The model: capacities from the definition, when each call begins, with calls that end, and nodes that come and go, in between.
    #[test]
    fn nobody_is_picked_beyond_its_bound(
        steps in prop::collection::vec((0..10u8, any::<u16>()), 1..150),
        weights in prop::collection::vec(1..5i64, 2..8),
    ) {
        let endpoints = || weights.iter().enumerate().map(|(number, weight)| weighing(&format!("{number}"), *weight)).collect::<Vec<_>>();
        let balancer = balancer("bounded-consistent-hash", endpoints());
        let mut rng = Rng::with_seed(1);
        let mut picks = Vec::new();
        for (kind, what) in steps {
            let what = usize::from(what);
            match kind {
                0..=5 => {
                    let available: Vec<_> = balancer.nodes().into_iter().filter(|node| node.is_available()).collect();
                    let all: u64 = available.iter().map(|node| u64::from(node.in_flight())).sum();
                    let weight: u64 = available.iter().map(|node| u64::from(node.weight().get())).sum();
                    let pick = pick(&balancer, &Call::keyed(&[what as u8 % 4]), BEGIN, &mut rng);
                    if !available.is_empty() {
                        let own = u64::from(pick.node().weight().get());
                        let capacity = (5 * (all + 1) * own).div_ceil(4 * weight);
                        prop_assert!(u64::from(pick.node().in_flight()) <= capacity);
                    }
                    picks.push(pick);
                }
                6..=7 if !picks.is_empty() => drop(picks.swap_remove(what % picks.len())),
                8 => {
                    let id = format!("{}", what % weights.len());
                    // Without a slow start, whose draw may take somebody else than the ring does.
                    balancer.set_available(&id, what % 3 > 0, lubdub_detect::Tick(0));
                }
                _ => become_these(&balancer, endpoints(), BEGIN),
            }
        }
    }
}

#[test]
fn ten_thousand_keys_in_flight_are_within_the_bound_and_near_home() {
    let endpoints = equals(10);
    let balancer = balancer("bounded-consistent-hash", endpoints.clone());
    let home = map(&self::balancer("consistent-hash", endpoints));
    let mut rng = Rng::with_seed(1);
    let picks: Vec<_> =
        (0..KEYS).map(|key| pick(&balancer, &Call::keyed(&key.to_be_bytes()), BEGIN, &mut rng)).collect();
    for node in balancer.nodes() {
        assert!(node.in_flight() <= 1_250, "{}", node.id());
    }
    let away = picks.iter().zip(&home).filter(|(pick, home)| pick.item() != *home).count();
    assert!(away < 1_000, "{away} of 10 000 are not at home");
    assert_near(KEYS.into(), picks.len() as f64, 0.0, "all are in flight");
}
