//! `random` and `weighted-random`.

use crate::scene::{
    BEGIN, LATER, assert_near, balancer, become_these, counts, equals, one_three_six, weighing,
};

const CALLS: u64 = 100_000;

#[test]
fn random_is_uniform_also_among_those_who_are_available() {
    let balancer = balancer("random", equals(10));
    for (id, count) in counts(&balancer, CALLS, BEGIN) {
        assert_near(count, 10_000.0, 0.04, &id);
    }
    // Neighbours, so that whoever follows them would be seen to inherit their calls.
    for id in ["node-00003", "node-00004", "node-00005"] {
        balancer.set_available(id, false, BEGIN);
    }
    let picked = counts(&balancer, CALLS, BEGIN);
    assert_eq!(picked.len(), 7);
    for (id, count) in picked {
        assert_near(count, CALLS as f64 / 7.0, 0.04, &id);
    }
}

#[test]
fn weighted_random_follows_weights_of_1_3_and_6_within_two_percent() {
    let balancer = balancer("weighted-random", one_three_six());
    let picked = counts(&balancer, CALLS, BEGIN);
    for (id, share) in [("a", 0.1), ("b", 0.3), ("c", 0.6)] {
        assert_near(picked[id], CALLS as f64 * share, 0.02, id);
    }
    balancer.set_available("b", false, BEGIN);
    let picked = counts(&balancer, CALLS, BEGIN);
    for (id, share) in [("a", 1.0 / 7.0), ("c", 6.0 / 7.0)] {
        assert_near(picked[id], CALLS as f64 * share, 0.02, id);
    }
    assert_eq!(picked.len(), 2);
    // Back again, it begins with a tenth of its share: 1 : 0.3 : 6.
    balancer.set_available("b", true, LATER);
    let picked = counts(&balancer, CALLS, LATER);
    for (id, share) in [("a", 1.0 / 7.3), ("b", 0.3 / 7.3), ("c", 6.0 / 7.3)] {
        assert_near(picked[id], CALLS as f64 * share, 0.04, id);
    }
}

#[test]
fn a_weight_that_changes_counts_from_then_on_and_begins_no_slow_start() {
    let balancer = balancer("weighted-random", one_three_six());
    become_these(&balancer, vec![weighing("a", 6), weighing("b", 3), weighing("c", 1)], LATER);
    let picked = counts(&balancer, CALLS, LATER);
    for (id, share) in [("a", 0.6), ("b", 0.3), ("c", 0.1)] {
        assert_near(picked[id], CALLS as f64 * share, 0.03, id);
    }
}
