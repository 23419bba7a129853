//! Each lease ends once. A tick in which a host's longest hold was over, and in which its turn came to
//! leave because the others were heard well, ended its leases twice: the second change did
//! nothing when applied, but was logged, counted and written to the history once more.

use std::collections::BTreeSet;

use lubdub_core::guard::{GuardConfig, MaxHold};
use lubdub_core::{Cause, Config};
use lubdub_testkit::Fleet;

#[test]
fn a_hold_that_is_over_when_its_turn_comes_to_leave_ends_once() {
    // The longest hold of the first host, and the first stretch of listening, end in the same tick.
    let guard = GuardConfig { max_hold: MaxHold::LeaseTimes(1), ..GuardConfig::default() };
    let mut fleet = Fleet::new(Config { guard, ..Config::default() }, 90);
    for n in 0..100 {
        fleet.add(&format!("h{n}"), "a", &["orders"]);
    }
    fleet.run(270);
    for n in 0..30 {
        fleet.kill(&format!("h{n}"));
    }
    fleet.told();
    fleet.run(400);
    let mut gone = BTreeSet::new();
    for told in fleet.told() {
        if let Cause::Expired(silence) = told.change.cause() {
            let key = told.change.key();
            assert!(gone.insert(key.clone()), "{key} ended twice: {silence:?}");
        }
    }
    assert_eq!(gone.len(), 30);
}
