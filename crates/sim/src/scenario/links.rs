//! What happens to messages, clocks and single providers.

use lubdub_core::damping::DampingRules;

use super::towns::{adaptive, alike, mixed, with_lease};
use super::{Group, Scenario, Terms};
use crate::client::Kind;
use crate::plan::{Delay, Fault, Plan, Way, Weather};
use crate::time::{MILLI, MINUTE, SECOND};

pub(super) const ALL: &[Scenario] = &[
    Scenario::new(Group::Links, "quiet", "nothing happens to clients of every kind", 1_000, |terms| {
        Plan::quiet(mixed(terms.providers), terms.lasts.unwrap_or(30 * MINUTE))
    }),
    Scenario::new(
        Group::Links,
        "loss-1",
        "1 % of all messages are lost; one machine in a hundred stops",
        1_000,
        |terms| loss(terms, 0.01),
    ),
    Scenario::new(
        Group::Links,
        "loss-5",
        "5 % of all messages are lost; one machine in a hundred stops",
        1_000,
        |terms| loss(terms, 0.05),
    ),
    Scenario::new(
        Group::Links,
        "loss-20",
        "20 % of all messages are lost; one machine in a hundred stops",
        1_000,
        |terms| loss(terms, 0.2),
    ),
    Scenario::new(
        Group::Links,
        "bursts",
        "1 % of all messages are lost, ten in a row of one machine on average",
        1_000,
        |terms| {
            let terms = Terms { lasts: terms.lasts.or(Some(10 * MINUTE)), ..*terms };
            let mut plan = lossy(&terms, alike(terms.providers, Kind::Sdk));
            plan.weather = Weather { loss: 0.01, burst: Some(10.0), ..Weather::default() };
            plan
        },
    ),
    Scenario::new(
        Group::Links,
        "delays",
        "messages take times with a heavy tail, are overtaken, and some arrive twice",
        1_000,
        |terms| {
            let mut plan = lossy(terms, mixed(terms.providers));
            let delay = Delay::Heavy { least: 20 * MILLI };
            plan.weather = Weather { duplicated: 0.02, delay, ..Weather::default() };
            plan.with(5 * MINUTE, Fault::Weather(exponential(2 * SECOND)))
                .with(10 * MINUTE, Fault::Weather(jittery()))
        },
    ),
    Scenario::new(
        Group::Links,
        "adaptive",
        "adaptive leases: messages take times that vary, then very much; one machine in a hundred stops",
        1_000,
        |terms| {
            let mut plan = lossy(terms, adaptive(mixed(terms.providers), || true));
            plan.weather = jittery();
            plan.with(5 * MINUTE, Fault::Weather(Weather { duplicated: 0.02, ..jittery() }))
                .with(10 * MINUTE, Fault::Weather(exponential(2 * SECOND)))
        },
    ),
    Scenario::new(
        Group::Links,
        "sender-pauses",
        "each machine stands still for 0.5 to 60 s now and then",
        1_000,
        |terms| {
            let mut plan =
                Plan::quiet(alike(terms.providers, Kind::Java), terms.lasts.unwrap_or(40 * MINUTE));
            let hosts = plan.hosts.len();
            let lengths = [SECOND / 2, 5 * SECOND, 20 * SECOND, 60 * SECOND];
            for (n, length) in (0..hosts).zip(lengths.into_iter().cycle()) {
                let at = 5 * MINUTE + n as u64 * 30 * MINUTE / hosts as u64;
                plan = plan.with(at, Fault::Pause(vec![n], length));
            }
            plan
        },
    ),
    Scenario::new(
        Group::Links,
        "one-way",
        "answers to a tenth of the machines are lost for ten minutes, then their requests",
        1_000,
        |terms| {
            let plan = Plan::quiet(mixed(terms.providers), terms.lasts.unwrap_or(40 * MINUTE));
            let tenth: Vec<_> = (0..plan.hosts.len() / 10).collect();
            plan.with(5 * MINUTE, Fault::Cut(tenth.clone(), Way::FromRegistry))
                .with(15 * MINUTE, Fault::Heal(tenth.clone()))
                .with(20 * MINUTE, Fault::Cut(tenth.clone(), Way::ToRegistry))
                .with(30 * MINUTE, Fault::Heal(tenth))
        },
    ),
    Scenario::new(
        Group::Links,
        "killed",
        "a process in twenty is killed on machines that go on: their addresses refuse connections",
        1_000,
        |terms| {
            let mut plan = Plan::quiet(mixed(terms.providers), terms.lasts.unwrap_or(20 * MINUTE));
            for n in 0..plan.hosts.len() / 20 {
                plan = plan.with(5 * MINUTE + n as u64 * 20 * SECOND, Fault::Kill(vec![n * 20]));
            }
            plan
        },
    ),
    Scenario::new(
        Group::Links,
        "flapping",
        "one machine in fifty is cut off for 20 s of 40 for ten minutes; damping is on",
        200,
        |terms| {
            let hosts = with_lease(terms.providers, Kind::Sdk, 15, 5);
            let mut plan = Plan::quiet(hosts, terms.lasts.unwrap_or(20 * MINUTE));
            plan.config.damping.rules = DampingRules { enabled: true, ..DampingRules::default() };
            let few: Vec<_> = (0..plan.hosts.len()).step_by(50).collect();
            for time in 0..15 {
                let at = 5 * MINUTE + time * 40 * SECOND;
                plan = plan
                    .with(at, Fault::Cut(few.clone(), Way::Both))
                    .with(at + 20 * SECOND, Fault::Heal(few.clone()));
            }
            plan
        },
    ),
    Scenario::new(
        Group::Links,
        "restored-overrides",
        "operators override a tenth, then take it back without a word",
        1_000,
        |terms| {
            let plan = Plan::quiet(mixed(terms.providers), terms.lasts.unwrap_or(15 * MINUTE));
            let tenth: Vec<_> = (0..plan.hosts.len() / 10).collect();
            plan.with(3 * MINUTE, Fault::Override(tenth.clone())).with(8 * MINUTE, Fault::AskAgain(tenth))
        },
    ),
];

/// One machine in a hundred stops, one after the other.
fn lossy(terms: &Terms, hosts: Vec<crate::plan::HostPlan>) -> Plan {
    let lasts = terms.lasts.unwrap_or(20 * MINUTE);
    let mut plan = Plan::quiet(hosts, lasts);
    let hosts = plan.hosts.len();
    let stops = (hosts / 100).max(1);
    for n in 0..stops {
        let at = 3 * MINUTE + n as u64 * (lasts / 2) / stops as u64;
        plan = plan.with(at, Fault::Crash(vec![n * hosts / stops]));
    }
    plan
}

fn loss(terms: &Terms, share: f64) -> Plan {
    let mut plan = lossy(terms, alike(terms.providers, Kind::Python));
    plan.weather = Weather { loss: share, delay: jittery().delay, ..Weather::default() };
    plan
}

fn jittery() -> Weather {
    Weather { delay: Delay::Normal { mean: 100 * MILLI, deviation: 50 * MILLI }, ..Weather::default() }
}

fn exponential(mean: u64) -> Weather {
    Weather { delay: Delay::Exponential { least: MILLI, mean }, duplicated: 0.02, ..Weather::default() }
}
