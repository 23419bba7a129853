//! Who joins, or is back, gets less at first, by any strategy.

use std::time::Duration;

use fastrand::Rng;
use lubdub_balance::{Balancer, Config, Endpoint, Nodes, Strategies, Strategy, Turn};
use lubdub_detect::Tick;

use crate::scene::{BEGIN, LATER, all_names, balancer, become_these, configured, counts, equals};

/// Calls of 20 000 that one of five got.
fn got(picked: &std::collections::BTreeMap<String, u64>, id: &str) -> u64 {
    picked.get(id).copied().unwrap_or_default()
}

#[test]
fn who_joins_gets_a_part_of_its_share_that_grows_to_all_of_it() {
    for name in all_names() {
        let balancer = balancer(&name, equals(4));
        let settled = got(&counts(&balancer, 20_000, BEGIN), "node-00002");
        assert!(settled > 3_000, "{name}: the first set does not start slowly, {settled}");
        let five = || equals(4).into_iter().chain([Endpoint::new("node-joiner")]).collect();
        become_these(&balancer, five(), LATER);
        let at_first = got(&counts(&balancer, 20_000, LATER), "node-joiner");
        let in_between = got(&counts(&balancer, 20_000, LATER.after(Duration::from_secs(15))), "node-joiner");
        // The set is told again meanwhile: that begins nothing anew.
        become_these(&balancer, five(), LATER.after(Duration::from_secs(20)));
        let in_the_end = got(&counts(&balancer, 20_000, LATER.after(Duration::from_secs(30))), "node-joiner");
        assert!((100..1_000).contains(&at_first), "{name}: {at_first} at first");
        assert!((1_000..3_000).contains(&in_between), "{name}: {in_between} in between");
        assert!((2_800..6_000).contains(&in_the_end), "{name}: {in_the_end} in the end");
    }
}

#[test]
fn who_is_back_starts_slowly_again_and_who_never_left_does_not() {
    for name in all_names() {
        let balancer = balancer(&name, equals(5));
        balancer.set_available("node-00001", true, LATER);
        balancer.set_available("node-00002", false, BEGIN);
        balancer.set_available("node-00002", true, LATER);
        let picked = counts(&balancer, 20_000, LATER);
        assert!(got(&picked, "node-00002") < 1_000, "{name}: {picked:?}");
        assert!(got(&picked, "node-00001") > 2_800, "{name}: {picked:?}");
    }
}

#[test]
fn where_only_slow_starters_are_left_they_are_taken() {
    for name in all_names() {
        let balancer = balancer(&name, equals(1));
        become_these(&balancer, (0..3).map(|number| Endpoint::new(format!("new-{number}"))).collect(), LATER);
        let picked = counts(&balancer, 3_000, LATER);
        assert_eq!(picked.len(), 3, "{name}: {picked:?}");
    }
}

#[test]
fn a_window_of_zero_switches_it_off() {
    for name in all_names() {
        let config = Config { slow_start: Duration::ZERO, ..Config::default() };
        let balancer = configured(&name, equals(4), config);
        let joined = equals(4).into_iter().chain([Endpoint::new("node-joiner")]).collect();
        become_these(&balancer, joined, Tick::of_secs(3_000));
        assert!(got(&counts(&balancer, 20_000, Tick::of_secs(3_000)), "node-joiner") > 2_800, "{name}");
    }
}

/// Has nobody to propose.
#[derive(Debug)]
struct Silent;

impl Strategy for Silent {
    fn place(&self, _: &Turn, _: &mut Rng) -> Option<usize> {
        None
    }
}

#[test]
fn where_the_strategy_has_nobody_to_propose_slow_starters_are_the_last_who_are_taken() {
    let mut strategies = Strategies::standard();
    strategies.register("silent", |_: &Nodes| Silent);
    let balancer = Balancer::new(strategies.named("silent").unwrap(), Config::default()).unwrap();
    become_these(&balancer, equals(10), BEGIN);
    for node in balancer.nodes().iter().skip(3) {
        balancer.set_available(node.id(), false, BEGIN);
        balancer.set_available(node.id(), true, LATER);
    }
    let picked: Vec<_> = counts(&balancer, 1_000, LATER).into_keys().collect();
    assert_eq!(picked, ["node-00000", "node-00001", "node-00002"]);
    for node in balancer.nodes().iter().take(3) {
        balancer.set_available(node.id(), false, BEGIN);
    }
    assert_eq!(counts(&balancer, 1_000, LATER).len(), 7);
}
