//! Every path, against a registry in memory: what is answered, and what is refused.

use crate::face::Face;
use lubdub_core::Command;
use lubdub_core::model::{InstanceKey, Status};
use lubdub_testkit::provider;
use serde_json::json;

#[tokio::test]
async fn services_are_told_with_their_counts() {
    let face = Face::new();
    face.register(provider("orders", "web-1")).await;
    face.register(provider("ORDERS", "web-2").status(Status::Down)).await;
    let last = face.register(provider("stock", "web-1")).await;
    let (status, told) = face.get("/api/v1/services").await;
    assert_eq!(status, 200);
    assert_eq!(told["revision"], last.0);
    assert_eq!(told["services"][0]["name"], "orders");
    assert_eq!(told["services"][0]["instances"], 2);
    assert_eq!(told["services"][0]["statuses"], json!({"UP": 1, "DOWN": 1}));
    assert_eq!(told["services"][0]["health"], json!({"passing": 2}));
    assert_eq!((&told["services"][0]["held"], &told["services"][0]["damped"]), (&json!(0), &json!(0)));
    assert_eq!(told["services"][1]["revision"], last.0);
    let (_, one) = face.get("/api/v1/services?service=STOCK").await;
    assert_eq!(
        (one["services"].as_array().unwrap().len(), &one["services"][0]["name"]),
        (1, &json!("stock"))
    );
    let (_, none) = face.get("/api/v1/services?service=nobody").await;
    assert_eq!(none["services"], json!([]));
}

#[tokio::test]
async fn instances_are_filtered_and_paged() {
    let face = Face::new();
    for (service, id) in [("orders", "a"), ("orders", "b/c d"), ("stock", "a")] {
        face.register(provider(service, id)).await;
    }
    let (_, all) = face.get("/api/v1/instances").await;
    assert_eq!((all["instances"].as_array().unwrap().len(), &all["next"]), (3, &json!(null)));
    let (_, first) = face.get("/api/v1/instances?limit=2").await;
    let next = first["next"].as_str().unwrap();
    let (_, second) = face.get(&format!("/api/v1/instances?limit=2&after={next}")).await;
    assert_eq!((&second["instances"][0]["service"], &second["next"]), (&json!("stock"), &json!(null)));
    let (_, none) = face.get("/api/v1/instances?service=orders&status=DOWN").await;
    assert_eq!(none["instances"], json!([]));
}

#[tokio::test]
async fn one_instance_is_told_with_its_leases() {
    let face = Face::new();
    face.register(provider("orders", "a b/c").ttl_secs(90).metadata(&[("rack", "7")])).await;
    let (status, told) = face.get("/api/v1/services/ORDERS/instances/a%20b%2Fc").await;
    assert_eq!(status, 200);
    assert_eq!(
        (&told["service"], &told["id"], &told["status"]),
        (&json!("orders"), &json!("a b/c"), &json!("UP"))
    );
    assert_eq!(told["leases"][0]["ttl_ms"], 90_000);
    assert_eq!(told["leases"][0]["state"], "live");
    let (status, told) = face.get("/api/v1/services/orders/instances/none").await;
    assert_eq!((status, &told["type"]), (404, &json!("urn:lubdub:problem:unknown-instance")));
}

#[tokio::test]
async fn the_registry_counts_renewals_registrations_and_departures() {
    let face = Face::new();
    face.register(provider("orders", "a")).await;
    face.register(provider("orders", "b")).await;
    assert!(face.beat("orders", "a") && face.beat("orders", "a") && !face.beat("orders", "nobody"));
    let last = face.run(Command::Deregister { key: InstanceKey::new("orders", "b") }).await;
    let (status, told) = face.get("/api/v1/server").await;
    assert_eq!(status, 200);
    assert_eq!(
        (&told["revision"], &told["services"], &told["instances"]),
        (&json!(last.0), &json!(1), &json!(1))
    );
    assert_eq!(told["journal"]["state"], "memory");
    assert_eq!(
        told["counters"],
        json!({
            "renewals": 2, "renewals_last_minute": 2, "renewals_unknown": 1,
            "registrations": 2, "deregistrations": 1, "expirations": 0,
        })
    );
}

