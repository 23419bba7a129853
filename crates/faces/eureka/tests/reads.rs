//! Reads: what is changed is visible to the next one, in every form.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

mod support;

use std::time::Duration;

use http::Method;
use lubdub_core::feed::Filter;
use lubdub_core::model::{Address, CheckId, InstanceKey};
use lubdub_core::{CheckTerms, Command, Registration, Sender};
use lubdub_eureka::EurekaConfig;
use lubdub_runtime::render::RendererConfig;
use serde_json::Value;
use support::{Answer, Eureka, request, tree};

/// The ids that a list shows, in its order.
fn ids(document: &Value) -> Vec<String> {
    let found = document["applications"]["application"].as_array();
    let one = document["application"].as_object().map(|application| Value::Object(application.clone()));
    let applications = found.cloned().unwrap_or_else(|| one.into_iter().collect());
    let ids = applications.iter().flat_map(|application| application["instance"].as_array().unwrap().clone());
    ids.map(|instance| instance["instanceId"].as_str().unwrap().to_owned()).collect()
}

async fn get(eureka: &Eureka, path: &str, headers: &[(&str, &str)]) -> Answer {
    eureka.send(request(Method::GET, path, headers, "")).await
}

#[tokio::test]
async fn a_change_is_visible_to_the_next_read_whatever_is_read() {
    let eureka = Eureka::start();
    let paths = [
        "/eureka/apps",
        "/eureka/apps/",
        "/eureka/apps/delta",
        "/eureka/apps/ORDERS",
        "/eureka/vips/ORDERS",
        "/eureka/v2/apps",
        "/v2/vips/ORDERS",
    ];
    for round in 1..=3 {
        eureka.register("ORDERS", &format!("i-{round}"), "").await;
        for path in paths {
            for coding in ["gzip", "identity"] {
                let headers = [("accept", "application/json"), ("accept-encoding", coding)];
                let shown = get(&eureka, path, &headers).await.json();
                assert_eq!(ids(&shown).len(), round, "{path} in round {round}, {coding}");
            }
        }
        assert_eq!(eureka.get(&format!("/eureka/instances/i-{round}")).await.status, 200);
    }
    eureka.delete("/eureka/apps/ORDERS/i-2").await;
    assert_eq!(ids(&eureka.get("/eureka/apps").await.json()), ["i-1", "i-3"]);
    assert_eq!(ids(&eureka.get("/eureka/vips/ORDERS").await.json()), ["i-1", "i-3"]);
}

