//! `p2c-peak-ewma`.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use lubdub_balance::{Balancer, Call, Config, Pick};
use lubdub_detect::Tick;

use crate::scene::{BEGIN, assert_near, balancer, become_these, configured, counts, equals, pick};

/// Calls one after the other, each of which takes as long as its endpoint does, give or take a half; or fails at once, where
/// that is none.
fn calls(
    balancer: &Balancer<String>,
    number: u32,
    from: Tick,
    latency: impl Fn(&str) -> Option<Duration>,
) -> (BTreeMap<String, u32>, Tick) {
    let mut rng = Rng::with_seed(3);
    let (mut counts, mut now) = (BTreeMap::new(), from);
    for _ in 0..number {
        let pick = pick(balancer, &Call::default(), now, &mut rng);
        *counts.entry(pick.id().to_owned()).or_default() += 1;
        now = now.after(Duration::from_millis(1));
        match latency(pick.id()) {
            Some(latency) => pick.answered(pick.began().after(latency.mul_f64(0.5 + rng.f64()))),
            None => pick.failed(pick.began()),
        }
    }
    (counts, now)
}

#[test]
fn equals_get_equal_shares() {
    let balancer = balancer("p2c-peak-ewma", equals(10));
    for (id, count) in calls(&balancer, 20_000, BEGIN, |_| Some(Duration::from_millis(5))).0 {
        assert_near(u64::from(count), 2_000.0, 0.15, &id);
    }
    for (id, count) in counts(&self::balancer("p2c-peak-ewma", equals(10)), 20_000, BEGIN) {
        assert_near(count, 2_000.0, 0.1, &id);
    }
}

#[test]
fn who_became_slow_gets_next_to_nothing_and_is_forgiven_in_time() {
    let balancer = balancer("p2c-peak-ewma", equals(5));
    let fast = |_: &str| Some(Duration::from_millis(2));
    let (_, now) = calls(&balancer, 2_000, BEGIN, fast);
    let slow = |id: &str| Some(Duration::from_millis(if id == "node-00002" { 200 } else { 2 }));
    let (counts, now) = calls(&balancer, 5_000, now, slow);
    assert!(counts["node-00002"] < 5, "{counts:?}");
    // 200 ms fall to 2 ms in 46 s, with a decay of 10 s.
    let (counts, _) = calls(&balancer, 5_000, now.after(Duration::from_secs(90)), fast);
    assert!(counts["node-00002"] > 500, "{counts:?}");
}

#[test]
fn who_fails_at_once_does_not_look_fast() {
    let fails = |id: &str| (id != "node-00002").then(|| Duration::from_millis(20));
    let balancer = balancer("p2c-peak-ewma", equals(5));
    let (counts, _) = calls(&balancer, 5_000, BEGIN, fails);
    assert!(counts["node-00002"] < 5, "{counts:?}");
    let config = Config { failure_latency: Duration::ZERO, ..Config::default() };
    let (counts, _) = calls(&configured("p2c-peak-ewma", equals(5), config), 5_000, BEGIN, fails);
    assert!(counts["node-00002"] > 1_500, "what the penalty is for: {counts:?}");
}

#[test]
fn a_newcomer_is_tried_once_and_not_by_all_before_it_answers() {
    let balancer = balancer("p2c-peak-ewma", equals(4));
    calls(&balancer, 200, BEGIN, |_| Some(Duration::from_millis(5)));
    let later = BEGIN.after(Duration::from_secs(1));
    become_these(&balancer, equals(5), later);
    let settled = later.after(Duration::from_secs(31));
    calls(&balancer, 200, settled, |id| (id != "node-00004").then(|| Duration::from_millis(5)));
    let mut rng = Rng::with_seed(1);
    let held: Vec<Pick<String>> =
        (0..200).map(|_| pick(&balancer, &Call::default(), settled, &mut rng)).collect();
    let newcomer = held.iter().filter(|pick| pick.id() == "node-00004").count();
    assert!(newcomer < 10, "{newcomer}");
}

#[test]
fn calls_that_hang_keep_others_away() {
    let balancer = balancer("p2c-peak-ewma", equals(4));
    calls(&balancer, 400, BEGIN, |_| Some(Duration::from_millis(5)));
    let mut rng = Rng::with_seed(1);
    let now = BEGIN.after(Duration::from_secs(1));
    let (mut hanging, mut counts): (Vec<Pick<String>>, BTreeMap<String, u32>) = Default::default();
    for _ in 0..1_000 {
        let pick = pick(&balancer, &Call::default(), now, &mut rng);
        *counts.entry(pick.id().to_owned()).or_default() += 1;
        if pick.id() == "node-00002" {
            hanging.push(pick);
        } else {
            pick.answered(now.after(Duration::from_millis(5)));
        }
    }
    assert!(counts["node-00002"] < 20, "{counts:?}");
}
