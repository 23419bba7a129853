//! What the body of a request may cost.

use std::time::Duration;

use lubdub_testkit_server::{Exchange, TestServer};

const JSON: (&str, &str) = ("content-type", "application/json");

#[test]
fn a_body_beyond_the_limit_is_answered_so_whichever_way_it_comes() {
    let server = TestServer::with(|config| config.traffic.max_body_bytes = 1_000);
    let large = "x".repeat(1_001);
    let chunked = format!("3e9\r\n{large}\r\n0\r\n\r\n");
    for path in ["/eureka/apps/ORDERS", "/api/v1/services"] {
        let mut exchange = Exchange::with(server.address());
        assert_eq!(exchange.request("POST", path, &[JSON], &large).status, 413, "{path}");
        let mut exchange = Exchange::with(server.address());
        exchange.send_request("POST", path, &[JSON, ("transfer-encoding", "chunked")], &chunked);
        assert_eq!(exchange.answer("POST").status, 413, "{path}");
    }
}

#[test]
fn a_body_of_ten_megabytes_is_refused_and_its_sender_gets_to_know() {
    let server = TestServer::in_memory();
    let body = format!("{{\"instance\":\"{}\"}}", "x".repeat(10_000_000));
    let answer = Exchange::with(server.address()).request("POST", "/eureka/apps/ORDERS", &[JSON], &body);
    assert_eq!((answer.status, answer.body.as_str()), (413, ""));
    assert_eq!(server.handle().catalog().service_count(), 0);
}

#[test]
fn a_body_that_was_only_announced_is_refused_before_it_is_sent() {
    let server = TestServer::in_memory();
    let mut exchange = Exchange::with(server.address());
    let headers = [JSON, ("content-length", "99999999"), ("expect", "100-continue")];
    exchange.send_request("POST", "/eureka/apps/ORDERS", &headers, "");
    assert_eq!(exchange.answer("POST").status, 413);
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let server = TestServer::with(|config| config.traffic.body_timeout = Duration::from_millis(100));
    let mut exchange = Exchange::with(server.address());
    exchange.send_request("POST", "/eureka/apps/ORDERS", &[JSON, ("content-length", "10")], "{");
    let answer = exchange.answer("POST");
    assert_eq!((answer.status, answer.body.as_str()), (408, ""));
    assert!(exchange.is_closed());
}

#[test]
fn a_body_that_is_not_framed_as_it_says_is_refused() {
    let server = TestServer::in_memory();
    let mut exchange = Exchange::with(server.address());
    exchange.send_request(
        "POST",
        "/eureka/apps/ORDERS",
        &[JSON, ("transfer-encoding", "chunked")],
        "zz\r\n{}",
    );
    assert_eq!(exchange.answer("POST").status, 400);
    assert_eq!(server.handle().catalog().service_count(), 0);
}

#[test]
fn a_renewal_with_a_body_keeps_its_connection() {
    let server = TestServer::in_memory();
    let mut exchange = Exchange::with(server.address());
    for body in ["", "{}", &"x".repeat(100_000), "{}"] {
        let answer = exchange.request("PUT", "/eureka/apps/ORDERS/web-1?status=UP", &[JSON], body);
        assert_eq!((answer.status, answer.body.as_str()), (404, ""), "{}", body.len());
    }
    // A body that comes after its head has been read, in a piece of its own.
    exchange.send_request("PUT", "/eureka/apps/ORDERS/web-1", &[JSON, ("content-length", "2")], "");
    exchange.send("{}");
    assert_eq!(exchange.answer("PUT").status, 404);
    assert_eq!(exchange.get("/healthz").status, 200);
}

#[test]
fn a_refused_request_with_a_body_keeps_its_connection() {
    let server = TestServer::in_memory();
    let mut exchange = Exchange::with(server.address());
    let answer = exchange.request("POST", "/eureka/apps/ORDERS", &[("content-type", "text/plain")], "hello");
    assert_eq!(answer.status, 415);
    assert_eq!(exchange.get("/healthz").status, 200);
}
