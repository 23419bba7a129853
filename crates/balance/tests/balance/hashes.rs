//! `hash`, `source-ip-hash`, and both by weight.

use std::collections::BTreeMap;
use std::net::IpAddr;

use fastrand::Rng;
use lubdub_balance::{Balancer, Call};
use lubdub_detect::Tick;

use crate::scene::{BEGIN, LATER, assert_near, balancer, become_these, equals, one_three_six, pick};

const KEYS: u32 = 10_000;

/// Where each key goes. Every question comes from another generator.
fn map(balancer: &Balancer<String>, now: Tick) -> Vec<String> {
    let of_key = |key: u32| {
        let call = Call::keyed(&key.to_be_bytes());
        pick(balancer, &call, now, &mut Rng::with_seed(u64::from(key) ^ now.0)).item().clone()
    };
    (0..KEYS).map(of_key).collect()
}

fn counted(ids: &[String]) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for id in ids {
        *counts.entry(id.as_str()).or_default() += 1;
    }
    counts
}

#[test]
fn each_of_10_000_keys_stays_at_its_node_while_the_set_is_unchanged() {
    for name in ["hash", "weighted-hash", "consistent-hash", "bounded-consistent-hash"] {
        let one = balancer(name, one_three_six());
        let first = map(&one, BEGIN);
        assert_eq!(map(&one, LATER), first, "{name}: it is the same later");
        let mut other_order = one_three_six();
        other_order.reverse();
        assert_eq!(
            map(&balancer(name, other_order.clone()), BEGIN),
            first,
            "{name}: another consumer agrees"
        );
        become_these(&one, other_order, LATER);
        assert_eq!(map(&one, LATER), first, "{name}: the same set is told again");
    }
}

#[test]
fn keys_spread_evenly_or_by_weight() {
    for (id, count) in counted(&map(&balancer("hash", equals(10)), BEGIN)) {
        assert_near(count, 1_000.0, 0.1, id);
    }
    let map = map(&balancer("weighted-hash", one_three_six()), BEGIN);
    for (id, share) in [("a", 0.1), ("b", 0.3), ("c", 0.6)] {
        assert_near(counted(&map)[id], f64::from(KEYS) * share, 0.08, id);
    }
}

#[test]
fn only_keys_of_who_is_unavailable_move_and_they_go_to_all_others_and_back() {
    for name in ["hash", "weighted-hash", "consistent-hash", "bounded-consistent-hash"] {
        let balancer = balancer(name, equals(10));
        let before = map(&balancer, BEGIN);
        balancer.set_available("node-00004", false, BEGIN);
        let without = map(&balancer, BEGIN);
        let mut moved_to = Vec::new();
        for (before, after) in before.iter().zip(&without) {
            if before == "node-00004" {
                moved_to.push(after.clone());
            } else {
                assert_eq!(before, after, "{name}");
            }
        }
        let moved_to = counted(&moved_to);
        assert_eq!(moved_to.len(), 9, "{name}: {moved_to:?}");
        assert!(moved_to.values().max() < Some(&400), "{name}: {moved_to:?}");
        balancer.set_available("node-00004", true, LATER);
        assert_eq!(map(&balancer, LATER.after(std::time::Duration::from_secs(30))), before, "{name}");
    }
}

#[test]
fn in_a_slow_start_each_key_comes_over_once_and_stays() {
    for name in ["hash", "weighted-hash", "consistent-hash", "bounded-consistent-hash"] {
        let balancer = balancer(name, equals(10));
        let all = map(&balancer, BEGIN);
        balancer.set_available("node-00004", false, BEGIN);
        let without = map(&balancer, BEGIN);
        balancer.set_available("node-00004", true, LATER);
        let mut has_come = vec![false; all.len()];
        for second in 0..=30 {
            let now = map(&balancer, LATER.after(std::time::Duration::from_secs(second)));
            for (key, id) in now.iter().enumerate() {
                let is_there = id == "node-00004";
                assert!(is_there || *id == without[key], "{name}: no other key moves");
                assert!(is_there || !has_come[key], "{name}: a key that came over left again");
                has_come[key] |= is_there;
            }
            let part = has_come.iter().filter(|has| **has).count() as f64
                / all.iter().filter(|id| *id == "node-00004").count() as f64;
            let expected = 0.1 + 0.9 * second as f64 / 30.0;
            assert!((part - expected).abs() < 0.08, "{name}: {part:.2} after {second} s, not {expected:.2}");
        }
    }
}

#[test]
fn a_call_without_a_key_goes_anywhere() {
    for name in [
        "hash",
        "weighted-hash",
        "source-ip-hash",
        "weighted-source-ip-hash",
        "consistent-hash",
        "bounded-consistent-hash",
    ] {
        let balancer = balancer(name, equals(5));
        let mut rng = Rng::with_seed(9);
        let picked: Vec<_> =
            (0..5_000).map(|_| pick(&balancer, &Call::default(), BEGIN, &mut rng).item().clone()).collect();
        assert_eq!(counted(&picked).len(), 5, "{name}");
        for (id, count) in counted(&picked) {
            assert_near(count, 1_000.0, 0.15, &format!("{name}, {id}"));
        }
    }
}

fn from(balancer: &Balancer<String>, source: Option<IpAddr>, key: &[u8], seed: u64) -> String {
    let call = Call { source, ..Call::keyed(key) };
    pick(balancer, &call, BEGIN, &mut Rng::with_seed(seed)).item().clone()
}

#[test]
fn the_same_client_goes_to_the_same_node_whatever_it_asks_for() {
    for name in ["source-ip-hash", "weighted-source-ip-hash"] {
        let balancer = balancer(name, equals(10));
        let mut reached = Vec::new();
        for host in 0..=255 {
            let source = IpAddr::from([192, 0, 2, host]);
            let first = from(&balancer, Some(source), b"one", 1);
            let mapped: IpAddr = format!("::ffff:192.0.2.{host}").parse().unwrap();
            assert_eq!(from(&balancer, Some(source), b"another", 2), first, "{name}");
            assert_eq!(
                from(&balancer, Some(mapped), b"one", 3),
                first,
                "{name}: the same in the clothes of IPv6"
            );
            let other: IpAddr = format!("2001:db8::{host:x}").parse().unwrap();
            assert_eq!(
                from(&balancer, Some(other), b"a", 4),
                from(&balancer, Some(other), b"b", 5),
                "{name}"
            );
            reached.push(first);
        }
        assert_eq!(counted(&reached).len(), 10, "{name}: clients beside each other are spread");
    }
}

#[test]
fn a_client_without_an_address_is_told_by_its_key() {
    for name in ["source-ip-hash", "weighted-source-ip-hash"] {
        let balancer = balancer(name, equals(10));
        let reached: Vec<_> = (0..100_u8)
            .map(|key| {
                let first = from(&balancer, None, &[key], 1);
                assert_eq!(from(&balancer, None, &[key], 2), first, "{name}");
                first
            })
            .collect();
        assert_eq!(counted(&reached).len(), 10, "{name}");
    }
}

#[test]
fn clients_spread_by_weight() {
    let balancer = balancer("weighted-source-ip-hash", one_three_six());
    let sources = (0..KEYS).map(|host| IpAddr::from((0x0a00_0000 + host).to_be_bytes()));
    let reached: Vec<_> = sources.map(|source| from(&balancer, Some(source), b"", 1)).collect();
    for (id, share) in [("a", 0.1), ("b", 0.3), ("c", 0.6)] {
        assert_near(counted(&reached)[id], f64::from(KEYS) * share, 0.08, id);
    }
}
