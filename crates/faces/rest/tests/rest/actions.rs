//! What operators do: what follows, who is recorded, and what is refused.

use std::sync::{Arc, Mutex};

use crate::face::{Face, OPERATOR};
use lubdub_rest::{LogControl, RestConfig};
use lubdub_testkit::provider;
use serde_json::json;

const INSTANCE: &str = "/api/v1/services/orders/instances/a";
const OVERRIDE: &str = "/api/v1/services/orders/instances/a/override";
const OUT: &str = r#"{"status": "OUT_OF_SERVICE"}"#;

async fn with_an_instance() -> Face {
    let face = Face::with_operators();
    face.register(provider("orders", "a")).await;
    face
}

#[tokio::test]
async fn an_override_counts_until_it_is_taken_back_and_then_the_instances_own_word() {
    let face = with_an_instance().await;
    let (status, told) = face.act("PUT", OVERRIDE, OUT).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(
        (&told["status"], &told["reported"], &told["status_override"]),
        (&json!("OUT_OF_SERVICE"), &json!("UP"), &json!("OUT_OF_SERVICE"))
    );
    let (_, shown) = face.get(INSTANCE).await;
    assert_eq!(shown["status"], "OUT_OF_SERVICE");
    let (status, told) = face.act("DELETE", OVERRIDE, "").await;
    assert_eq!((status, &told["status"], &told["status_override"]), (200, &json!("UP"), &json!(null)));
    // Nothing is left to take back: nothing changes, and that is all right.
    let before = face.revision();
    let (status, again) = face.act("DELETE", OVERRIDE, "").await;
    assert_eq!((status, &again["status"], face.revision()), (200, &json!("UP"), before));
}

#[tokio::test]
async fn history_says_which_operator_it_was_and_from_where() {
    let face = with_an_instance().await;
    face.act("PUT", OVERRIDE, OUT).await;
    face.send("DELETE", OVERRIDE, &[OPERATOR]).await;
    let (_, told) = face.get(&format!("{INSTANCE}/history")).await;
    assert_eq!(
        told["history"][1]["cause"],
        json!({"name": "override-set", "face": "rest", "address": "10.0.0.9", "operator": "alice"})
    );
    assert_eq!(told["history"][2]["cause"]["operator"], "operator");
    assert_eq!(told["history"][0]["cause"].get("operator"), None);
}

#[tokio::test]
async fn an_instance_is_removed() {
    let face = with_an_instance().await;
    let (status, told) = face.act("DELETE", INSTANCE, "").await;
    assert_eq!(status, 200);
    assert_eq!(told, json!({"service": "orders", "id": "a", "revision": face.revision().0}));
    let (status, told) = face.act("DELETE", INSTANCE, "").await;
    assert_eq!((status, &told["type"]), (404, &json!("urn:lubdub:problem:unknown-instance")));
    let (_, history) = face.get(&format!("{INSTANCE}/history")).await;
    assert_eq!(history["history"][1]["cause"]["operator"], "alice");
}

#[tokio::test]
async fn an_instance_that_is_not_there_is_not_acted_on() {
    let face = with_an_instance().await;
    let before = face.revision();
    let other = "/api/v1/services/orders/instances/b";
    for (method, path, body) in [
        ("DELETE", other.to_owned(), ""),
        ("PUT", format!("{other}/override"), OUT),
        ("DELETE", format!("{other}/override"), ""),
        ("DELETE", format!("{other}/damping"), ""),
        ("DELETE", format!("{INSTANCE}?node=n1"), ""),
        ("PUT", format!("{OVERRIDE}?node=n1"), OUT),
    ] {
        let (status, told) = face.act(method, &path, body).await;
        assert_eq!((status, &told["type"]), (404, &json!("urn:lubdub:problem:unknown-instance")), "{path}");
    }
    assert_eq!(face.revision(), before);
}

#[tokio::test]
async fn an_instance_that_damping_does_not_keep_out_is_a_conflict() {
    let face = with_an_instance().await;
    let before = face.revision();
    let (status, told) = face.act("DELETE", &format!("{INSTANCE}/damping"), "").await;
    assert_eq!((status, &told["type"]), (409, &json!("urn:lubdub:problem:nothing-to-release")));
    assert!(told["detail"].as_str().unwrap().contains("damping does not keep"), "{told}");
    assert_eq!(face.revision(), before);
}

