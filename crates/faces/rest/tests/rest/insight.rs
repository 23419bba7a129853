//! The registry itself: its protections, its deaf time, its settings, its description.

use crate::face::Face;
use lubdub_core::damping::DampingConfig;
use lubdub_rest::{RestConfig, Setting};
use lubdub_runtime::RuntimeConfig;
use lubdub_testkit::provider;
use serde_json::json;

#[tokio::test]
async fn the_guards_rules_and_arithmetic_are_told() {
    let face = Face::new();
    face.register(provider("orders", "a")).await;
    face.beat("orders", "a");
    let (status, told) = face.get("/api/v1/guard").await;
    assert_eq!((status, &told["rules"]["min_hosts"]), (200, &json!(10)));
    assert_eq!(told["heard_last_minute"], 1);
    assert!(told["scopes"].is_array() && told["past"].is_array());
}

#[tokio::test]
async fn dampings_rules_are_told() {
    let mut damping = DampingConfig::default();
    damping.rules.suppress = 3_000;
    let config = RestConfig { damping, ..RestConfig::default() };
    let face = Face::with(RuntimeConfig::default(), config);
    let (status, told) = face.get("/api/v1/damping").await;
    assert_eq!((status, &told["rules"]["suppress"], &told["instances"]), (200, &json!(3000), &json!([])));
}

#[tokio::test]
async fn a_registry_that_was_never_deaf_says_so() {
    let (status, told) = Face::new().get("/api/v1/deaf").await;
    assert_eq!((status, told), (200, json!({"last_hour_ms": 0, "intervals": []})));
}

#[tokio::test]
async fn every_setting_is_told_and_whether_it_is_the_default() {
    let setting =
        |name: &str, value: &str, default| Setting { name: name.into(), value: value.into(), default };
    let settings = vec![setting("data", "./lubdub-data", true), setting("token_file", "/etc/token", false)];
    let face = Face::with(RuntimeConfig::default(), RestConfig { settings, ..RestConfig::default() });
    let (status, told) = face.get("/api/v1/config").await;
    assert_eq!(status, 200);
    assert_eq!(
        told["settings"],
        json!([
            {"name": "data", "value": "./lubdub-data", "default": true},
            {"name": "token_file", "value": "/etc/token", "default": false},
        ])
    );
}

#[tokio::test]
async fn the_interface_describes_itself() {
    let answer = Face::new().send("GET", "/api/v1/openapi.json", &[]).await;
    assert_eq!((answer.status, answer.kind.as_str()), (200, "application/json"));
    let told = answer.json();
    assert_eq!(told["openapi"], "3.1.0");
    assert!(told["paths"]["/api/v1/guard/release"]["post"].is_object());
}
