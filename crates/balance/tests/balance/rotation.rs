//! `round-robin` and `weighted-round-robin`.

use std::collections::BTreeMap;
use std::sync::Barrier;

use fastrand::Rng;
use lubdub_balance::{Balancer, Call, Endpoint};
use lubdub_detect::Tick;
use proptest::prelude::*;

use crate::scene::{BEGIN, LATER, balancer, become_these, configured, counts, equals, pick, weighing};

/// Whom so many calls in a row go to.
fn sequence(balancer: &Balancer<String>, calls: usize, now: Tick, seed: u64) -> Vec<String> {
    let mut rng = Rng::with_seed(seed);
    (0..calls).map(|_| pick(balancer, &Call::default(), now, &mut rng).item().clone()).collect()
}

fn counted(sequence: &[String]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for id in sequence {
        *counts.entry(id.as_str()).or_default() += 1;
    }
    counts
}

/// By eight threads at once, each so many calls.
fn by_eight_threads(balancer: &Balancer<String>, calls: usize) -> BTreeMap<String, usize> {
    let together = Barrier::new(8);
    let count = |seed| {
        let mut rng = Rng::with_seed(seed);
        let mut counts: BTreeMap<String, usize> =
            balancer.nodes().iter().map(|node| (node.id().to_owned(), 0)).collect();
        together.wait();
        for _ in 0..calls {
            let pick = pick(balancer, &Call::default(), BEGIN, &mut rng);
            *counts.get_mut(pick.id()).expect("it is in the set") += 1;
        }
        counts
    };
    let counts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|seed| {
                let count = &count;
                scope.spawn(move || count(seed))
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("it does not panic")).collect()
    });
    let mut sums = BTreeMap::new();
    for (id, count) in counts.into_iter().flatten() {
        *sums.entry(id).or_default() += count;
    }
    sums
}

#[test]
fn round_robin_by_eight_threads_differs_by_one_at_most() {
    // 8 · 125 001 calls are no multiple of 7.
    let counts = by_eight_threads(&balancer("round-robin", equals(7)), 125_001);
    let (least, most) = (counts.values().min().unwrap(), counts.values().max().unwrap());
    assert_eq!(counts.len(), 7);
    assert!(most - least <= 1, "{counts:?}");
    assert_ne!(most, least);
}

#[test]
fn round_robin_stays_an_exact_rotation_among_those_who_are_available() {
    let balancer = balancer("round-robin", equals(6));
    for id in ["node-00001", "node-00002", "node-00005"] {
        balancer.set_available(id, false, BEGIN);
    }
    let picked = sequence(&balancer, 300, BEGIN, 1);
    assert_eq!(counted(&picked).values().copied().collect::<Vec<_>>(), [100, 100, 100]);
    assert!(
        picked.windows(3).all(|three| counted(three).len() == 3),
        "each three calls in a row go to three"
    );
}

#[test]
fn callers_who_start_together_do_not_begin_at_the_same_endpoint() {
    for name in ["round-robin", "weighted-round-robin"] {
        let begun: Vec<_> =
            (0..20).map(|seed| sequence(&balancer(name, equals(10)), 1, BEGIN, seed).remove(0)).collect();
        assert!(counted(&begun).len() > 5, "{name}: {begun:?}");
    }
}

#[test]
fn a_rotation_whose_set_changes_after_each_call_still_reaches_everybody() {
    for name in ["round-robin", "weighted-round-robin"] {
        let mut endpoints = equals(10);
        endpoints[0] = weighing("node-00000", 5);
        let balancer = balancer(name, endpoints.clone());
        let mut rng = Rng::with_seed(4);
        let mut picked = Vec::new();
        for _ in 0..400 {
            picked.push(pick(&balancer, &Call::default(), BEGIN, &mut rng).item().clone());
            become_these(&balancer, endpoints.clone(), BEGIN);
        }
        assert_eq!(counted(&picked).len(), 10, "{name}");
    }
}

