//! A balancer with endpoints, and counts of whom it picked.

use std::collections::BTreeMap;

use fastrand::Rng;
use lubdub_balance::{Balancer, Call, Config, Endpoint, Pick, Strategies, Weight};
use lubdub_detect::Tick;

/// Where all scenes begin.
pub(crate) const BEGIN: Tick = Tick::of_secs(1_000);

/// Long after anything that began slowly has settled.
pub(crate) const LATER: Tick = Tick::of_secs(2_000);

/// Every name that is known, and two that are composed.
pub(crate) fn all_names() -> Vec<String> {
    let strategies = Strategies::standard();
    let composed = ["zone-aware:random"].map(str::to_owned);
    strategies.names().map(str::to_owned).chain(composed).collect()
}

/// An endpoint with a weight.
pub(crate) fn weighing(id: &str, weight: i64) -> Endpoint {
    Endpoint::new(id).weight(Weight::new(weight).expect("it is a weight"))
}

/// So many endpoints of weight 1, in the order of their ids.
pub(crate) fn equals(number: usize) -> Vec<Endpoint> {
    (0..number).map(|number| Endpoint::new(format!("node-{number:05}"))).collect()
}

/// A balancer of these, whose items are their ids.
pub(crate) fn balancer(name: &str, endpoints: Vec<Endpoint>) -> Balancer<String> {
    configured(name, endpoints, Config::default())
}

/// The same with a configuration.
pub(crate) fn configured(name: &str, endpoints: Vec<Endpoint>, config: Config) -> Balancer<String> {
    let strategy = Strategies::standard().named(name).expect("it is known");
    let balancer = Balancer::new(strategy, config).expect("the configuration is sound");
    become_these(&balancer, endpoints, BEGIN);
    balancer
}

/// Replaces the set.
pub(crate) fn become_these(balancer: &Balancer<String>, endpoints: Vec<Endpoint>, now: Tick) {
    let endpoints = endpoints.into_iter().map(|endpoint| {
        let id = endpoint.id.clone();
        (endpoint, id)
    });
    balancer.replace(endpoints, now).expect("the set is sound");
}

pub(crate) fn pick(balancer: &Balancer<String>, call: &Call<'_>, now: Tick, rng: &mut Rng) -> Pick<String> {
    balancer.pick(call, now, rng).expect("somebody is there")
}

/// How many of so many calls went to whom. Each call ends before the next; each has a key and a source of its own.
pub(crate) fn counts(balancer: &Balancer<String>, calls: u64, now: Tick) -> BTreeMap<String, u64> {
    let mut rng = Rng::with_seed(7);
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for number in 0..calls {
        let source = std::net::IpAddr::from((u128::from(number) + (0x2001_0db8 << 96)).to_be_bytes());
        let call = Call { source: Some(source), ..Call::keyed(&number.to_le_bytes()) };
        let pick = pick(balancer, &call, now, &mut rng);
        *counts.entry(pick.item().clone()).or_default() += 1;
    }
    counts
}

/// Whether a count is what was expected, give or take a part of it.
pub(crate) fn assert_near(counted: u64, expected: f64, part: f64, of: &str) {
    let difference = (counted as f64 - expected).abs();
    assert!(difference <= expected * part, "{of}: {counted} is not {expected:.0} ± {:.0}", expected * part);
}

/// Three endpoints that weigh 1, 3 and 6.
pub(crate) fn one_three_six() -> Vec<Endpoint> {
    vec![weighing("a", 1), weighing("b", 3), weighing("c", 6)]
}

/// How many of so many calls went to whom, as parts of all.
pub(crate) fn shares(balancer: &Balancer<String>, calls: u64, now: Tick) -> BTreeMap<String, f64> {
    counts(balancer, calls, now).into_iter().map(|(id, count)| (id, count as f64 / calls as f64)).collect()
}
