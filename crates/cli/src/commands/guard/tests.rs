//! The guard's arithmetic in words, from the registry's own JSON.

use super::*;

fn now() -> Timestamp {
    "2026-11-21T11:02:16.207Z".parse().unwrap()
}

fn guard(json: &str) -> wire::Guard {
    serde_json::from_str(json).unwrap()
}

const RULES: &str = r#""rules":{"enabled":true,"min_hosts":10,"tolerated_hosts":3,"tolerated_percent":15,
    "kept_percent":95,"leave_percent":10,"max_hold":3},"promised_per_minute":2400,"heard_last_minute":2398"#;

fn holding(phase: &str) -> String {
    format!(
        r#"{{{RULES},"scopes":[
            {{"scope":{{"kind":"registry","name":null}},"state":"open","sentence":"the registry: quiet",
              "hosts":40,"silent":5,"tolerated":6}},
            {{"scope":{{"kind":"zone","name":"eu-1"}},"state":"holding","sentence":"zone eu-1: not quiet",
              "hosts":12,"silent":5,"tolerated":3,
              "episode":{{"since":"2026-11-21T11:02:04.207Z","entered":{{"hosts":12,"silent":4,"tolerated":3}},
                "held_hosts":5,"held_leases":9,"lease_time_ms":90000,{phase}}}}}],
          "past":[{{"scope":{{"kind":"service","name":"orders"}},"since":"2026-11-21T10:00:00.000Z",
            "until":"2026-11-21T10:01:30.000Z","entered":{{"hosts":20,"silent":8,"tolerated":3}},
            "returned":6,"left":2}}]}}"#
    )
}

fn lines(json: &str) -> Vec<String> {
    in_words(&guard(json), now(), Paint::PLAIN)
}

#[test]
fn scopes_are_told_with_their_arithmetic_and_what_is_held_since_when_and_until_what() {
    let told = lines(&holding(r#""phase":"listening","next_at":"2026-11-21T11:03:34.300Z""#));
    assert_eq!(
        told.join("\n"),
        "The guard holds when more than 3 hosts and more than 15 % of a scope fall silent within one lease time, \
         where it has at least 10 hosts; for at most 3 lease times.\n\
         All leases together promise 2400 renewals a minute; 2398 came in the last.\n\
         \n \
         SCOPE         STATE    HOSTS  SILENT  TOLERATED  HELD               SINCE     WAITS FOR\n \
         the registry  open        40       5          6\n \
         zone eu-1     holding     12       5          3  9 leases of 5 hosts  12 s ago  the others: judged in 1 min 18 s\n\
         \n\
         the registry: quiet.\n\
         zone eu-1: not quiet.\n\
         \n\
         Over lately (times are UTC):\n  \
         service orders was held for 1 min 30 s, until 10:01:30.000 (1 h ago): 8 of 20 hosts were silent, \
         more than 3; 6 heard again, 2 left"
            .replace("HELD               SINCE", "HELD                 SINCE")
    );
}

#[test]
fn each_phase_says_what_it_waits_for() {
    for (phase, told) in [
        (
            r#""phase":"draining","kept_percent":98,"hosts_per_lease_time":1,"next_at":"2026-11-21T11:02:18.300Z""#,
            "its turn: the next leaves in 2 s",
        ),
        (
            r#""phase":"released","by":{"face":"rest","address":"10.0.0.9","operator":"alice"}"#,
            "nothing: released by alice through rest from 10.0.0.9",
        ),
        (r#""phase":"released""#, "nothing: released by an operator"),
        (r#""phase":"listening""#, "the others: judged"),
        (r#""phase":"of_new_kind""#, "of new kind"),
    ] {
        let lines = lines(&holding(phase));
        assert!(lines.iter().any(|line| line.ends_with(told)), "{told}: {lines:#?}");
    }
}

#[test]
fn a_guard_that_is_off_or_holds_forever_says_so() {
    assert!(rules(&GuardRules::default()).contains("switched off (guard.enabled)"));
    let forever = GuardRules { enabled: true, max_hold: "forever".into(), ..GuardRules::default() };
    assert!(rules(&forever).ends_with("; for as long as it takes."));
}

#[test]
fn what_was_released_is_counted() {
    let zone = Scope { kind: "zone".to_owned(), name: Some("eu-1".to_owned()) };
    let told = released(&zone, Released { released_hosts: 1, released_leases: 9 });
    assert!(told.starts_with("The guard of zone eu-1 lets go 9 leases of 1 host; "), "{told}");
}
