//! What the guard makes of the things that happen to fleets. Leases of 90 s with three beats in
//! each; seconds count from the failure.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use lubdub_core::guard::{Arithmetic, GuardConfig, MaxHold, Scope, ScopeState};
use lubdub_core::model::ServiceName;
use lubdub_core::{Cause, Change, Command, Config, GuardWord, ReleaseReason, Sender};
use lubdub_testkit::{Fleet, Scene, Told, provider};

/// Machines that were heard for three lease times.
fn fleet(
    config: Config,
    hosts: impl IntoIterator<Item = (String, &'static str, Vec<&'static str>)>,
) -> Fleet {
    let mut fleet = Fleet::new(config, 90);
    for (host, zone, services) in hosts {
        fleet.add(&host, zone, &services);
    }
    fleet.run(270);
    assert!(fleet.told().iter().all(|told| told.change.cause().name() == "registered"));
    fleet
}

/// So many machines of one service in one zone.
fn orders(hosts: usize) -> Fleet {
    fleet(Config::default(), (0..hosts).map(|n| (host(n), "a", vec!["orders"])))
}

fn host(n: usize) -> String {
    format!("10.0.0.{n}")
}

fn run(fleet: &mut Fleet, seconds: u64) -> Story {
    let begin = fleet.now_secs();
    fleet.run(seconds);
    Story { begin, told: fleet.told() }
}

/// What happened while a fleet ran, in seconds since then.
struct Story {
    begin: u64,
    told: Vec<Told>,
}

impl Story {
    fn when(&self, cause: &str) -> Vec<u64> {
        let told = self.told.iter().filter(|told| told.change.cause().name() == cause);
        told.map(|told| told.second - self.begin).collect()
    }

    fn first_and_last(&self, cause: &str) -> Option<(u64, u64)> {
        let when = self.when(cause);
        Some((*when.first()?, *when.last()?))
    }

    /// The hosts of what left for its silence.
    fn gone(&self) -> BTreeSet<String> {
        let gone = self.told.iter().filter(|told| matches!(told.change.cause(), Cause::Expired(_)));
        let host = |id: &str| id.split_once('@').map(|(_, host)| host.to_owned());
        gone.filter_map(|told| host(told.change.key().id())).collect()
    }

    fn reasons(&self) -> Vec<ReleaseReason> {
        let word = |told: &Told| match told.change.cause() {
            Cause::Expired(silence) => match &silence.guard {
                GuardWord::Released { reason, .. } => Some(reason.clone()),
                _ => None,
            },
            _ => None,
        };
        self.told.iter().filter_map(word).collect()
    }

    fn scopes(&self) -> BTreeSet<Scope> {
        let held = |told: &Told| match told.change.cause() {
            Cause::Held { scope, .. } => Some(scope.clone()),
            _ => None,
        };
        self.told.iter().filter_map(held).collect()
    }
}

fn hosts(range: std::ops::Range<usize>) -> BTreeSet<String> {
    range.map(host).collect()
}

#[test]
fn a_scale_in_of_30_percent_by_kill_leaves_a_few_at_a_time_once_the_others_are_heard_well() {
    let mut fleet = orders(100);
    for n in 0..30 {
        fleet.kill(&host(n));
    }
    let story = run(&mut fleet, 400);
    // The first of them to be due is held already: its silence is noticed before.
    assert_eq!(story.when("held").len(), 30);
    assert_eq!(story.first_and_last("held"), Some((61, 90)));
    // One lease time of listening, then ten hosts in each; what is left after three lease times
    // of hold goes with them.
    assert_eq!(story.first_and_last("expired"), Some((151, 360)));
    assert_eq!(story.gone(), hosts(0..30));
    let by_the_others = ReleaseReason::OthersHeard { kept_percent: 100 };
    let reasons = story.reasons();
    assert_eq!(reasons.iter().filter(|reason| **reason == by_the_others).count(), 22, "{reasons:?}");
    assert_eq!(reasons.iter().filter(|reason| **reason == ReleaseReason::HeldLongEnough).count(), 8);
    for window in (151..331).step_by(90) {
        let left = story.when("expired").iter().filter(|at| (window..window + 90).contains(*at)).count();
        assert!(left <= 11, "{left} left in the lease time from {window}");
    }
    assert_eq!(fleet.listed(), (70, 0));
    let report = fleet.scene.registry.guard_report(fleet.scene.now());
    assert_eq!(report.scopes[0].state, ScopeState::Open);
    assert_eq!((report.past[0].returned, report.past[0].left), (0, 30));
    assert_eq!(report.past[0].entered, Arithmetic { hosts: 100, silent: 30, tolerated: 15 });
}

