//! What happens to processes that keep what they provide by sessions.

use lubdub_core::model::PhiLevel;

use super::towns::SERVICES;
use super::{Group, Scenario, Terms};
use crate::chance::{Chance, Concern};
use crate::client::Kind;
use crate::plan::{Delay, Fault, HostPlan, Plan, ProviderPlan, SessionPlan, Way, Weather};
use crate::time::{MILLI, MINUTE, SECOND};

const THEN: u64 = 5 * MINUTE;
/// How many instances one session keeps.
const ON_ONE: usize = 4;
const TIMEOUT: u64 = 15 * SECOND;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new(
        Group::Sessions,
        "sessions",
        "processes with sessions are killed, leave, fall silent and lose their connection, one after the other",
        800,
        |terms| {
            let mut plan = Plan::quiet(processes(terms.providers), 20 * MINUTE);
            let hosts = plan.hosts.len();
            for n in 0..hosts / 10 {
                let (at, first) = (THEN + n as u64 * 20 * SECOND, n * 10);
                plan = plan
                    .with(at, Fault::Kill(vec![first]))
                    .with(at + 4 * SECOND, Fault::Leave(vec![first + 1]))
                    .with(at + 8 * SECOND, Fault::Crash(vec![first + 2]))
                    .with(at + 12 * SECOND, Fault::CloseConnections(vec![first + 3]))
                    .with(at + 14 * SECOND, Fault::CloseConnections(vec![first + 4]))
                    .with(at + 14 * SECOND, Fault::Crash(vec![first + 4]))
                    .with(at + 15 * SECOND, Fault::Start(vec![first]));
            }
            plan
        },
    ),
    Scenario::new(
        Group::Sessions,
        "proxy-reloaded",
        "all sessions lose their connection at once, twice; a process in twenty does not come back",
        800,
        |terms| {
            let plan = Plan::quiet(processes(terms.providers), 15 * MINUTE);
            let all: Vec<_> = (0..plan.hosts.len()).collect();
            let few = all.iter().copied().step_by(20).collect();
            plan.with(THEN, Fault::CloseConnections(all.clone()))
                .with(THEN + 4 * MINUTE, Fault::CloseConnections(all))
                .with(THEN + 4 * MINUTE, Fault::Crash(few))
        },
    ),
    Scenario::new(
        Group::Sessions,
        "sessions-restart",
        "the registry stands still, is deaf, is killed and back after 2 s, among processes with sessions; then all stop",
        800,
        |terms| {
            let plan = Plan::quiet(processes(terms.providers), 20 * MINUTE);
            let hosts = plan.hosts.len();
            let (some, others) = ((0..hosts / 2).collect(), (hosts / 2..hosts).collect());
            plan.with(THEN, Fault::PauseRegistry(30 * SECOND))
                .with(THEN + MINUTE, Fault::Deafen(20 * SECOND))
                .with(THEN + MINUTE + 5 * SECOND, Fault::Kill(vec![0]))
                .with(THEN + 3 * MINUTE, Fault::CrashRegistry(2 * SECOND))
                .with(THEN + 3 * MINUTE + SECOND, Fault::Crash(vec![1]))
                .with(THEN + 6 * MINUTE, Fault::Leave(some))
                .with(THEN + 8 * MINUTE, Fault::Crash(others))
        },
    ),
];

pub(super) const ANYTHING: &[Scenario] = &[Scenario {
    name: "sessions-anything",
    group: Group::Anything,
    about: "some of all faults that meet processes with sessions, chosen and timed by the seed",
    providers: 200,
    plan: anything,
}];

/// Processes with a session for their instances; every second one asks to be waited for.
fn processes(providers: usize) -> Vec<HostPlan> {
    let process = |n: usize| HostPlan {
        zone: ["a", "b", "c"].get(n % 3).copied().unwrap_or("a"),
        providers: SERVICES
            .iter()
            .cycle()
            .skip(n)
            .take(ON_ONE)
            .map(|service| ProviderPlan {
                service,
                kind: Kind::Sdk,
                ttl: TIMEOUT,
                interval: TIMEOUT / 3,
                phi: None,
            })
            .collect(),
        runs: true,
        skew: i64::try_from(n * 37 % 401).unwrap_or(0) - 200,
        session: Some(SessionPlan {
            timeout: TIMEOUT,
            grace: if n.is_multiple_of(2) { 0 } else { 2 * SECOND },
            phi: None,
        }),
    };
    (0..providers.div_ceil(ON_ONE)).map(process).collect()
}

fn anything(terms: &Terms) -> Plan {
    let mut chance = Chance::of(terms.seed, Concern::Faults);
    let lasts = terms.lasts.unwrap_or(40 * MINUTE);
    let mut of_leases = Chance::of(terms.seed, Concern::Leases);
    let share = [0.0, 0.5].get(of_leases.index(2)).copied().unwrap_or(0.0);
    let mut processes = processes(terms.providers);
    for session in processes.iter_mut().filter_map(|process| process.session.as_mut()) {
        session.phi = of_leases.happens(share).then_some(PhiLevel::USUAL);
    }
    let mut plan = Plan::quiet(processes, lasts);
    plan.calm = 20 * MINUTE;
    plan.each_fault_must_happen = false;
    plan.config.hash_seed = chance.below(u64::MAX);
    plan.backlog = [64, 65_536].get(chance.index(2)).copied().unwrap_or(1_024);
    let hosts = plan.hosts.len();
    let mut at = 2 * MINUTE;
    while at + 4 * MINUTE < lasts {
        let most = if chance.happens(0.3) { hosts } else { (hosts / 10).max(1) };
        let first = chance.index(hosts);
        let some: Vec<_> = (first..hosts).take(1 + chance.index(most)).collect();
        let till = at + chance.within(SECOND, 3 * MINUTE);
        let short = chance.within(100 * MILLI, 40 * SECOND);
        plan = match chance.below(11) {
            0 => plan.with(at, Fault::Kill(some.clone())).with(till, Fault::Start(some)),
            1 => plan.with(at, Fault::Crash(some.clone())).with(till, Fault::Start(some)),
            2 => plan.with(at, Fault::Leave(some.clone())).with(till, Fault::Start(some)),
            3 => plan.with(at, Fault::Cut(some.clone(), Way::Both)).with(till, Fault::Heal(some)),
            4 => plan.with(at, Fault::Cut(some.clone(), Way::FromRegistry)).with(till, Fault::Heal(some)),
            5 => plan.with(at, Fault::Pause(some, short)),
            6 => plan.with(at, Fault::PauseRegistry(short)),
            7 => plan.with(at, Fault::Deafen(short)),
            8 => plan.with(at, Fault::CrashRegistry(short)),
            9 => {
                let delay = Delay::Exponential { least: MILLI, mean: chance.within(1, 400) * MILLI };
                let weather = Weather { loss: chance.share() * 0.3, delay, ..Weather::default() };
                plan.with(at, Fault::Weather(weather)).with(till, Fault::Weather(Weather::default()))
            }
            _ => plan.with(at, Fault::CloseConnections(some)),
        };
        at += chance.within(SECOND, 90 * SECOND);
    }
    plan
}
