//! Everything that a seed can think of: a part of all faults, at any time, then calm.

use std::time::Duration;

use lubdub_core::damping::DampingRules;
use lubdub_core::guard::Scope;
use lubdub_core::model::ServiceName;

use super::towns::{SERVICES, ZONES, adaptive, mixed};
use super::{Group, Scenario, Terms};
use crate::chance::{Chance, Concern};
use crate::plan::{Delay, Fault, Plan, Way, Weather};
use crate::time::{MILLI, MINUTE, SECOND};

pub(super) const ALL: &[Scenario] = &[Scenario {
    name: "anything",
    group: Group::Anything,
    about: "some of all faults, chosen and timed by the seed",
    providers: 200,
    plan: plan_of,
}];

/// How many kinds of fault there are to choose from.
const KINDS: u64 = 18;

fn plan_of(terms: &Terms) -> Plan {
    let mut chance = Chance::of(terms.seed, Concern::Faults);
    let lasts = terms.lasts.unwrap_or(60 * MINUTE);
    // All leases are as ever in one world of three, and most of them adaptive in another.
    let mut of_leases = Chance::of(terms.seed, Concern::Leases);
    let share = [0.0, 0.3, 0.8].get(of_leases.index(3)).copied().unwrap_or(0.0);
    let hosts = adaptive(mixed(terms.providers), || of_leases.happens(share));
    let mut plan = Plan::quiet(hosts, lasts);
    plan.calm = 40 * MINUTE;
    plan.each_fault_must_happen = false;
    plan.config.feed_capacity = [64, 1_024, 65_536].get(chance.index(3)).copied().unwrap_or(1_024);
    plan.config.hash_seed = chance.below(u64::MAX);
    plan.backlog = [64, 1_024, 65_536].get(chance.index(3)).copied().unwrap_or(1_024);
    plan.disk.mean = chance.within(1, 100) * MILLI;
    if chance.happens(0.5) {
        plan.config.damping.rules = DampingRules { enabled: true, ..DampingRules::default() };
        plan.config.damping.rules.longest = Duration::from_mins(chance.within(2, 10));
    }
    // Not all at once: what one fault would hide of another shows where that one is left out.
    let chosen: Vec<bool> = (0..KINDS).map(|_| chance.happens(0.5)).collect();
    let mut at = 2 * MINUTE;
    while at + 6 * MINUTE < lasts {
        let kind = chance.index(chosen.len());
        if chosen.get(kind).copied().unwrap_or(false) {
            plan = happen(plan, at, kind, &mut chance);
        }
        at += chance.within(SECOND, 90 * SECOND);
    }
    plan
}

/// Some machines, sometimes many: next to each other, as in a rack or zone.
fn some(hosts: usize, chance: &mut Chance) -> Vec<usize> {
    let most = if chance.happens(0.2) { hosts } else { (hosts / 10).max(1) };
    let first = chance.index(hosts);
    (first..hosts).take(1 + chance.index(most)).collect()
}

fn happen(plan: Plan, at: u64, kind: usize, chance: &mut Chance) -> Plan {
    let hosts = some(plan.hosts.len(), chance);
    let span = chance.within(SECOND, 4 * MINUTE);
    let short = chance.within(100 * MILLI, 90 * SECOND);
    let till = at + span;
    match kind {
        0 => plan.with(at, Fault::Crash(hosts.clone())).with(till, Fault::Start(hosts)),
        1 => plan.with(at, Fault::Crash(hosts)),
        2 => plan.with(at, Fault::Start(hosts)),
        3 => plan.with(at, Fault::Kill(hosts.clone())).with(till, Fault::Start(hosts)),
        4 => plan.with(at, Fault::Pause(hosts, span)),
        5 => plan.with(at, Fault::Leave(hosts.clone())).with(till, Fault::Start(hosts)),
        6 => plan.with(at, Fault::Cut(hosts.clone(), Way::Both)).with(till, Fault::Heal(hosts)),
        7 => plan.with(at, Fault::Cut(hosts.clone(), Way::ToRegistry)).with(till, Fault::Heal(hosts)),
        8 => plan.with(at, Fault::Cut(hosts.clone(), Way::FromRegistry)).with(till, Fault::Heal(hosts)),
        9 => plan.with(at, Fault::Weather(weather(chance))).with(till, Fault::Weather(Weather::default())),
        10 => plan.with(at, Fault::PauseRegistry(short)),
        11 => plan.with(at, Fault::Deafen(short)),
        12 => plan.with(at, Fault::CrashRegistry(short)),
        13 => plan.with(at, Fault::StallDisk(short)),
        // With something to write while it fails.
        14 => plan
            .with(at, Fault::FailDisk(short))
            .with(at + 10 * MILLI, Fault::Override(hosts.clone()))
            .with(till, Fault::AskAgain(hosts)),
        15 => {
            let millis = i64::try_from(chance.below(7_200_000)).unwrap_or(0) - 3_600_000;
            plan.with(at, Fault::SetWall(millis))
        }
        16 => plan.with(at, Fault::Override(hosts.clone())).with(till, Fault::AskAgain(hosts)),
        _ => {
            let scope = match chance.below(3) {
                0 => Scope::Registry,
                1 => Scope::Zone(ZONES.get(chance.index(3)).copied().unwrap_or("a").into()),
                _ => Scope::Service(ServiceName::new(
                    SERVICES.get(chance.index(10)).copied().unwrap_or("orders"),
                )),
            };
            plan.with(at, Fault::Release(scope))
        }
    }
}

fn weather(chance: &mut Chance) -> Weather {
    let delay = match chance.below(3) {
        0 => Delay::Constant(chance.within(1, 200) * MILLI),
        1 => Delay::Exponential { least: MILLI, mean: chance.within(1, 3_000) * MILLI },
        _ => Delay::Heavy { least: chance.within(1, 100) * MILLI },
    };
    let burst = chance.happens(0.3).then(|| chance.within(2, 30) as f64);
    Weather { loss: chance.share() * 0.4, burst, duplicated: chance.share() * 0.1, delay }
}