#[test]
fn what_is_tolerated_leaves_at_its_deadline() {
    let mut fleet = orders(100);
    for n in 0..15 {
        fleet.kill(&host(n));
    }
    let story = run(&mut fleet, 100);
    assert_eq!((story.when("held"), story.when("expired").len()), (vec![], 15));
    assert_eq!(story.first_and_last("expired"), Some((61, 90)));
}

#[test]
fn one_more_than_tolerated_is_held_from_the_first_on() {
    let mut fleet = orders(100);
    for n in 0..16 {
        fleet.kill(&host(n));
    }
    let story = run(&mut fleet, 100);
    assert_eq!((story.when("held").len(), story.when("expired")), (16, vec![]));
}

#[test]
fn a_lost_zone_is_held_and_leaves_when_the_other_zones_are_heard_well() {
    let machines = (0..90).map(|n| (host(n), ["a", "b", "c"][n / 30], vec!["orders", "stock"]));
    let mut fleet = fleet(Config::default(), machines);
    for n in 60..90 {
        fleet.kill(&host(n));
    }
    let story = run(&mut fleet, 400);
    assert_eq!(story.when("held").len(), 60);
    // The widest scope: its other zones tell whether we hear well.
    assert_eq!(story.scopes(), BTreeSet::from([Scope::Registry]));
    assert_eq!(story.gone(), hosts(60..90));
    assert!(story.first_and_last("expired").unwrap().0 >= 150);
    assert_eq!(fleet.listed(), (120, 0));
}

#[test]
fn a_zone_that_we_cannot_reach_for_a_while_loses_nobody() {
    let machines = (0..90).map(|n| (host(n), ["a", "b", "c"][n / 30], vec!["orders"]));
    let mut fleet = fleet(Config::default(), machines);
    for n in 60..90 {
        fleet.kill(&host(n));
    }
    let held = run(&mut fleet, 120);
    assert_eq!((held.when("held").len(), held.when("expired").len()), (30, 0));
    for n in 60..90 {
        fleet.resume(&host(n));
    }
    let back = run(&mut fleet, 60);
    assert_eq!((back.when("returned").len(), back.when("expired").len()), (30, 0));
    assert_eq!(fleet.listed(), (90, 0));
}

#[test]
fn a_rack_with_ten_services_on_each_host_counts_by_hosts_and_leaves_at_its_deadline() {
    let services = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"];
    let mut fleet = fleet(Config::default(), (0..60).map(|n| (host(n), "a", services.to_vec())));
    // 6 of 60 hosts, 60 of 600 instances.
    for n in 0..6 {
        fleet.kill(&host(n));
    }
    let story = run(&mut fleet, 100);
    assert_eq!((story.when("held").len(), story.when("expired").len()), (0, 60));
    assert!(story.first_and_last("expired").unwrap().1 <= 90);
    assert_eq!(fleet.listed(), (540, 0));
}

#[test]
fn the_registrys_own_network_cut_for_a_minute_evicts_nobody() {
    let mut fleet = Fleet::new(Config::default(), 30);
    for n in 0..50 {
        fleet.add(&host(n), "a", &["orders"]);
    }
    fleet.run(90);
    fleet.told();
    fleet.cut_off(true);
    let cut = run(&mut fleet, 60);
    // Leases of 30 s: all of them come due, and all are held.
    assert_eq!((cut.when("held").len(), cut.when("expired").len()), (50, 0));
    assert_eq!(fleet.listed(), (50, 50));
    fleet.cut_off(false);
    let back = run(&mut fleet, 60);
    assert_eq!((back.when("returned").len(), back.when("expired").len()), (50, 0));
    assert!(back.first_and_last("returned").unwrap().1 <= 10, "each with its first beat");
    assert_eq!(fleet.listed(), (50, 0));
    let report = fleet.scene.registry.guard_report(fleet.scene.now());
    assert_eq!((report.past.len(), report.past[0].returned), (1, 50));
}