#[test]
fn weighted_round_robin_of_5_1_1_is_exact_and_never_more_than_three_in_a_row() {
    let balancer =
        balancer("weighted-round-robin", vec![weighing("a", 5), weighing("b", 1), weighing("c", 1)]);
    let picked = sequence(&balancer, 7_000, BEGIN, 1);
    for cycle in picked.chunks(7) {
        assert_eq!(counted(cycle), BTreeMap::from([("a", 5), ("b", 1), ("c", 1)]));
    }
    assert!(picked.windows(4).all(|four| counted(four).len() > 1), "four equal ones in a row");
}

#[test]
fn weighted_round_robin_is_exact_from_eight_threads_too() {
    let counts = by_eight_threads(
        &balancer("weighted-round-robin", vec![weighing("a", 10), weighing("b", 20), weighing("c", 50)]),
        10_000,
    );
    assert_eq!(
        counts,
        BTreeMap::from(
            [("a", 10_000), ("b", 20_000), ("c", 50_000)].map(|(id, count)| (id.to_owned(), count))
        )
    );
}

#[test]
fn weighted_round_robin_without_one_keeps_the_shares_of_the_others() {
    let balancer =
        balancer("weighted-round-robin", vec![weighing("a", 5), weighing("b", 2), weighing("c", 1)]);
    balancer.set_available("b", false, BEGIN);
    assert_eq!(counted(&sequence(&balancer, 6_000, BEGIN, 1)), BTreeMap::from([("a", 5_000), ("c", 1_000)]));
    // Back again it begins with a tenth of its share: 5 : 0.2 : 1.
    balancer.set_available("b", true, LATER);
    let picked = sequence(&balancer, 62_000, LATER, 1);
    let counts = counted(&picked);
    assert!((1_700..2_300).contains(&counts["b"]), "{counts:?}");
    assert!(counts["a"].abs_diff(5 * counts["c"]) <= 5, "{counts:?}");
}

#[test]
fn a_slow_starters_turns_are_spread_and_go_to_no_neighbour() {
    let balancer = balancer("round-robin", equals(4));
    become_these(&balancer, equals(4).into_iter().chain([Endpoint::new("node-00001b")]).collect(), LATER);
    let picked = counts(&balancer, 41_000, LATER);
    let settled: Vec<u64> = equals(4).iter().map(|endpoint| picked[&endpoint.id]).collect();
    assert!(settled.iter().max().unwrap() - settled.iter().min().unwrap() <= 1, "{picked:?}");
    assert!((800..1_200).contains(&picked["node-00001b"]), "{picked:?}");
}

proptest! {
    #[test]
    fn whatever_the_weights_each_cycle_of_a_weighted_rotation_is_exact(
        weights in prop::collection::vec(1..12u16, 1..12),
        factor in 1..50u16,
        unavailable in any::<prop::sample::Index>(),
    ) {
        let endpoints: Vec<_> = weights
            .iter()
            .enumerate()
            .map(|(number, weight)| weighing(&format!("{number:02}"), i64::from(weight * factor)))
            .collect();
        let balancer = configured("weighted-round-robin", endpoints, lubdub_balance::Config::default());
        let cycle = usize::from(weights.iter().sum::<u16>());
        for part in sequence(&balancer, 2 * cycle, BEGIN, 1).chunks(cycle) {
            let counts = counted(part);
            for (number, weight) in weights.iter().enumerate() {
                prop_assert_eq!(counts[format!("{number:02}").as_str()], usize::from(*weight));
            }
        }
        let gone = unavailable.index(weights.len());
        balancer.set_available(&format!("{gone:02}"), false, BEGIN);
        let rest = cycle - usize::from(weights[gone]);
        let picked = sequence(&balancer, rest, BEGIN, 1);
        for (number, weight) in weights.iter().enumerate().filter(|(number, _)| *number != gone) {
            prop_assert_eq!(counted(&picked)[format!("{number:02}").as_str()], usize::from(*weight));
        }
    }
}
