//! Whose address is tried when a connection ends: over real connections.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use lubdub_core::{Cause, Suspicion};
use lubdub_runtime::Handle;
use lubdub_testkit_server::{Exchange, TestServer};

use crate::lives::departure;

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A port to be called at. The kernel accepts what comes to it.
fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a free port of loopback")
}

/// Registers an instance of ORDERS, whose lease allows 90 s of silence.
fn register(exchange: &mut Exchange, id: &str, listener: &TcpListener, headers: &[(&str, &str)]) {
    let port = listener.local_addr().expect("a bound listener has an address").port();
    let body = format!(
        r#"{{"instance":{{"instanceId":"{id}","app":"ORDERS","hostName":"localhost","ipAddr":"127.0.0.1",
        "status":"UP","port":{{"$":{port},"@enabled":"true"}},"dataCenterInfo":{{"name":"MyOwn"}}}}}}"#
    );
    let headers = [headers, &[("content-type", "application/json")]].concat();
    assert_eq!(exchange.request("POST", "/eureka/apps/ORDERS", &headers, &body).status, 204);
}

fn beat(exchange: &mut Exchange, id: &str, headers: &[(&str, &str)]) {
    let path = format!("/eureka/apps/ORDERS/{id}");
    assert_eq!(exchange.request("PUT", &path, headers, "").status, 200);
}

fn until_accepted(handle: &Handle, number: u64) {
    let began = Instant::now();
    while handle.probes().accepted < number {
        assert!(began.elapsed() < PATIENCE, "{:?}", handle.probes());
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn is_listed(handle: &Handle, id: &str) -> bool {
    handle.catalog().get("orders", id, "").is_some()
}

/// Whatever was suspected so far has been looked into, or was not.
fn settle(server: &TestServer) {
    let (handle, listener) = (server.handle(), listen());
    let accepted = handle.probes().accepted;
    let mut exchange = Exchange::with(server.address());
    register(&mut exchange, "later", &listener, &[]);
    until_accepted(&handle, accepted + 1);
    drop(exchange);
    until_accepted(&handle, accepted + 2);
}

async fn ends_by_refusal(beats: usize) {
    let server = TestServer::in_memory();
    let handle = server.handle();
    let since = handle.catalog().revision();
    let ending = tokio::task::spawn_blocking({
        let (handle, address) = (handle.clone(), server.address());
        move || {
            let listener = listen();
            let mut exchange = Exchange::with(address);
            register(&mut exchange, "web-1", &listener, &[]);
            until_accepted(&handle, 1);
            for _ in 0..beats {
                beat(&mut exchange, "web-1", &[]);
            }
            // As the kernel does it for a process that ends; the connection may be the first.
            drop(exchange);
            drop(listener);
        }
    });
    ending.await.expect("the connection ends");
    let Cause::Refused(refusal) = departure(&handle, since).await else {
        panic!("it did not leave by a refusal")
    };
    assert_eq!(refusal.suspicion, Suspicion::ConnectionClosed);
    assert_eq!(handle.probes().evictions, 1);
}

#[tokio::test]
async fn who_ends_with_its_connection_and_its_port_is_gone() {
    ends_by_refusal(2).await;
}

#[tokio::test]
async fn who_ends_before_its_first_beat_is_gone_too() {
    ends_by_refusal(0).await;
}

#[test]
fn who_closes_its_connection_and_goes_on_listening_stays() {
    let server = TestServer::in_memory();
    let (handle, listener) = (server.handle(), listen());
    let mut exchange = Exchange::with(server.address());
    register(&mut exchange, "web-1", &listener, &[]);
    until_accepted(&handle, 1);
    beat(&mut exchange, "web-1", &[]);
    drop(exchange);
    until_accepted(&handle, 2);
    assert!(is_listed(&handle, "web-1"));
    assert_eq!(handle.probes().evictions, 0);
}

#[test]
fn who_says_that_it_closes_is_not_suspected() {
    let server = TestServer::in_memory();
    let (handle, listener) = (server.handle(), listen());
    let close = [("connection", "keep-alive, Close")];
    let mut exchange = Exchange::with(server.address());
    register(&mut exchange, "web-1", &listener, &close);
    assert!(exchange.is_closed());
    until_accepted(&handle, 1);
    let mut exchange = Exchange::with(server.address());
    beat(&mut exchange, "web-1", &close);
    assert!(exchange.is_closed());
    drop(listener);
    settle(&server);
    assert_eq!((handle.probes().started, is_listed(&handle, "web-1")), (3, true));
}

#[test]
fn a_connection_that_the_server_closes_makes_nobody_a_suspect() {
    let server = TestServer::with(|config| config.traffic.idle_timeout = Duration::from_millis(500));
    let (handle, listener) = (server.handle(), listen());
    let mut exchange = Exchange::with(server.address());
    register(&mut exchange, "web-1", &listener, &[]);
    until_accepted(&handle, 1);
    drop(listener);
    assert!(exchange.is_closed());
    settle(&server);
    assert_eq!((handle.probes().started, is_listed(&handle, "web-1")), (3, true));
}

#[test]
fn a_connection_that_many_instances_share_makes_nobody_a_suspect() {
    let server = TestServer::in_memory();
    let (handle, listener) = (server.handle(), listen());
    let mut proxy = Exchange::with(server.address());
    for number in 0..17 {
        register(&mut proxy, &number.to_string(), &listener, &[]);
    }
    until_accepted(&handle, 17);
    drop(proxy);
    drop(listener);
    settle(&server);
    assert_eq!((handle.probes().started, is_listed(&handle, "0")), (19, true));
}