#[tokio::test]
async fn history_is_told_also_of_one_that_left_and_not_of_one_that_never_came() {
    let face = Face::new();
    face.register(provider("orders", "a")).await;
    face.run(Command::Deregister { key: InstanceKey::new("ORDERS", "a") }).await;
    let (status, told) = face.get("/api/v1/services/ORDERS/instances/a/history").await;
    assert_eq!((status, &told["registered"], &told["service"]), (200, &json!(false), &json!("orders")));
    let causes: Vec<_> =
        told["history"].as_array().unwrap().iter().map(|entry| &entry["cause"]["name"]).collect();
    assert_eq!(causes, ["registered", "deregistered"]);
    assert_eq!(told["history"][0]["cause"]["face"], "test");
    assert_eq!(told["history"][1]["status"], json!(null));
    let (status, told) = face.get("/api/v1/services/orders/instances/b/history").await;
    assert_eq!((status, &told["title"]), (404, &json!("nothing is known of such an instance")));
}

#[tokio::test]
async fn who_left_is_told_newest_first_and_whether_they_are_there_again() {
    let face = Face::new();
    for (service, id) in [("orders", "a"), ("orders", "b"), ("stock", "a")] {
        face.register(provider(service, id)).await;
        face.run(Command::Deregister { key: InstanceKey::new(service, id) }).await;
    }
    let last = face.register(provider("orders", "a")).await;
    let (status, told) = face.get("/api/v1/departures").await;
    assert_eq!((status, &told["revision"]), (200, &json!(last.0)));
    let left: Vec<_> = told["departures"].as_array().unwrap().iter().collect();
    let whom = |at: usize| (&left[at]["service"], &left[at]["id"], &left[at]["registered"]);
    assert_eq!(whom(0), (&json!("stock"), &json!("a"), &json!(false)));
    assert_eq!(whom(2), (&json!("orders"), &json!("a"), &json!(true)));
    assert_eq!((left.len(), &left[0]["cause"]["name"]), (3, &json!("deregistered")));
    let (_, told) = face.get("/api/v1/departures?service=ORDERS&limit=1").await;
    assert_eq!(told["departures"].as_array().unwrap().len(), 1);
    assert_eq!(told["departures"][0]["id"], "b");
}

#[tokio::test]
async fn events_are_told_from_a_revision_on() {
    let face = Face::new();
    let (_, start) = face.get("/api/v1/events").await;
    assert_eq!((&start["events"], &start["reset"]), (&json!([]), &json!(false)));
    face.register(provider("orders", "a")).await;
    let last = face.register(provider("stock", "a")).await;
    let (_, told) = face.get(&format!("/api/v1/events?since={}", start["revision"])).await;
    assert_eq!((told["events"].as_array().unwrap().len(), &told["revision"]), (2, &json!(last.0)));
    let (_, told) = face.get(&format!("/api/v1/events?since={}&service=STOCK", start["revision"])).await;
    assert_eq!(told["events"].as_array().unwrap().len(), 1);
    assert_eq!(told["events"][0]["change"], "registered");
    let (_, told) = face.get(&format!("/api/v1/events?since={}&limit=1", start["revision"])).await;
    let (_, rest) = face.get(&format!("/api/v1/events?since={}", told["revision"])).await;
    assert_eq!(
        (&told["events"][0]["service"], &rest["events"][0]["service"]),
        (&json!("orders"), &json!("stock"))
    );
    let (_, forgotten) = face.get("/api/v1/events?since=1").await;
    assert_eq!((&forgotten["reset"], &forgotten["revision"]), (&json!(true), &json!(last.0)));
}

#[tokio::test]
async fn the_registry_tells_how_it_is() {
    let face = Face::new();
    let answer = face.send("GET", "/healthz", &[]).await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "ok"));
    let (status, told) = face.get("/readyz").await;
    assert_eq!((status, &told["status"]), (200, &json!("ready")));
    assert_eq!(told["journal"], json!({"state": "memory"}));
}

#[tokio::test]
async fn a_stopping_registry_is_not_ready() {
    let face = Face::new();
    face.stop_streams();
    let (status, told) = face.get("/readyz").await;
    assert_eq!((status, &told["status"]), (503, &json!("stopping")));
}
