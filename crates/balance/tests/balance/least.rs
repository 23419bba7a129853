//! `least-connections` and `least-in-flight`.

use std::collections::BTreeMap;

use fastrand::Rng;
use lubdub_balance::{Call, Connection, Endpoint};
use proptest::prelude::*;

use crate::scene::{BEGIN, LATER, balancer, become_these, counts, equals, pick};

#[test]
fn who_holds_connections_gets_none_until_they_are_closed_or_others_have_as_many() {
    let balancer = balancer("least-connections", equals(3));
    let busy = balancer.nodes().remove(1);
    let mut held: Vec<Connection> = (0..10).map(|_| busy.connect()).collect();
    let mut rng = Rng::with_seed(1);
    let mut connect = || pick(&balancer, &Call::default(), BEGIN, &mut rng).node().connect();
    let others: Vec<Connection> = (0..20).map(|_| connect()).collect();
    let connections = || balancer.nodes().iter().map(|node| node.connections()).collect::<Vec<_>>();
    assert_eq!(connections(), [10, 10, 10]);
    let more: Vec<_> = (0..3).map(|_| connect()).collect();
    assert_eq!(connections(), [11, 11, 11], "ties rotate");
    held.truncate(5);
    let back: Vec<_> = (0..5).map(|_| connect()).collect();
    assert_eq!(connections(), [11, 11, 11], "what is closed counts no more");
    assert!(back.iter().all(|connection| connection.node().id() == busy.id()));
    drop((others, more));
}

#[test]
fn without_counted_connections_calls_in_flight_count() {
    for name in ["least-connections", "least-in-flight"] {
        let balancer = balancer(name, equals(3));
        let mut rng = Rng::with_seed(1);
        let mut held: Vec<_> = (0..30).map(|_| pick(&balancer, &Call::default(), BEGIN, &mut rng)).collect();
        let in_flight = || balancer.nodes().iter().map(|node| node.in_flight()).collect::<Vec<_>>();
        assert_eq!(in_flight(), [10, 10, 10], "{name}");
        held.retain(|pick| pick.id() != "node-00002");
        let next: Vec<_> = (0..10).map(|_| pick(&balancer, &Call::default(), BEGIN, &mut rng)).collect();
        assert_eq!(in_flight(), [10, 10, 10], "{name}");
        assert!(next.iter().all(|pick| pick.id() == "node-00002"), "{name}");
    }
}

#[test]
fn ties_rotate_also_where_calls_end_before_the_next_and_one_is_skipped() {
    for name in ["least-connections", "least-in-flight"] {
        let balancer = balancer(name, equals(5));
        let picked = counts(&balancer, 1_000, BEGIN);
        assert!(picked.values().all(|count| *count == 200), "{name}: {picked:?}");
        balancer.set_available("node-00002", false, BEGIN);
        let picked = counts(&balancer, 1_000, BEGIN);
        assert_eq!(picked.values().copied().collect::<Vec<_>>(), [250; 4], "{name}");
        balancer.set_available("node-00002", true, LATER);
        let picked = counts(&balancer, 41_000, LATER);
        assert!((800..1_200).contains(&picked["node-00002"]), "{name}: {picked:?}");
        let settled: Vec<u64> =
            picked.iter().filter(|(id, _)| *id != "node-00002").map(|(_, count)| *count).collect();
        let spread = settled.iter().max().unwrap() - settled.iter().min().unwrap();
        assert!(spread <= 1, "{name}: nobody inherits its turns, {picked:?}");
    }
}

#[test]
fn who_is_unavailable_and_has_the_fewest_does_not_hide_who_has_the_fewest_of_the_others() {
    let balancer = balancer("least-in-flight", equals(100));
    let mut rng = Rng::with_seed(1);
    let mut held: Vec<_> = (0..1_000).map(|_| pick(&balancer, &Call::default(), BEGIN, &mut rng)).collect();
    held.retain(|pick| pick.id() != "node-00090");
    for node in balancer.nodes().iter().take(50) {
        balancer.set_available(node.id(), false, BEGIN);
    }
    held.retain(|pick| pick.node().is_available());
    for _ in 0..10 {
        held.push(pick(&balancer, &Call::default(), BEGIN, &mut rng));
        assert_eq!(held.last().unwrap().id(), "node-00090");
    }
}

