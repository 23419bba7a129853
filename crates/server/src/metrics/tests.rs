use std::fmt;
use std::time::Duration;

use lubdub_core::damping::DampingReport;
use lubdub_core::guard::{Arithmetic, Episode, GuardReport, Phase, Scope, ScopeReport, ScopeState};
use lubdub_core::model::{CheckState, InstanceKey, ServiceName};
use lubdub_core::{Cause, Change, Moment, Sender, WallTime};
use lubdub_runtime::{Condition, JournalState, ProbeCounters, Runtime, RuntimeConfig};
use lubdub_testkit::{Scene, provider};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

use super::census::{Census, Counted};
use super::exposition::{Exposition, Family};
use super::{protections, registry};

/// Writes what a test writes.
struct Written<F>(F);

impl<F> fmt::Debug for Written<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Written")
    }
}

impl<F: Fn(&mut Exposition<'_>) -> fmt::Result + Send + Sync + 'static> Collector for Written<F> {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        (self.0)(&mut Exposition(encoder))
    }
}

/// The samples that were written, a line each.
fn samples(write: impl Fn(&mut Exposition<'_>) -> fmt::Result + Send + Sync + 'static) -> Vec<String> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Written(write)));
    let mut text = String::new();
    encode(&mut text, &registry).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

fn held(scope: Scope) -> ScopeReport {
    let episode = Episode {
        since: Moment::default(),
        entered: Arithmetic { hosts: 20, silent: 5, tolerated: 3 },
        held_hosts: 5,
        held_leases: 6,
        lease_time: Duration::from_secs(90),
        phase: Phase::Listening { until: Moment::default(), kept_percent: None },
    };
    ScopeReport { scope, arithmetic: episode.entered, state: ScopeState::Holding(episode) }
}

#[test]
fn held_scopes_are_counted_by_kind_and_never_named() {
    let open =
        ScopeReport { scope: Scope::Registry, arithmetic: Arithmetic::default(), state: ScopeState::Open };
    let report = GuardReport {
        scopes: vec![
            open,
            held(Scope::Zone("eu-1".into())),
            held(Scope::Zone("eu-2".into())),
            held(Scope::Service(ServiceName::new("orders"))),
        ],
        promised_per_minute: 240,
        ..GuardReport::default()
    };
    let census = Census { held_leases: 12, ..Census::default() };
    assert_eq!(
        samples(move |to| protections::guard(to, &report, census)),
        [
            "lubdub_promised_renewals_per_minute 240",
            "lubdub_guard_enabled 1",
            "lubdub_guard_holding{scope=\"registry\"} 0",
            "lubdub_guard_holding{scope=\"zone\"} 2",
            "lubdub_guard_holding{scope=\"service\"} 1",
            "lubdub_held_leases 12",
        ]
    );
}

#[test]
fn penalties_and_probes_are_counted_by_what_became_of_them() {
    let report =
        |until| DampingReport { key: InstanceKey::new("orders", "a"), penalty: 1_500, losses: 2, until };
    let reports = [report(None), report(Some(WallTime(1)))];
    let census = Census { damped: 1, ..Census::default() };
    assert_eq!(
        samples(move |to| protections::damping(to, &reports, census)),
        ["lubdub_damped_instances 1", "lubdub_penalised_instances 2"]
    );
    let probes = ProbeCounters {
        started: 6,
        accepted: 1,
        refused: 2,
        no_evidence: 3,
        waiting: 4,
        ..ProbeCounters::default()
    };
    assert_eq!(
        samples(move |to| protections::probes(to, &probes)),
        [
            "lubdub_probes_total{outcome=\"accepted\"} 1",
            "lubdub_probes_total{outcome=\"refused\"} 2",
            "lubdub_probes_total{outcome=\"no_evidence\"} 3",
            "lubdub_probes_total{outcome=\"not_allowed\"} 0",
            "lubdub_probes_total{outcome=\"dropped\"} 0",
            "lubdub_probes_waiting 4",
        ]
    );
}

#[test]
fn the_journal_is_in_one_state_and_tells_what_is_unwritten() {
    let runtime = Runtime::start(RuntimeConfig::default()).unwrap();
    let figures = runtime.handle().figures();
    let reason = "disk \"full\"\nreally".to_owned();
    let journal = JournalState::Unavailable { since: WallTime(0), reason, unwritten: 3 };
    let condition = Condition { journal, ..runtime.handle().condition() };
    let told = samples(move |to| registry::journal(to, &condition, &figures));
    assert_eq!(
        told.get(..4).unwrap(),
        [
            "lubdub_journal_state{state=\"memory\"} 0",
            "lubdub_journal_state{state=\"durable\"} 0",
            "lubdub_journal_state{state=\"unavailable\"} 1",
            "lubdub_journal_unwritten_instances 3",
        ]
    );
    runtime.stop();
}

#[test]
fn labels_are_escaped() {
    let family = Family::of("x", "X.");
    let told = samples(move |to| to.info(&family, [("a", "b\"c\\d\ne")]));
    assert_eq!(told, ["x_info{a=\"b\\\"c\\\\d\\ne\"} 1"]);
}

#[test]
fn the_census_follows_each_change_of_a_service() {
    let mut scene = Scene::new();
    let mut counted = Counted::default();
    for id in ["a", "b"] {
        let changes =
            scene.registry.decide(scene.now(), &provider("orders", id).command(), &Sender::default());
        let revision = scene.registry.catalog().revision().next();
        scene.registry.apply(scene.now(), revision, &changes.unwrap());
    }
    let passing = |passing| Census { passing, ..Census::default() };
    assert_eq!(counted.census(scene.registry.catalog()), passing(2));
    assert_eq!(counted.census(scene.registry.catalog()), passing(2));

    let mut sick = (*scene.registry.catalog().get("orders", "a", "").unwrap().instance).clone();
    for check in &mut sick.checks {
        check.state = CheckState::Critical;
    }
    sick.damped = true;
    let update = Change::Updated { instance: sick.into(), cause: Cause::Returned { held: 1 } };
    let revision = scene.registry.catalog().revision().next();
    scene.registry.apply(scene.now(), revision, &[update]);
    let expected = Census { critical: 1, damped: 1, ..passing(1) };
    assert_eq!(counted.census(scene.registry.catalog()), expected);

    let listed = scene.registry.catalog().get("orders", "b", "").unwrap();
    let (key, generation) = (listed.instance.key.clone(), listed.instance.generation);
    let gone = Change::Removed { key, generation, cause: Cause::Deregistered(Sender::default()) };
    let revision = scene.registry.catalog().revision().next();
    scene.registry.apply(scene.now(), revision, &[gone]);
    assert_eq!(counted.census(scene.registry.catalog()), Census { passing: 0, ..expected });
}