/// A registry whose documents have many fragments.
async fn crowded() -> Eureka {
    let eureka = Eureka::start();
    for app in ["ORDERS", "STOCK", "ALONE"] {
        for number in 0..(if app == "ALONE" { 1 } else { 150 }) {
            eureka.register(app, &format!("{app}-{number:03}"), r#""metadata":{"my_key":"<v>"}"#).await;
        }
    }
    eureka
}

#[tokio::test]
async fn a_gzipped_document_is_the_plain_one_and_documents_are_whole_in_both_formats() {
    let eureka = crowded().await;
    for path in ["/eureka/apps", "/eureka/apps/delta", "/eureka/apps/ORDERS", "/eureka/vips/STOCK"] {
        for (accept, eureka_accept) in [
            ("application/json", "full"),
            ("application/json", "compact"),
            ("application/xml", "full"),
            ("application/xml", "compact"),
        ] {
            let headers = |coding| {
                [("accept", accept), ("x-eureka-accept", eureka_accept), ("accept-encoding", coding)]
            };
            let plain = get(&eureka, path, &headers("identity")).await;
            let zipped = get(&eureka, path, &headers("gzip")).await;
            assert!(plain.headers.get("content-encoding").is_none());
            assert_eq!(zipped.headers["content-encoding"], "gzip");
            assert_eq!(plain.headers["vary"], "accept, accept-encoding, x-eureka-accept");
            let read = |answer: &Answer| match accept {
                "application/json" => answer.json(),
                _ => tree::from_xml(answer.text()),
            };
            let instances = |answer: &Answer| {
                answer.text().matches("instanceId").count() / (if accept.ends_with("xml") { 2 } else { 1 })
            };
            let count = match path {
                "/eureka/apps/ORDERS" | "/eureka/vips/STOCK" => 150,
                _ => 301,
            };
            assert_eq!((instances(&plain), instances(&zipped)), (count, count), "{path} {accept}");
            // Equal but for the version, which tells nothing here.
            assert_eq!(read(&plain).as_object().unwrap().len(), 1);
            if path != "/eureka/vips/STOCK" {
                assert_eq!(plain.text(), zipped.text(), "{path} {accept} {eureka_accept}");
            }
        }
    }
    assert_eq!(ids(&eureka.get("/eureka/apps").await.json()).len(), 301);
}

#[tokio::test]
async fn lists_are_lists_also_where_they_are_empty_or_short() {
    let eureka = Eureka::start();
    let empty = r#"{"applications":{"versions__delta":"1","apps__hashcode":"","application":[]}}"#;
    assert_eq!(eureka.get("/eureka/apps").await.text(), empty);
    let none = r#"{"applications":{"versions__delta":"-1","apps__hashcode":"","application":[]}}"#;
    assert_eq!(eureka.get("/eureka/vips/none").await.text(), none);
    assert_eq!(eureka.get("/eureka/svips/none").await.text(), none);
    eureka.register("ORDERS", "i-1", "").await;
    let one = eureka.get("/eureka/apps").await.json();
    assert!(one["applications"]["application"][0]["instance"].is_array());
    let xml = get(&eureka, "/eureka/apps", &[]).await;
    assert_eq!(xml.content_type(), "application/xml");
    assert!(
        xml.text().starts_with("<applications><versions__delta>1</versions__delta><apps__hashcode>UP_1_<")
    );
}

#[tokio::test]
async fn vip_addresses_match_exactly_one_of_the_names_given() {
    let eureka = Eureka::start();
    eureka.register("ORDERS", "i-1", r#""vipAddress":"orders,orders-eu","secureVipAddress":"safe""#).await;
    eureka.register("ORDERS", "i-2", r#""vipAddress":"orders", "status":"DOWN""#).await;
    for (path, found) in [
        ("/eureka/vips/orders", vec!["i-1", "i-2"]),
        ("/eureka/vips/orders-eu", vec!["i-1"]),
        ("/eureka/vips/ORDERS", vec![]),
        ("/eureka/vips/order", vec![]),
        ("/eureka/svips/safe", vec!["i-1"]),
        ("/eureka/svips/orders", vec![]),
    ] {
        assert_eq!(ids(&eureka.get(path).await.json()), found, "{path}");
    }
    let both = eureka.get("/eureka/vips/orders").await.json();
    assert_eq!(both["applications"]["apps__hashcode"], "DOWN_1_UP_1_");
}

#[tokio::test]
async fn what_another_protocol_registered_has_documented_defaults() {
    let eureka = Eureka::start();
    let check = CheckTerms {
        id: CheckId::HEARTBEAT,
        ttl: Duration::from_millis(1_500),
        interval: Duration::from_millis(500),
    };
    let address = Address { host: "10.0.0.9".into(), port: Some(9090), secure_port: None };
    let registration = Registration::new(InstanceKey::new("stock", "s-1"), address, check);
    eureka.handle.submit(Command::Register(Box::new(registration)), Sender::default()).await.unwrap();
    let shown = eureka.get("/eureka/apps/STOCK/s-1").await.json();
    let shown = &shown["instance"];
    for (member, value) in [
        ("app", "STOCK"),
        ("hostName", "10.0.0.9"),
        ("ipAddr", "10.0.0.9"),
        ("vipAddress", "stock"),
        ("secureVipAddress", "stock"),
    ] {
        assert_eq!(shown[member], value, "{member}");
    }
    assert_eq!(shown["port"], serde_json::json!({"$": 9090, "@enabled": "true"}));
    assert_eq!(shown["securePort"], serde_json::json!({"$": 0, "@enabled": "false"}));
    assert_eq!(shown["dataCenterInfo"]["name"], "MyOwn");
    assert_eq!(shown["leaseInfo"]["durationInSecs"], 2);
    assert_eq!(ids(&eureka.get("/eureka/vips/stock").await.json()), ["s-1"]);
    // It can be kept alive, and taken out, from here.
    assert_eq!(eureka.put("/eureka/apps/STOCK/s-1?lastDirtyTimestamp=5").await.status, 200);
    assert_eq!(eureka.delete("/eureka/apps/STOCK/s-1").await.status, 200);
}

#[tokio::test]
async fn the_last_renewal_is_shown_when_it_was_and_never_in_the_future() {
    let eureka = Eureka::start();
    eureka.register("ORDERS", "i-1", "").await;
    eureka.put("/eureka/apps/ORDERS/i-1").await;
    let lease = eureka.get("/eureka/apps/ORDERS/i-1").await.json()["instance"]["leaseInfo"].clone();
    let (renewed, registered) =
        (lease["lastRenewalTimestamp"].as_u64().unwrap(), lease["registrationTimestamp"].as_u64().unwrap());
    let now = eureka.handle.now().wall.0;
    assert!(renewed <= now && renewed + 1 >= registered, "{registered} {renewed} {now}");
}

#[tokio::test]
async fn a_silent_instance_leaves_at_its_deadline_and_is_in_the_delta_as_deleted() {
    let eureka = Eureka::start();
    eureka.register("ORDERS", "i-1", r#""leaseInfo":{"durationInSecs":2}"#).await;
    let (started, revision) = (eureka.handle.now(), eureka.catalog().revision());
    eureka.put("/eureka/apps/ORDERS/i-1").await;
    eureka.handle.changed(revision, &Filter::ALL).await;
    let silent = eureka.handle.now().tick.millis_since(started.tick);
    // One lease, not two; a busy machine may be deaf for a while, which is excused.
    assert!((2_000..4_000).contains(&silent), "gone after {silent} ms");
    assert_eq!(eureka.put("/eureka/apps/ORDERS/i-1").await.status, 404);
    let delta = eureka.get("/eureka/apps/delta").await.json();
    let gone = &delta["applications"]["application"][0]["instance"][0];
    assert_eq!(gone["actionType"], "DELETED");
    assert!(gone["leaseInfo"]["evictionTimestamp"].as_u64().unwrap() > 0);
    assert_eq!(delta["applications"]["apps__hashcode"], "");
}

#[tokio::test]
async fn a_large_read_whose_turn_does_not_come_is_answered_503_without_a_body() {
    let renderer = RendererConfig {
        small_instances: 0,
        large_instances: 0,
        large_at_once: 1,
        patience: Duration::from_millis(10),
        ..RendererConfig::default()
    };
    let eureka = Eureka::bounded(EurekaConfig::default(), renderer);
    eureka.register("ORDERS", "i-1", "").await;
    let first = eureka.open(request(Method::GET, "/eureka/apps", &[], "")).await;
    let refused = eureka.get("/eureka/apps").await;
    assert_eq!((refused.status.as_u16(), refused.text()), (503, ""));
    assert_eq!(refused.headers["retry-after"], "1");
    // Heartbeats and single instances do not wait for it.
    assert_eq!(eureka.put("/eureka/apps/ORDERS/i-1").await.status, 200);
    assert_eq!(eureka.get("/eureka/apps/ORDERS/i-1").await.status, 200);
    drop(first);
    assert_eq!(eureka.get("/eureka/apps").await.status, 200);
}

#[tokio::test]
async fn the_first_version_shows_three_statuses_in_xml() {
    let eureka = Eureka::start();
    eureka.register("ORDERS", "i-1", r#""status":"OUT_OF_SERVICE""#).await;
    for (path, status) in [
        ("/eureka/v1/apps", "DOWN"),
        ("/eureka/v2/apps", "OUT_OF_SERVICE"),
        ("/eureka/apps", "OUT_OF_SERVICE"),
    ] {
        let shown = tree::from_xml(get(&eureka, path, &[]).await.text());
        assert_eq!(shown["applications"]["application"][0]["instance"][0]["status"], status, "{path}");
    }
}

#[tokio::test]
async fn the_server_tells_its_status() {
    let eureka = Eureka::start();
    let json = eureka.get("/eureka/status").await.json();
    assert_eq!(json["generalStats"]["environment"], "test");
    assert_eq!(json["healthy"], true);
    let xml = tree::from_xml(get(&eureka, "/eureka/status", &[]).await.text());
    assert_eq!(xml["com.netflix.eureka.util.StatusInfo"]["isHeathly"], "true");
}
