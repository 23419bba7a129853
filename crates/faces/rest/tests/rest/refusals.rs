//! What is refused, and in which words.

use crate::face::{Face, OPERATOR};
use lubdub_rest::RestConfig;
use lubdub_runtime::RuntimeConfig;
use lubdub_testkit::provider;
use serde_json::json;

#[tokio::test]
async fn refusals_name_field_value_and_expectation() {
    let face = Face::new();
    for (path, status, field, value) in [
        ("/api/v1/instances?status=WELL", 400, "status", "WELL"),
        ("/api/v1/instances?zones=a", 400, "parameter", "zones"),
        ("/api/v1/instances?limit=0", 400, "limit", "0"),
        ("/api/v1/instances?after=nowhere", 400, "after", "nowhere"),
        ("/api/v1/services?zone=a", 400, "parameter", "zone"),
        ("/api/v1/departures?since=1", 400, "parameter", "since"),
        ("/api/v1/departures?limit=0", 400, "limit", "0"),
        ("/api/v1/instances?health=fine", 400, "health", "fine"),
        ("/api/v1/instances?held=perhaps", 400, "held", "perhaps"),
        ("/api/v1/instances?damped=", 400, "damped", ""),
        ("/api/v1/instances?zone=%ff", 400, "zone", "%ff"),
        ("/api/v1/guard?scope=a", 400, "parameter", "scope"),
        ("/api/v1/damping?service=a", 400, "parameter", "service"),
        ("/api/v1/deaf?a", 400, "parameter", "a"),
        ("/api/v1/config?a=b", 400, "parameter", "a"),
        ("/api/v1/log?a=b", 400, "parameter", "a"),
        ("/api/v1/openapi.json?a=b", 400, "parameter", "a"),
        ("/api/v1/events?since=yesterday", 400, "since", "yesterday"),
        ("/api/v1/events?since=-1", 400, "since", "-1"),
        ("/api/v1/services/orders/instances/%ff", 400, "path", "/api/v1/services/orders/instances/%ff"),
        (
            "/api/v1/services/orders/instances/%ff/history",
            400,
            "path",
            "/api/v1/services/orders/instances/%ff/history",
        ),
    ] {
        let answer = face.send("GET", path, &[]).await;
        assert_eq!((answer.status, answer.kind.as_str()), (status, "application/problem+json"), "{path}");
        let told = answer.json();
        assert_eq!(
            (&told["errors"][0]["field"], &told["errors"][0]["value"]),
            (&json!(field), &json!(value)),
            "{path}"
        );
        assert!(!told["errors"][0]["expected"].as_str().unwrap().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let face = Face::new();
    for path in ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/services", "/api/v1/services/a"] {
        let (status, told) = face.get(path).await;
        assert_eq!((status, &told["type"]), (404, &json!("urn:lubdub:problem:unknown-path")), "{path}");
    }
    for path in [
        "/api/v1/services",
        "/api/v1/events",
        "/healthz",
        "/readyz",
        "/api/v1/services/a/instances/b/history",
    ] {
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            let answer = face.send(method, path, &[]).await;
            assert_eq!(
                (answer.status, answer.kind.as_str()),
                (405, "application/problem+json"),
                "{method} {path}"
            );
            assert!(answer.allow.contains("GET"), "{method} {path}");
        }
    }
    assert_eq!(face.send("HEAD", "/api/v1/services", &[]).await.status, 200);
}

#[tokio::test]
async fn a_page_token_of_another_server_is_refused_and_says_so() {
    let of = |server| Face::with(RuntimeConfig::default(), RestConfig { server, ..RestConfig::default() });
    let (one, other) = (of(1), of(2));
    for id in ["a", "b"] {
        one.register(provider("orders", id)).await;
        other.register(provider("orders", id)).await;
    }
    let (_, first) = one.get("/api/v1/instances?limit=1").await;
    let path = format!("/api/v1/instances?limit=1&after={}", first["next"].as_str().unwrap());
    let (status, rest) = one.get(&path).await;
    assert_eq!((status, &rest["instances"][0]["id"]), (200, &json!("b")));
    let (status, refused) = other.get(&path).await;
    assert_eq!((status, &refused["errors"][0]["field"]), (400, &json!("after")));
    let expected = refused["errors"][0]["expected"].as_str().unwrap();
    assert!(expected.contains("this one is from another server, or from before a restart"), "{expected}");
}

#[tokio::test]
async fn a_body_that_is_not_json_or_too_large_is_refused_before_it_is_read() {
    let config = RestConfig { max_body_bytes: 100, ..RestConfig::default() };
    let face = Face::with_operators_and(config);
    face.register(provider("orders", "a")).await;
    let before = face.revision();
    let path = "/api/v1/services/orders/instances/a/override";
    let good = r#"{"status": "DOWN"}"#;
    let long = format!("{good}{}", " ".repeat(100));
    for (kind, body, status, problem) in [
        ("application/xml", good, 415, "foreign-content"),
        ("text/plain", good, 415, "foreign-content"),
        ("json", good, 415, "foreign-content"),
        ("application/json", &long, 413, "body-too-large"),
        ("application/json", "", 400, "invalid-field"),
        ("application/json", "<status/>", 400, "invalid-field"),
    ] {
        let answer = face.send_with("PUT", path, &[OPERATOR, ("content-type", kind)], body).await;
        assert_eq!(
            (answer.status, answer.kind.as_str()),
            (status, "application/problem+json"),
            "{kind} {body}"
        );
        assert_eq!(answer.json()["type"], format!("urn:lubdub:problem:{problem}"), "{kind} {body}");
    }
    assert_eq!(face.revision(), before);
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        let answer = face.send_with("PUT", path, &[OPERATOR, ("content-type", kind)], good).await;
        assert_eq!(answer.status, 200, "{kind}");
    }
}