#[test]
fn on_a_laptop_that_starts_the_next_day_the_absent_leave_unheld_and_the_present_stay() {
    let mut yesterday = orders(40);
    let kept: Vec<_> = yesterday
        .scene
        .registry
        .catalog()
        .services()
        .flat_map(|view| view.iter())
        .map(|row| Arc::clone(&row.instance))
        .collect();
    drop(yesterday.told());
    let mut today = Scene::new();
    for instance in kept {
        today.registry.restore(today.now(), instance, Duration::from_hours(14));
    }
    // Three are still there, and beat every 30 s.
    let mut expired = Vec::new();
    for second in 1..=500_u64 {
        today.advance_millis(1_000);
        if second % 30 == 7 {
            for n in 0..3 {
                today.beat("orders", &format!("orders@{}", host(n)));
            }
        }
        for change in today.take_changes() {
            let Cause::Expired(silence) = change.cause() else { panic!("{:?}", change.cause()) };
            assert_eq!(silence.guard, GuardWord::Unheard);
            expired.push(second);
        }
    }
    // 90 s and ten intervals of grace.
    assert_eq!((expired.len(), expired.first(), expired.last()), (37, Some(&390), Some(&390)));
    assert_eq!(today.registry.catalog().counts().total(), 3);
}

#[test]
fn a_registry_of_two_is_never_held() {
    let mut fleet = orders(2);
    fleet.kill(&host(0));
    let story = run(&mut fleet, 100);
    assert_eq!((story.when("held"), story.when("expired")), (vec![], vec![90]));
    let Change::Removed { cause: Cause::Expired(silence), .. } = &story.told[0].change else { panic!() };
    assert_eq!(silence.guard, GuardWord::TooFewHosts { hosts: 2 });
}

#[test]
fn a_rolling_restart_in_place_holds_and_loses_nobody() {
    let mut fleet = orders(40);
    let begin = fleet.now_secs();
    for n in 0..40 {
        fleet.kill(&host(n));
        fleet.run(20);
        fleet.start(&host(n));
    }
    fleet.run(200);
    let story = Story { begin, told: fleet.told() };
    assert_eq!((story.when("held"), story.when("expired")), (vec![], vec![]));
    assert_eq!(story.when("registered-again").len(), 40);
}

#[test]
fn a_rolling_replacement_under_new_names_leaves_by_and_by_and_holds_no_newcomer() {
    let mut fleet = orders(40);
    let begin = fleet.now_secs();
    // One every ten seconds: nine in a lease time, of some fifty hosts.
    for n in 0..40 {
        fleet.kill(&host(n));
        fleet.add(&host(100 + n), "a", &["orders"]);
        fleet.run(10);
    }
    fleet.run(400);
    let story = Story { begin, told: fleet.told() };
    assert_eq!(story.gone(), hosts(0..40));
    assert_eq!(fleet.listed(), (40, 0));
    assert!(story.when("held").len() < 40, "some leave at their deadline");
    let last_kill = 390;
    assert!(story.first_and_last("expired").unwrap().1 <= last_kill + 90 + 270);
}

#[test]
fn everything_dead_for_good_leaves_after_the_longest_hold() {
    let mut fleet = orders(50);
    for n in 0..50 {
        fleet.kill(&host(n));
    }
    let story = run(&mut fleet, 500);
    assert_eq!(story.first_and_last("held"), Some((61, 90)));
    // Nobody is left to listen to: three lease times of hold, for each its own.
    assert_eq!(story.first_and_last("expired"), Some((331, 360)));
    assert!(story.reasons().iter().all(|reason| *reason == ReleaseReason::HeldLongEnough));
    assert_eq!(fleet.listed(), (0, 0));
    assert_eq!(fleet.scene.registry.guard_report(fleet.scene.now()).past.len(), 1);
}

#[test]
fn held_for_ever_everything_dead_stays_until_an_operator_lets_it_go() {
    let guard = GuardConfig { max_hold: MaxHold::Forever, ..GuardConfig::default() };
    let config = Config { guard, ..Config::default() };
    let mut fleet = fleet(config, (0..50).map(|n| (host(n), "a", vec!["orders"])));
    for n in 0..50 {
        fleet.kill(&host(n));
    }
    let story = run(&mut fleet, 7_200);
    assert_eq!((story.when("held").len(), story.when("expired").len()), (50, 0));
    let by = Sender { face: "rest", operator: Some("alice".into()), ..Sender::default() };
    let released = fleet.scene.registry.release(&Scope::Registry, &by).unwrap();
    assert_eq!((released.hosts, released.leases), (50, 50));
    let story = run(&mut fleet, 1);
    assert_eq!(story.when("expired").len(), 50);
    assert!(story.reasons().iter().all(|reason| *reason == ReleaseReason::ByHand(by.clone())));
}

#[test]
fn a_scope_that_is_not_held_cannot_be_released() {
    let mut fleet = orders(20);
    let nowhere = Scope::Zone("nowhere".into());
    for scope in [Scope::Registry, nowhere, Scope::Service(ServiceName::new("orders"))] {
        let refused = fleet.scene.registry.release(&scope, &Sender::default()).unwrap_err();
        assert_eq!(refused.to_string(), format!("the guard does not hold {scope}"));
    }
}

