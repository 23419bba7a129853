//! Heartbeats: each case of the table in `renewal.rs`, by the fast path and by the router.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

mod support;

use http::header::ACCEPT;
use http::{HeaderMap, Method, Uri};
use support::{Eureka, instance, request};

const PEER: (&str, &str) = ("x-netflix-discovery-replication", "true");

/// A registry with ORDERS/i-1, dirty at 1000.
async fn stored() -> Eureka {
    let eureka = Eureka::start();
    eureka.register("ORDERS", "i-1", r#""lastDirtyTimestamp":"1000""#).await;
    eureka
}

#[tokio::test]
async fn a_client_is_answered_by_what_is_stored() {
    let eureka = stored().await;
    for (path, status) in [
        ("/eureka/apps/ORDERS/i-1", 200),
        ("/eureka/apps/ORDERS/i-1?status=UP", 200),
        ("/eureka/apps/ORDERS/i-1?status=UP&lastDirtyTimestamp=1000", 200),
        ("/eureka/apps/ORDERS/i-1?lastDirtyTimestamp=1001", 404),
        ("/eureka/apps/ORDERS/i-1?lastDirtyTimestamp=999", 200),
        ("/eureka/apps/ORDERS/i-1?lastDirtyTimestamp=-1", 200),
        ("/eureka/apps/ORDERS/i-1?lastDirtyTimestamp=", 200),
        ("/eureka/apps/ORDERS/i-1?lastDirtyTimestamp=soon", 400),
        ("/eureka/apps/ORDERS/i-1?status=SLEEPY&overriddenstatus=DOWN", 200),
        ("/eureka/apps/ORDERS/i-2", 404),
        ("/eureka/apps/ORDERS/I-1", 404),
        ("/eureka/apps/STOCK/i-1", 404),
        ("/eureka/apps/orders/i-1", 200),
        ("/eureka/v2/apps/ORDERS/i-1", 200),
        ("/eureka/v1/apps/ORDERS/i-1", 200),
        ("/v2/apps/ORDERS/i-1", 200),
        ("//eureka//apps//ORDERS//i-1//", 200),
        ("/eureka/apps/%4fRDERS/i%2D1", 200),
        ("/eureka/apps/ORDERS/i%ff", 400),
        ("/eureka/apps/ORDERS/i%2", 400),
    ] {
        for body in ["", "{}", "not read"] {
            let ask = || request(Method::PUT, path, &[(ACCEPT.as_str(), "application/json")], body);
            let fast = eureka.face.renewal(&Method::PUT, ask().uri(), ask().headers());
            assert_eq!(fast.map(|fast| fast.answer.status().as_u16()), Some(status), "{path}");
            let routed = eureka.route(ask()).await;
            assert_eq!((routed.status.as_u16(), routed.text()), (status, ""), "{path}");
        }
    }
}

#[tokio::test]
async fn a_peer_is_told_what_is_stored_where_it_is_behind() {
    for (query, status, after) in [
        ("", 200, "UP"),
        ("?lastDirtyTimestamp=1000", 200, "UP"),
        ("?lastDirtyTimestamp=1001", 404, "UP"),
        ("?lastDirtyTimestamp=1001&overriddenstatus=UNKNOWN", 404, "UP"),
        ("?lastDirtyTimestamp=1001&overriddenstatus=OUT_OF_SERVICE", 404, "OUT_OF_SERVICE"),
        ("?lastDirtyTimestamp=1000&overriddenstatus=OUT_OF_SERVICE", 200, "UP"),
        ("?lastDirtyTimestamp=999", 409, "UP"),
    ] {
        let eureka = stored().await;
        let path = format!("/eureka/apps/ORDERS/i-1{query}");
        let answer =
            eureka.send(request(Method::PUT, &path, &[PEER, ("accept", "application/json")], "")).await;
        assert_eq!(answer.status.as_u16(), status, "{query}");
        if status == 409 {
            assert_eq!(answer.json()["instance"]["lastDirtyTimestamp"], "1000");
            let xml = eureka.send(request(Method::PUT, &path, &[PEER], "")).await;
            assert_eq!(xml.content_type(), "application/xml");
            assert!(xml.text().starts_with("<instance>"));
        } else {
            assert!(answer.body.is_empty(), "{query}");
        }
        let shown = eureka.get("/eureka/apps/ORDERS/i-1").await.json();
        assert_eq!(shown["instance"]["status"], after, "{query}");
    }
    let unknown = request(Method::PUT, "/eureka/apps/ORDERS/i-1", &[PEER], "");
    assert_eq!(Eureka::start().send(unknown).await.status, 404);
}

#[tokio::test]
async fn nothing_but_a_clients_heartbeat_takes_the_fast_path() {
    let eureka = stored().await;
    let none = HeaderMap::new();
    for (method, path) in [
        (Method::GET, "/eureka/apps/ORDERS/i-1"),
        (Method::DELETE, "/eureka/apps/ORDERS/i-1"),
        (Method::PUT, "/eureka/apps/ORDERS/i-1/status"),
        (Method::PUT, "/eureka/apps/ORDERS/i-1/metadata"),
        (Method::PUT, "/eureka/apps/ORDERS"),
        (Method::PUT, "/eureka/asg/A/status"),
        (Method::PUT, "/v1/agent/check/pass/x"),
        (Method::PUT, "/apps/ORDERS/i-1"),
    ] {
        assert!(
            eureka.face.renewal(&method, &path.parse::<Uri>().unwrap(), &none).is_none(),
            "{method} {path}"
        );
    }
    let uri: Uri = "/eureka/apps/ORDERS/i-1".parse().unwrap();
    let peer =
        HeaderMap::from_iter([("x-netflix-discovery-replication".parse().unwrap(), "true".parse().unwrap())]);
    assert!(eureka.face.renewal(&Method::PUT, &uri, &peer).is_none());
    let client = HeaderMap::from_iter([(
        "x-netflix-discovery-replication".parse().unwrap(),
        "false".parse().unwrap(),
    )]);
    assert!(eureka.face.renewal(&Method::PUT, &uri, &client).is_some());
}

#[tokio::test]
async fn a_client_that_is_asked_to_register_anew_does_not_expire_meanwhile() {
    let eureka = stored().await;
    let beat = || eureka.catalog().get("ORDERS", "i-1", "").unwrap().leases[0].read().beat();
    let (before, mut after) = (beat(), beat());
    // The clock counts milliseconds: beats until it has moved.
    while after == before {
        assert_eq!(eureka.put("/eureka/apps/ORDERS/i-1?lastDirtyTimestamp=1001").await.status, 404);
        after = beat();
    }
    assert!(after > before);
}

#[tokio::test]
async fn after_the_registry_forgot_everything_a_client_is_told_at_its_next_beat() {
    let (before, after) = (stored().await, Eureka::start());
    assert_eq!(before.put("/eureka/apps/ORDERS/i-1").await.status, 200);
    assert_eq!(after.put("/eureka/apps/ORDERS/i-1").await.status, 404);
    assert_eq!(after.post("ORDERS", instance("ORDERS", "i-1", "")).await.status, 204);
    assert_eq!(after.put("/eureka/apps/ORDERS/i-1").await.status, 200);
}

#[tokio::test]
async fn names_beyond_ascii_are_found_in_any_case() {
    let eureka = Eureka::start();
    eureka.register("größe", "ü-1", "").await;
    assert_eq!(eureka.put("/eureka/apps/gr%C3%B6%C3%9Fe/%C3%BC-1").await.status, 200);
    assert_eq!(eureka.put("/eureka/apps/GR%C3%96SSE/%C3%BC-1").await.status, 200);
    assert_eq!(eureka.get("/eureka/apps/GR%C3%96SSE").await.json()["application"]["name"], "GRÖSSE");
}
