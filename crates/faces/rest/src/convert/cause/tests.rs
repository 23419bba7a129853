use lubdub_core::model::{CheckId, ServiceName};
use serde_json::{Value, json};

use super::*;

fn told(of: &Cause) -> Value {
    serde_json::to_value(cause(of)).unwrap()
}

fn operator() -> Sender {
    Sender { face: "rest", address: Some([127, 0, 0, 1].into()), operator: Some("alice".into()) }
}

fn silence(guard: GuardWord) -> Silence {
    Silence {
        check: CheckId::HEARTBEAT,
        ttl: 3_000,
        interval: 1_000,
        silent: 3_004,
        excused: 0,
        intervals: vec![1_000],
        unconfirmed: false,
        learnt: None,
        guard,
    }
}

#[test]
fn what_was_learnt_of_an_adaptive_lease_is_told_with_its_silence() {
    let level = lubdub_core::model::PhiLevel::USUAL;
    let learnt = Learnt { level, allowed: 2_280, mean: 1_000, deviation: 50, intervals: 99, enough: true };
    let adaptive = Silence { learnt: Some(learnt), ..silence(GuardWord::Off) };
    assert_eq!(
        told(&Cause::Expired(adaptive.into()))["silence"]["learnt"],
        json!({"phi": 8.0, "allowed_ms": 2280, "mean_ms": 1000, "deviation_ms": 50, "intervals": 99, "enough": true})
    );
}

const FIGURES: Arithmetic = Arithmetic { hosts: 40, silent: 9, tolerated: 6 };

#[test]
fn an_operator_is_told_by_name() {
    assert_eq!(
        told(&Cause::OverrideSet(operator())),
        json!({"name": "override-set", "face": "rest", "address": "127.0.0.1", "operator": "alice"})
    );
}

#[test]
fn what_the_guard_said_is_told_in_its_word() {
    let zone = Scope::Zone("eu-1".into());
    let held = |reason| GuardWord::Released { scope: zone.clone(), held: 9_000, reason };
    let scope = json!({"kind": "zone", "name": "eu-1"});
    for (word, expected) in [
        (GuardWord::Off, json!({"word": "off"})),
        (GuardWord::Unheard, json!({"word": "unheard"})),
        (GuardWord::TooFewHosts { hosts: 4 }, json!({"word": "too_few_hosts", "hosts": 4})),
        (GuardWord::Open(FIGURES), json!({"word": "open", "hosts": 40, "silent": 9, "tolerated": 6})),
        (
            held(ReleaseReason::OthersHeard { kept_percent: 98 }),
            json!({
                "word": "released", "scope": scope, "held_ms": 9000, "reason": "others_heard", "kept_percent": 98,
            }),
        ),
        (
            held(ReleaseReason::HeldLongEnough),
            json!({"word": "released", "scope": scope, "held_ms": 9000, "reason": "held_long_enough"}),
        ),
        (
            held(ReleaseReason::ByHand(operator())),
            json!({
                "word": "released", "scope": scope, "held_ms": 9000, "reason": "by_hand",
                "by": {"face": "rest", "address": "127.0.0.1", "operator": "alice"},
            }),
        ),
    ] {
        assert_eq!(told(&Cause::Expired(silence(word).into()))["silence"]["guard"], expected);
    }
}

#[test]
fn a_hold_is_told_with_its_scope_and_figures() {
    let held =
        Cause::Held { scope: Scope::Registry, arithmetic: FIGURES, silence: silence(GuardWord::Off).into() };
    let told = told(&held);
    assert_eq!(
        (&told["name"], &told["scope"], &told["arithmetic"], &told["silence"]["silent_ms"]),
        (
            &json!("held"),
            &json!({"kind": "registry", "name": null}),
            &json!({"hosts": 40, "silent": 9, "tolerated": 6}),
            &json!(3004)
        )
    );
}

#[test]
fn each_other_cause_is_told_with_what_belongs_to_it() {
    let refused = |suspicion| {
        let address = ([10, 0, 0, 3], 8080).into();
        Cause::Refused(Refusal { address, suspicion, silent: 500, intervals: vec![1_000, 999] })
    };
    let refusal = |suspicion: &str| {
        json!({"name": "refused", "refusal": {
            "address": "10.0.0.3:8080", "suspicion": suspicion, "silent_ms": 500, "intervals_ms": [1000, 999],
        }})
    };
    let came_back = |outcome| Cause::CameBack {
        sender: Sender::default(),
        flap: Flap { penalty: 2_600, losses: 3, outcome },
    };
    let flap = |outcome: &str| json!({"penalty": 2600, "losses": 3, "outcome": outcome});
    let mut kept_out = flap("kept_out");
    kept_out["kept_out_ms"] = json!(83_000);
    for (cause, expected) in [
        (Cause::Returned { held: 7_000 }, json!({"name": "returned", "held_ms": 7000})),
        (refused(Suspicion::ConnectionClosed), refusal("connection_closed")),
        (refused(Suspicion::BeatLate), refusal("beat_late")),
        (came_back(FlapOutcome::Offered), json!({"name": "came-back", "flap": flap("offered")})),
        (came_back(FlapOutcome::KeptOut { millis: 83_000 }), json!({"name": "came-back", "flap": kept_out})),
        (
            came_back(FlapOutcome::OfferedForLack),
            json!({"name": "came-back", "flap": flap("offered_for_lack")}),
        ),
        (
            Cause::Undamped(Undamped::Decayed { penalty: 990 }),
            json!({"name": "undamped", "undamped": {"why": "decayed", "penalty": 990}}),
        ),
        (Cause::Undamped(Undamped::ForLack), json!({"name": "undamped", "undamped": {"why": "for_lack"}})),
        (
            Cause::Undamped(Undamped::ByHand(operator())),
            json!({
                "name": "undamped", "face": "rest", "address": "127.0.0.1", "operator": "alice",
                "undamped": {"why": "by_hand"},
            }),
        ),
        (
            Cause::StatusReported(operator()),
            json!({"name": "status-reported", "face": "rest", "address": "127.0.0.1", "operator": "alice"}),
        ),
        (
            Cause::ConnectionLost(ConnectionLoss {
                grace: 0,
                closed: 3,
                silent: 1_200,
                guard: GuardWord::Off,
            }),
            json!({"name": "connection-lost", "connection": {
                "grace_ms": 0, "closed_ms": 3, "silent_ms": 1200, "guard": {"word": "off"},
            }}),
        ),
        (
            Cause::Suspected(FIGURES),
            json!({"name": "suspected", "arithmetic": {"hosts": 40, "silent": 9, "tolerated": 6}}),
        ),
    ] {
        assert_eq!(told(&cause), expected);
    }
}

#[test]
fn a_service_is_a_scope_by_its_name() {
    let written = serde_json::to_value(scope(&Scope::Service(ServiceName::new("Orders")))).unwrap();
    assert_eq!(written, json!({"kind": "service", "name": "Orders"}));
}
