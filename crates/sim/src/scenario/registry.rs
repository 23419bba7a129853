//! What happens to the registry's own process and disk.

use super::towns::{alike, mixed, with_lease};
use super::{Group, Scenario};
use crate::client::Kind;
use crate::plan::{Fault, Plan};
use crate::time::{MINUTE, SECOND};

const THEN: u64 = 5 * MINUTE;

pub(super) const ALL: &[Scenario] = &[
    Scenario::new(
        Group::Registry,
        "registry-paused",
        "the registry's process stands still for 0.5, 5, 30 and 60 s",
        2_000,
        |terms| {
            let plan = Plan::quiet(mixed(terms.providers), 20 * MINUTE);
            plan.with(THEN, Fault::PauseRegistry(SECOND / 2))
                .with(THEN + MINUTE, Fault::PauseRegistry(5 * SECOND))
                .with(THEN + 3 * MINUTE, Fault::PauseRegistry(30 * SECOND))
                .with(THEN + 7 * MINUTE, Fault::PauseRegistry(60 * SECOND))
        },
    ),
    Scenario::new(
        Group::Registry,
        "registry-deaf",
        "input is not served for 5 and 60 s, while the driver goes on; little can wait",
        1_000,
        |terms| {
            let hosts = with_lease(terms.providers, Kind::Sdk, 15, 5);
            let mut plan = Plan::quiet(hosts, 20 * MINUTE);
            plan.backlog = terms.providers / 4;
            plan.with(THEN, Fault::Deafen(5 * SECOND)).with(THEN + 2 * MINUTE, Fault::Deafen(60 * SECOND))
        },
    ),
    Scenario::new(
        Group::Registry,
        "deaf-and-dying",
        "the registry is deaf for 20 s of every minute, and machines stop meanwhile",
        1_000,
        |terms| {
            let mut plan = Plan::quiet(alike(terms.providers, Kind::Python), 25 * MINUTE);
            for minute in 0..10 {
                let at = THEN + minute * MINUTE;
                let dying = minute as usize * plan.hosts.len() / 100;
                plan = plan
                    .with(at, Fault::Deafen(20 * SECOND))
                    .with(at + 10 * SECOND, Fault::Crash(vec![dying]));
            }
            plan
        },
    ),
    Scenario::new(
        Group::Registry,
        "registry-restarted",
        "the registry is killed, and back after 1 s, 30 s and 10 min; a machine in fifty stops meanwhile",
        1_000,
        |terms| {
            let plan = Plan::quiet(mixed(terms.providers), 40 * MINUTE);
            let few: Vec<_> = (0..plan.hosts.len()).step_by(50).collect();
            plan.with(THEN, Fault::CrashRegistry(SECOND))
                .with(THEN + 3 * MINUTE, Fault::CrashRegistry(30 * SECOND))
                .with(THEN + 10 * MINUTE, Fault::CrashRegistry(10 * MINUTE))
                .with(THEN + 12 * MINUTE, Fault::Crash(few))
        },
    ),
    Scenario::new(
        Group::Registry,
        "next-day",
        "the registry is off for fourteen hours; three machines are still there",
        1_000,
        |terms| {
            let plan = Plan::quiet(alike(terms.providers, Kind::Python), THEN + 15 * 60 * MINUTE);
            let absent = (3..plan.hosts.len()).collect();
            plan.with(THEN, Fault::CrashRegistry(14 * 60 * MINUTE)).with(THEN + MINUTE, Fault::Crash(absent))
        },
    ),
    Scenario::new(
        Group::Registry,
        "slow-disk",
        "commits hang for 5 s and fail for a minute, while machines are restarted",
        1_000,
        |terms| {
            let mut plan = Plan::quiet(mixed(terms.providers), 20 * MINUTE);
            let hosts = plan.hosts.len();
            for n in 0..hosts.min(100) {
                let at = THEN + n as u64 * 3 * SECOND;
                plan = plan.with(at, Fault::Crash(vec![n])).with(at + 10 * SECOND, Fault::Start(vec![n]));
            }
            plan.with(THEN + 20 * SECOND, Fault::StallDisk(5 * SECOND))
                .with(THEN + 60 * SECOND, Fault::FailDisk(60 * SECOND))
                .with(THEN + 200 * SECOND, Fault::StallDisk(5 * SECOND))
                .with(THEN + 204 * SECOND, Fault::CrashRegistry(2 * SECOND))
        },
    ),
    Scenario::new(
        Group::Registry,
        "clock-set",
        "the registry's wall clock is set an hour forward, two back, and it is restarted",
        1_000,
        |terms| {
            let plan = Plan::quiet(mixed(terms.providers), 30 * MINUTE);
            plan.with(THEN, Fault::SetWall(3_600_000))
                .with(THEN + 2 * MINUTE, Fault::Crash(vec![0]))
                .with(THEN + 5 * MINUTE, Fault::SetWall(-7_200_000))
                .with(THEN + 7 * MINUTE, Fault::CrashRegistry(5 * SECOND))
                .with(THEN + 9 * MINUTE, Fault::Crash(vec![1]))
        },
    ),
    Scenario::new(
        Group::Registry,
        "expiry-burst",
        "every machine stops while the registry stands still for 30 s, so that all leases come due at once, unguarded",
        4_000,
        |terms| {
            // After a deaf stretch each has an interval left, so that most come due in the same slot.
            let mut plan = Plan::quiet(with_lease(terms.providers, Kind::Sdk, 6, 5), 6 * MINUTE);
            plan.config.guard.enabled = false;
            let all = (0..plan.hosts.len()).collect();
            plan.with(THEN, Fault::Crash(all)).with(THEN, Fault::PauseRegistry(30 * SECOND))
        },
    ),
];
