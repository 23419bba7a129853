use std::time::Duration;

use lubdub_core::guard::{Arithmetic, Scope};
use lubdub_core::{Moment, Sender, Tick, WallTime};
use serde_json::{Value, json};

use super::*;

const FIGURES: Arithmetic = Arithmetic { hosts: 40, silent: 9, tolerated: 6 };

fn at(wall: u64) -> Moment {
    Moment { tick: Tick(0), wall: WallTime(wall) }
}

fn told(state: ScopeState) -> Value {
    let scopes = vec![ScopeReport { scope: Scope::Registry, arithmetic: FIGURES, state }];
    let report = GuardReport { scopes, promised_per_minute: 120, ..GuardReport::default() };
    serde_json::to_value(guard(&report, 118)).unwrap()
}

fn holding(phase: Phase) -> Value {
    let lease_time = Duration::from_secs(90);
    let episode =
        Episode { since: at(1_000), entered: FIGURES, held_hosts: 9, held_leases: 11, lease_time, phase };
    told(ScopeState::Holding(episode))["scopes"][0]["episode"].clone()
}

#[test]
fn rules_and_beats_are_told_beside_each_scope() {
    let mut report = GuardReport::default();
    report.rules.max_hold = MaxHold::Forever;
    assert_eq!(serde_json::to_value(guard(&report, 0)).unwrap()["rules"]["max_hold"], "forever");
    let told = told(ScopeState::Open);
    assert_eq!(
        told["rules"],
        json!({
            "enabled": true, "min_hosts": 10, "tolerated_hosts": 3, "tolerated_percent": 15,
            "kept_percent": 95, "leave_percent": 10, "max_hold": 3,
        })
    );
    assert_eq!((&told["promised_per_minute"], &told["heard_last_minute"]), (&json!(120), &json!(118)));
    assert_eq!(
        told["scopes"],
        json!([{
            "scope": {"kind": "registry", "name": null}, "state": "open", "hosts": 40, "silent": 9, "tolerated": 6,
            "sentence": "the registry: 9 of 40 hosts are silent, up to 6 may leave within one lease time",
        }])
    );
}

#[test]
fn each_state_has_its_word_and_only_a_hold_an_episode() {
    for (state, word) in
        [(ScopeState::Off, "off"), (ScopeState::TooFewHosts, "too_few_hosts"), (ScopeState::Open, "open")]
    {
        let told = told(state);
        assert_eq!((&told["scopes"][0]["state"], told["scopes"][0].get("episode")), (&json!(word), None));
    }
}

#[test]
fn a_hold_tells_what_it_waits_for() {
    let listening = |kept_percent| Phase::Listening { until: at(91_000), kept_percent };
    let common = json!({
        "since": "1970-01-01T00:00:01.000Z", "entered": {"hosts": 40, "silent": 9, "tolerated": 6},
        "held_hosts": 9, "held_leases": 11, "lease_time_ms": 90000,
    });
    let by = Sender { face: "rest", address: None, operator: Some("alice".into()) };
    for (phase, more) in [
        (listening(None), json!({"phase": "listening", "next_at": "1970-01-01T00:01:31.000Z"})),
        (
            listening(Some(80)),
            json!({"phase": "listening", "kept_percent": 80, "next_at": "1970-01-01T00:01:31.000Z"}),
        ),
        (
            Phase::Draining { kept_percent: 97, hosts_per_lease_time: 4, next: at(2_000) },
            json!({
                "phase": "draining", "kept_percent": 97, "hosts_per_lease_time": 4,
                "next_at": "1970-01-01T00:00:02.000Z",
            }),
        ),
        (Phase::Released { by }, json!({"phase": "released", "by": {"face": "rest", "operator": "alice"}})),
    ] {
        let mut expected = common.clone();
        expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(holding(phase), expected);
    }
}

#[test]
fn what_is_over_is_told_with_how_it_ended() {
    let past = PastEpisode {
        scope: Scope::Zone("eu-1".into()),
        since: WallTime(0),
        until: WallTime(5_000),
        entered: FIGURES,
        returned: 7,
        left: 2,
    };
    let report = GuardReport { past: vec![past], ..GuardReport::default() };
    assert_eq!(
        serde_json::to_value(guard(&report, 0)).unwrap()["past"],
        json!([{
            "scope": {"kind": "zone", "name": "eu-1"},
            "since": "1970-01-01T00:00:00.000Z", "until": "1970-01-01T00:00:05.000Z",
            "entered": {"hosts": 40, "silent": 9, "tolerated": 6}, "returned": 7, "left": 2,
        }])
    );
}
