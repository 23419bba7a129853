//! Every named scenario, and some of all faults from a few seeds: what is documented holds.

use std::collections::BTreeSet;

use lubdub_core::Registry;
use lubdub_sim::{Fault, Group, Invariant, MINUTE, Plan, Report, Scenario, Wish, World, scenario};

fn live(name: &str, wish: &Wish) -> Report {
    let wish = Wish { inspect: Some(Registry::check_invariants), ..wish.clone() };
    let report = scenario(name).expect("a scenario of that name").run(&wish);
    assert!(report.violation.is_none(), "{report}");
    report
}

#[test]
fn what_is_documented_holds_in_every_named_scenario() {
    for scenario in Scenario::all().filter(|scenario| scenario.group != Group::Anything) {
        // Smaller than in the table of docs/simulation.md, with another seed.
        let providers = Some(scenario.providers.min(200));
        live(scenario.name, &Wish { seed: Some(2), providers, ..Wish::default() });
    }
}

#[test]
fn what_is_documented_holds_whatever_happens() {
    let mut happened = BTreeSet::new();
    for seed in 1..=8 {
        let report = live("anything", &Wish { seed: Some(seed), providers: Some(60), ..Wish::default() });
        happened.extend(report.tally.iter().map(|(name, _)| name));
    }
    // One run may find nothing to hit; all of them together must have seen everything.
    for fault in [
        "crash",
        "kill",
        "start",
        "pause",
        "leave",
        "cut off",
        "cut towards the registry",
        "cut from the registry",
        "weather",
        "lost",
        "duplicated",
        "overtaken",
        "registry paused",
        "registry deaf",
        "registry crashed",
        "disk stalled",
        "disk failed",
        "wall clock set",
        "override",
        "asked again",
        "guard released",
        "guard let go by hand",
        "overflowed",
        "refused connection",
    ] {
        assert!(happened.contains(fault), "{fault} never happened: {happened:?}");
    }
}

#[test]
fn hosts_that_are_heard_while_a_scope_is_held_let_more_leave_in_one_lease_time() {
    // The registry restarts; 25 hosts are heard again when the first lease is held, and twice as many when hosts are let go.
    live("sessions-anything", &Wish { seed: Some(516), providers: Some(240), ..Wish::default() });
}

#[test]
fn hosts_leave_a_hold_at_the_pace_of_the_longest_lease_that_is_held_by_then() {
    // A few leave while leases of 15 s are held, then one of 90 s is held, too.
    live("anything", &Wish { seed: Some(6005), providers: Some(200), ..Wish::default() });
}

#[test]
fn a_host_may_count_as_lost_while_the_guard_has_not_been_told_that_another_lease_of_it_is_heard() {
    // The registry restarts, stands still for a minute, and learns of killed processes and of first beats in one moment.
    live("anything", &Wish { seed: Some(4005), providers: Some(100), ..Wish::default() });
}

#[test]
fn a_mass_of_connections_that_closed_is_held_although_input_is_proven_to_be_served_only_seconds_later() {
    // Thirteen of forty close at once, six of them do not come back, and the next own beat is read two seconds later. Then
    // one that waits for an own beat, which comes with a mass.
    for seed in [2009, 2026, 2012] {
        live("sessions-anything", &Wish { seed: Some(seed), providers: Some(160), ..Wish::default() });
    }
}

#[test]
fn sessions_that_are_over_still_count_among_those_whose_connections_closed() {
    // Some without a grace leave at once, those with one two seconds later, of as many as there were when they closed.
    live("sessions-anything", &Wish { seed: Some(1930), providers: Some(160), ..Wish::default() });
}

#[test]
fn a_run_in_which_a_fault_never_happens_fails() {
    // A wall clock that is set after the end.
    let mut plan = Plan::quiet(Vec::new(), MINUTE);
    plan.calm = MINUTE;
    let plan = plan.with(10 * MINUTE, Fault::SetWall(1));
    let (_, _, ended) = World::new(&plan, 1, None, None).run();
    let violation = ended.expect_err("the fault never happened");
    assert_eq!(violation.invariant, Invariant::EachFaultHappens);
    assert!(violation.what.contains("wall clock set"), "{violation}");
}

#[test]
fn sessions_keep_and_lose_what_is_documented() {
    for name in ["sessions", "proxy-reloaded", "sessions-restart"] {
        for seed in 1..=3 {
            let report = live(name, &Wish { seed: Some(seed), providers: Some(200), ..Wish::default() });
            let figures = &report.figures;
            match name {
                "sessions" => {
                    assert!(figures.connections_lost > 0 && figures.suspected == 0, "{report}");
                    // Two of three die with their connection: three milliseconds, and those of the network.
                    assert!(figures.detected_within(60).is_some_and(|micros| micros < 100_000), "{report}");
                }
                // Whoever comes back in time is never gone.
                "proxy-reloaded" => {
                    assert!(figures.suspected >= 400 && figures.connections_lost == 0, "{report}");
                    assert_eq!(figures.living_evicted, 0, "{report}");
                }
                _ => assert!(report.tally.of("connection broke") > 0, "{report}"),
            }
        }
    }
}

#[test]
fn what_is_documented_of_sessions_holds_whatever_happens() {
    let mut happened = BTreeSet::new();
    for seed in 1..=8 {
        let wish = Wish { seed: Some(seed), providers: Some(100), ..Wish::default() };
        let report = live("sessions-anything", &wish);
        happened.extend(report.tally.iter().map(|(name, _)| name));
    }
    for fault in [
        "connections closed",
        "connection broke",
        "session timed out",
        "crash",
        "kill",
        "leave",
        "start",
        "pause",
        "cut off",
        "cut from the registry",
        "lost",
        "registry paused",
        "registry deaf",
        "registry crashed",
        "overflowed",
    ] {
        assert!(happened.contains(fault), "{fault} never happened: {happened:?}");
    }
}