#[tokio::test]
async fn a_scope_that_is_not_held_is_a_conflict() {
    let face = with_an_instance().await;
    for scope in [r#"{"kind": "registry"}"#, r#"{"kind": "zone", "name": "eu-1"}"#] {
        let body = format!("{{\"scope\": {scope}}}");
        let (status, told) = face.act("POST", "/api/v1/guard/release", &body).await;
        assert_eq!(
            (status, &told["type"]),
            (409, &json!("urn:lubdub:problem:nothing-to-release")),
            "{scope}"
        );
    }
    let (status, told) = face.act("POST", "/api/v1/guard/release", r#"{"scope": {"kind": "region"}}"#).await;
    assert_eq!((status, &told["errors"][0]["field"]), (400, &json!("scope.kind")));
}

#[tokio::test]
async fn a_body_that_is_not_as_it_should_be_changes_nothing_and_is_named() {
    let face = with_an_instance().await;
    let before = face.revision();
    for (body, field, value) in [
        ("", "body", ""),
        ("OUT_OF_SERVICE", "body", "OUT_OF_SERVICE"),
        (r#"{"status": "OUT"}"#, "status", "OUT"),
        (r#"{"status": "DOWN", "until": "tomorrow"}"#, "member", "until"),
    ] {
        let (status, told) = face.act("PUT", OVERRIDE, body).await;
        assert_eq!(status, 400, "{body}");
        let fault = &told["errors"][0];
        assert_eq!((&fault["field"], &fault["value"]), (&json!(field), &json!(value)), "{body}");
    }
    assert_eq!(face.revision(), before);
}

/// Every action, good but for its sender.
const ACTIONS: [(&str, &str, &str); 6] = [
    ("DELETE", INSTANCE, ""),
    ("PUT", OVERRIDE, OUT),
    ("DELETE", OVERRIDE, ""),
    ("DELETE", "/api/v1/services/orders/instances/a/damping", ""),
    ("POST", "/api/v1/guard/release", r#"{"scope": {"kind": "registry"}}"#),
    ("PUT", "/api/v1/log", r#"{"filter": "debug"}"#),
];

#[tokio::test]
async fn whoever_is_no_operator_does_nothing_and_is_told_what_is_missing() {
    let face = with_an_instance().await;
    let before = face.revision();
    for (method, path, body) in ACTIONS {
        for (headers, status, problem) in [
            (&[][..], 401, "operator-token-missing"),
            (&[("lubdub-operator", "alice")], 401, "operator-token-missing"),
            (&[("lubdub-operator-token", "wrong")], 403, "operator-token-wrong"),
        ] {
            let answer = face.send_with(method, path, headers, body).await;
            assert_eq!(
                (answer.status, answer.kind.as_str()),
                (status, "application/problem+json"),
                "{method} {path}"
            );
            let told = answer.json();
            assert_eq!(told["type"], format!("urn:lubdub:problem:{problem}"), "{method} {path}");
            assert!(told["detail"].as_str().unwrap().starts_with("nothing was done: "), "{method} {path}");
        }
    }
    assert_eq!(face.revision(), before);
    let (_, untouched) = face.get(INSTANCE).await;
    assert_eq!(untouched["status"], "UP");
}

#[tokio::test]
async fn whoever_is_no_operator_learns_nothing_of_what_else_is_wrong() {
    let face = with_an_instance().await;
    for (method, path, body) in [
        ("PUT", "/api/v1/services/orders/instances/none/override", OUT),
        ("PUT", OVERRIDE, "no status"),
        ("DELETE", "/api/v1/services/%ff/instances/%ff", ""),
        ("POST", "/api/v1/guard/release?force", "{}"),
    ] {
        assert_eq!(face.send_with(method, path, &[], body).await.status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn a_registry_without_operators_says_how_to_have_some() {
    let face = Face::new();
    face.register(provider("orders", "a")).await;
    for (method, path, body) in ACTIONS {
        let (status, told) = face.act(method, path, body).await;
        assert_eq!((status, &told["type"]), (403, &json!("urn:lubdub:problem:no-operator-token")), "{path}");
        assert!(told["detail"].as_str().unwrap().contains("--operator-token-file FILE"), "{told}");
    }
}

/// A log whose filters are words; `loud` is none.
fn log() -> (LogControl, Arc<Mutex<String>>) {
    let filter = Arc::new(Mutex::new("info".to_owned()));
    let (read, set) = (Arc::clone(&filter), Arc::clone(&filter));
    let control = LogControl::new(
        move || read.lock().expect("nobody panics with it").clone(),
        move |given| {
            if given == "loud" {
                return Err("there is no level loud".to_owned());
            }
            given.clone_into(&mut set.lock().expect("nobody panics with it"));
            Ok(())
        },
    );
    (control, filter)
}

#[tokio::test]
async fn what_is_logged_is_told_and_changed() {
    let (control, filter) = log();
    let face = Face::with_operators_and(RestConfig { log: Some(control), ..RestConfig::default() });
    assert_eq!(face.get("/api/v1/log").await, (200, json!({"filter": "info"})));
    let (status, told) = face.act("PUT", "/api/v1/log", r#"{"filter": "info,lubdub_core=debug"}"#).await;
    assert_eq!((status, told), (200, json!({"filter": "info,lubdub_core=debug"})));
    let (status, told) = face.act("PUT", "/api/v1/log", r#"{"filter": "loud"}"#).await;
    assert_eq!((status, &told["errors"][0]["value"]), (400, &json!("loud")));
    assert!(told["detail"].as_str().unwrap().contains("there is no level loud"), "{told}");
    assert_eq!(*filter.lock().unwrap(), "info,lubdub_core=debug");
}

#[tokio::test]
async fn a_log_that_is_not_known_here_is_not_found() {
    let face = Face::with_operators();
    let (status, told) = face.get("/api/v1/log").await;
    assert_eq!((status, &told["type"]), (404, &json!("urn:lubdub:problem:not-available")));
    let (status, _) = face.act("PUT", "/api/v1/log", r#"{"filter": "debug"}"#).await;
    assert_eq!(status, 404);
}
