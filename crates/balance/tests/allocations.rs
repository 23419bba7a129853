//! What a pick allocates: nothing.

use fastrand::Rng;
use lubdub_balance::{Balancer, Call, Config, Endpoint, Strategies, Weight};
use lubdub_detect::Tick;
use lubdub_testkit::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn no_strategy_allocates_for_a_pick_its_answer_or_its_end() {
    let strategies = Strategies::standard();
    for name in strategies.names() {
        let config = Config { zone: Some("here".to_owned()), ..Config::default() };
        let balancer = Balancer::new(strategies.named(name).unwrap(), config).unwrap();
        let endpoints = (0..200).map(|number| {
            let endpoint = Endpoint::new(format!("{number}")).weight(Weight::new(1 + number % 7).unwrap());
            (if number % 2 == 0 { endpoint.zone("here") } else { endpoint }, number)
        });
        balancer.replace(endpoints, Tick::of_secs(1)).unwrap();
        // Of every kind: some unavailable, some starting slowly, some tried.
        let nodes = balancer.nodes();
        for node in nodes.iter().take(60) {
            balancer.set_available(node.id(), false, Tick::of_secs(2));
        }
        for node in nodes.iter().take(30) {
            balancer.set_available(node.id(), true, Tick::of_secs(3));
        }
        let tried = [nodes[100].number(), nodes[101].number()];
        let mut rng = Rng::with_seed(1);
        let mut held = Vec::with_capacity(100);
        let mut calls = |number: u64| {
            let now = Tick(4_000_000 + number * 1_000);
            let call =
                Call { tried: &tried, source: None, key: (!number.is_multiple_of(3)).then_some(number) };
            let pick = balancer.pick(&call, now, &mut rng).unwrap();
            let connection = number.is_multiple_of(5).then(|| pick.node().connect());
            pick.answered(Tick(now.0 + 500));
            if held.len() == held.capacity() {
                drop(held.swap_remove(number as usize % 100));
            }
            held.push((pick, connection));
        };
        // What a thread makes when it first looks at a set is made here.
        (0..10).for_each(&mut calls);
        let before = Counting::on_this_thread();
        (10..5_000).for_each(&mut calls);
        assert_eq!(Counting::on_this_thread() - before, 0, "{name}");
    }
}