#[test]
fn a_slow_starter_with_nothing_to_do_leaves_most_calls_to_who_has_the_fewest_of_the_others() {
    let balancer = balancer("least-in-flight", equals(3));
    let mut rng = Rng::with_seed(1);
    let mut held: Vec<_> = (0..300).map(|_| pick(&balancer, &Call::default(), BEGIN, &mut rng)).collect();
    held.retain(|pick| pick.id() != "node-00001" || pick.node().in_flight() <= 40);
    become_these(&balancer, equals(3).into_iter().chain([Endpoint::new("joiner")]).collect(), LATER);
    let mut picked: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..50 {
        let pick = pick(&balancer, &Call::default(), LATER, &mut rng);
        *picked.entry(pick.id().to_owned()).or_default() += 1;
        held.push(pick);
    }
    let (joiner, fewest) = (picked.get("joiner").copied().unwrap_or_default(), picked["node-00001"]);
    assert_eq!(joiner + fewest, 50, "{picked:?}");
    assert!((1..15).contains(&joiner), "{picked:?}");
}

#[derive(Debug, Clone)]
enum Step {
    Call,
    End(usize),
    Connect(usize),
    Close(usize),
    Available(usize, bool),
    Set(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Call),
        3 => any::<usize>().prop_map(Step::End),
        1 => (0..6usize).prop_map(Step::Connect),
        1 => any::<usize>().prop_map(Step::Close),
        1 => (0..6usize, any::<bool>()).prop_map(|(number, is)| Step::Available(number, is)),
        1 => (1..6usize).prop_map(Step::Set),
    ]
}

proptest! {
    /// The model: a look at all nodes, before each call.
    #[test]
    fn it_is_always_one_of_those_with_the_fewest(steps in prop::collection::vec(step(), 1..120), connections in any::<bool>()) {
        let name = if connections { "least-connections" } else { "least-in-flight" };
        let config = lubdub_balance::Config { slow_start: std::time::Duration::ZERO, ..lubdub_balance::Config::default() };
        let balancer = crate::scene::configured(name, equals(4), config);
        let mut rng = Rng::with_seed(1);
        let (mut picks, mut open) = (Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Call => {
                    let load = |node: &lubdub_balance::Node| if connections { node.held() } else { node.in_flight() };
                    let nodes = balancer.nodes();
                    let fewest = nodes.iter().filter(|node| node.is_available()).map(|node| load(node)).min();
                    let before: BTreeMap<_, _> = nodes.iter().map(|node| (node.id(), load(node))).collect();
                    let pick = pick(&balancer, &Call::default(), BEGIN, &mut rng);
                    if let Some(fewest) = fewest {
                        prop_assert_eq!(before[pick.id()], fewest);
                    }
                    picks.push(pick);
                }
                Step::End(which) if !picks.is_empty() => drop(picks.swap_remove(which % picks.len())),
                Step::Connect(which) => {
                    let nodes = balancer.nodes();
                    open.extend(nodes.get(which).map(lubdub_balance::Node::connect));
                }
                Step::Close(which) if !open.is_empty() => drop(open.swap_remove(which % open.len())),
                Step::Available(number, is) => {
                    balancer.set_available(&format!("node-{number:05}"), is, BEGIN);
                }
                Step::Set(number) => become_these(&balancer, equals(number), BEGIN),
                Step::End(_) | Step::Close(_) => {}
            }
        }
    }
}

#[test]
fn after_many_threads_and_changes_of_the_set_the_order_is_that_of_the_true_loads() {
    for name in ["least-connections", "least-in-flight"] {
        let balancer = balancer(name, equals(8));
        std::thread::scope(|scope| {
            for seed in 0..4_u64 {
                let balancer = &balancer;
                scope.spawn(move || {
                    let mut rng = Rng::with_seed(seed);
                    for _ in 0..4_000 {
                        let calls: Vec<_> =
                            (0..3).map(|_| pick(balancer, &Call::default(), BEGIN, &mut rng)).collect();
                        let _open: Vec<_> = calls.iter().map(|pick| pick.node().connect()).collect();
                    }
                });
            }
            for round in 0..100 {
                become_these(&balancer, equals(6 + round % 3), BEGIN);
            }
        });
        // All is over. Whoever was left with a load that it does not have would get fewer or more than the others.
        become_these(&balancer, equals(8), BEGIN);
        let mut rng = Rng::with_seed(1);
        let later = LATER;
        let picks: Vec<_> = (0..80).map(|_| pick(&balancer, &Call::default(), later, &mut rng)).collect();
        let _open: Vec<_> = picks.iter().map(|pick| pick.node().connect()).collect();
        let in_flight: Vec<u32> = balancer.nodes().iter().map(|node| node.in_flight()).collect();
        assert_eq!(in_flight, [10; 8], "{name}");
    }
}