#[test]
fn after_a_release_what_comes_due_there_leaves_too() {
    let mut fleet = orders(50);
    for n in 0..25 {
        fleet.kill(&host(n));
    }
    run(&mut fleet, 70);
    let held = fleet.listed().1;
    assert!((1..25).contains(&held), "{held}");
    fleet.scene.registry.release(&Scope::Registry, &Sender::default()).unwrap();
    let story = run(&mut fleet, 25);
    assert_eq!((story.when("expired").len(), story.when("held").len()), (25, 0));
    assert_eq!(fleet.listed(), (25, 0));
}

#[test]
fn a_service_that_dies_is_held_in_its_own_scope_where_the_registry_is_large() {
    let machines = (0..200).map(|n| (host(n), "a", vec![if n < 20 { "orders" } else { "stock" }]));
    let mut fleet = fleet(Config::default(), machines);
    for n in 0..10 {
        fleet.kill(&host(n));
    }
    let story = run(&mut fleet, 100);
    assert_eq!(story.scopes(), BTreeSet::from([Scope::Service(ServiceName::new("orders"))]));
    assert_eq!((story.when("held").len(), story.when("expired").len()), (10, 0));
}

#[test]
fn an_explicit_departure_is_never_held() {
    let mut fleet = orders(50);
    for n in 0..30 {
        let key = lubdub_core::model::InstanceKey::new("orders", &format!("orders@{}", host(n)));
        fleet.kill(&host(n));
        fleet.scene.run(&Command::Deregister { key }).unwrap();
    }
    let story = run(&mut fleet, 120);
    assert_eq!((story.when("deregistered").len(), story.when("held").len()), (30, 0));
    // Nor does it count as a loss: of the 20 that are left three may go.
    for n in 30..33 {
        fleet.kill(&host(n));
    }
    let story = run(&mut fleet, 100);
    assert_eq!((story.when("expired").len(), story.when("held").len()), (3, 0));
}

#[test]
fn while_the_others_are_heard_badly_nobody_is_let_go_early() {
    let mut fleet = orders(100);
    for n in 0..30 {
        fleet.kill(&host(n));
    }
    // Of the others every tenth misses two beats of three.
    let begin = fleet.now_secs();
    for second in 0..330_u64 {
        for n in (30..100).step_by(5) {
            if second % 90 == 0 {
                fleet.resume(&host(n));
            }
            if second % 90 == 30 {
                fleet.kill(&host(n));
            }
        }
        fleet.run(1);
    }
    let story = Story { begin, told: fleet.told() };
    assert!(
        story.first_and_last("expired").is_none_or(|(first, _)| first >= 331),
        "{:?}",
        story.when("expired")
    );
}

#[test]
fn switched_off_it_holds_nothing() {
    let guard = GuardConfig { enabled: false, ..GuardConfig::default() };
    let config = Config { guard, ..Config::default() };
    let mut fleet = fleet(config, (0..50).map(|n| (host(n), "a", vec!["orders"])));
    for n in 0..50 {
        fleet.kill(&host(n));
    }
    let story = run(&mut fleet, 100);
    assert_eq!((story.when("held").len(), story.when("expired").len()), (0, 50));
}

#[test]
fn a_slow_host_that_was_evicted_before_does_not_count_for_ever() {
    let mut fleet = orders(30);
    // Four hosts, one lease time apart each: never more than tolerated at once.
    let begin = fleet.now_secs();
    for n in 0..8 {
        fleet.kill(&host(n));
        fleet.run(95);
    }
    fleet.run(100);
    let story = Story { begin, told: fleet.told() };
    assert_eq!((story.when("expired").len(), story.when("held").len()), (8, 0));
}

#[test]
fn the_word_to_a_departure_tells_the_arithmetic() {
    let mut scene = Scene::new();
    for n in 0..20 {
        scene.register(provider("orders", &format!("o-{n}")).host(&host(n)));
    }
    for _ in 0..4 {
        scene.advance_millis(30_000);
        for n in 1..20 {
            scene.beat("orders", &format!("o-{n}"));
        }
    }
    let changes = scene.take_changes();
    let Some(Cause::Expired(silence)) = changes.last().map(Change::cause) else { panic!("{changes:?}") };
    assert_eq!(silence.guard, GuardWord::Open(Arithmetic { hosts: 20, silent: 1, tolerated: 3 }));
}
