//! What happens to many machines at once: the guard's table.

use lubdub_core::guard::Scope;

use super::towns::{SERVICES, alike, host, with_lease};
use super::{Group, Scenario, Terms};
use crate::client::Kind;
use crate::plan::{Fault, HostPlan, Plan, ProviderPlan, Way, Weather};
use crate::time::{MINUTE, SECOND};

/// When it happens.
const THEN: u64 = 5 * MINUTE;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new(
        Group::Masses,
        "kill-14-percent",
        "14 % of the machines stop at once, a little less than tolerated",
        1_000,
        |terms| stop(terms, 14),
    ),
    Scenario::new(Group::Masses, "kill-30-percent", "30 % of the machines stop at once", 1_000, |terms| {
        stop(terms, 30)
    }),
    Scenario::new(
        Group::Masses,
        "kill-60-percent",
        "60 % of the machines stop within 30 s",
        1_000,
        |terms| {
            let mut plan = usual(terms);
            let dead = plan.hosts.len() * 60 / 100;
            for n in 0..dead {
                plan = plan.with(THEN + n as u64 * 30 * SECOND / dead as u64, Fault::Crash(vec![n]));
            }
            plan
        },
    ),
    Scenario::new(Group::Masses, "all-dead", "every machine stops", 1_000, |terms| stop(terms, 100)),
    Scenario::new(
        Group::Masses,
        "all-dead-released",
        "every machine stops; an operator lets them go after three minutes",
        1_000,
        |terms| stop(terms, 100).with(THEN + 3 * MINUTE, Fault::Release(Scope::Registry)),
    ),
    Scenario::new(Group::Masses, "zone-lost", "one zone of three stops", 1_000, |terms| {
        let plan = usual(terms);
        let lost = zone(&plan, "c");
        plan.with(THEN, Fault::Crash(lost))
    }),
    Scenario::new(
        Group::Masses,
        "zone-cut",
        "one zone of three cannot reach the registry for two minutes",
        1_000,
        |terms| zone_cut(terms, Kind::Python),
    ),
    Scenario::new(
        Group::Masses,
        "zone-cut-backing-off",
        "the same, and its clients back off to ten intervals when nothing answers",
        1_000,
        |terms| zone_cut(terms, Kind::Java),
    ),
    Scenario::new(
        Group::Masses,
        "rack",
        "a rack of 10 % of the machines stops, with ten services on each",
        2_000,
        |terms| {
            let on = || SERVICES.iter().map(|service| ProviderPlan::usual(service, Kind::Java)).collect();
            let hosts: Vec<HostPlan> = (0..(terms.providers / 10).max(1)).map(|_| host("a", on())).collect();
            let rack = (0..hosts.len() / 10).collect();
            Plan::quiet(hosts, 15 * MINUTE).with(THEN, Fault::Crash(rack))
        },
    ),
    Scenario::new(
        Group::Masses,
        "crowded-rack",
        "a rack of 10 % of the machines stops, with ten processes of a service on each; others run one",
        1_900,
        |terms| {
            let machines = (terms.providers * 10 / 19).max(10);
            let on = |n: usize| {
                vec![ProviderPlan::usual("orders", Kind::Java); if n < machines / 10 { 10 } else { 1 }]
            };
            let hosts = (0..machines).map(|n| host("a", on(n))).collect();
            Plan::quiet(hosts, 15 * MINUTE).with(THEN, Fault::Crash((0..machines / 10).collect()))
        },
    ),
    Scenario::new(
        Group::Masses,
        "top-of-rack",
        "a tenth of the machines lose 30 % of their messages for five minutes",
        400,
        |terms| {
            let plan = usual(terms);
            let rack: Vec<_> = (0..plan.hosts.len() / 10).collect();
            let weather = Weather { loss: 0.3, ..Weather::default() };
            plan.with(THEN, Fault::LocalWeather(rack, weather))
                .with(THEN + 5 * MINUTE, Fault::Weather(Weather::default()))
        },
    ),
    Scenario::new(
        Group::Masses,
        "own-network-cut",
        "the registry's own network is cut for a minute, leases of 30 s",
        1_000,
        |terms| {
            let plan = Plan::quiet(with_lease(terms.providers, Kind::Python, 30, 10), 15 * MINUTE);
            let all: Vec<_> = (0..plan.hosts.len()).collect();
            plan.with(THEN, Fault::Cut(all.clone(), Way::Both)).with(THEN + MINUTE, Fault::Heal(all))
        },
    ),
    Scenario::new(Group::Masses, "registry-of-two", "one of two machines stops", 2, |terms| {
        Plan::quiet(alike(terms.providers, Kind::Java), 10 * MINUTE).with(THEN, Fault::Crash(vec![0]))
    }),
    Scenario::new(
        Group::Masses,
        "rolling-restart",
        "every machine is restarted, 20 s each, one after the other",
        500,
        |terms| {
            let hosts = alike(terms.providers, Kind::Java);
            let mut plan = Plan::quiet(hosts, THEN + terms.providers as u64 * 20 * SECOND + MINUTE);
            for n in 0..plan.hosts.len() {
                let at = THEN + n as u64 * 20 * SECOND;
                plan = plan.with(at, Fault::Crash(vec![n])).with(at + 20 * SECOND, Fault::Start(vec![n]));
            }
            plan
        },
    ),
    Scenario::new(
        Group::Masses,
        "mass-restart",
        "every machine is restarted within a minute",
        2_000,
        |terms| {
            let mut plan = usual(terms);
            let hosts = plan.hosts.len();
            for n in 0..hosts {
                let at = THEN + n as u64 * 30 * SECOND / hosts as u64;
                plan = plan.with(at, Fault::Crash(vec![n])).with(at + 30 * SECOND, Fault::Start(vec![n]));
            }
            plan
        },
    ),
    Scenario::new(
        Group::Masses,
        "rolling-replacement",
        "every machine is replaced by a new one, one in two seconds",
        1_000,
        |terms| {
            let old = (terms.providers / 2).max(1);
            let mut hosts = alike(2 * old, Kind::Java);
            // Each in the zone of the one that it replaces.
            let zones: Vec<_> = alike(old, Kind::Java).iter().map(|host| host.zone).collect();
            for (host, zone) in hosts.iter_mut().zip(zones.iter().cycle()) {
                host.zone = zone;
            }
            for newcomer in hosts.iter_mut().skip(old) {
                newcomer.runs = false;
            }
            let mut plan = Plan::quiet(hosts, THEN + old as u64 * 2 * SECOND);
            for n in 0..old {
                let at = THEN + n as u64 * 2 * SECOND;
                plan = plan.with(at, Fault::Crash(vec![n])).with(at, Fault::Start(vec![old + n]));
            }
            plan
        },
    ),
    Scenario::new(Group::Masses, "leave", "30 % of the machines leave in good order", 1_000, |terms| {
        let plan = usual(terms);
        let leaving = (0..plan.hosts.len() * 30 / 100).collect();
        plan.with(THEN, Fault::Leave(leaving))
    }),
];

fn usual(terms: &Terms) -> Plan {
    Plan::quiet(alike(terms.providers, Kind::Java), terms.lasts.unwrap_or(15 * MINUTE))
}

/// So many of a hundred, evenly from all zones.
fn stop(terms: &Terms, percent: usize) -> Plan {
    let plan = usual(terms);
    let dead = (0..plan.hosts.len()).filter(|n| n * percent / 100 < (n + 1) * percent / 100).collect();
    plan.with(THEN, Fault::Crash(dead))
}

/// One zone of three is cut off for two minutes.
fn zone_cut(terms: &Terms, kind: Kind) -> Plan {
    let plan = Plan::quiet(alike(terms.providers, kind), terms.lasts.unwrap_or(15 * MINUTE));
    let lost = zone(&plan, "c");
    plan.with(THEN, Fault::Cut(lost.clone(), Way::Both)).with(THEN + 2 * MINUTE, Fault::Heal(lost))
}

fn zone(plan: &Plan, name: &str) -> Vec<usize> {
    let of = |(n, host): (usize, &HostPlan)| (host.zone == name).then_some(n);
    plan.hosts.iter().enumerate().filter_map(of).collect()
}
