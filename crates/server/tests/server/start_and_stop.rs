//! Servers that do not start, and how those that did end.

use std::time::{Duration, Instant};

use lubdub_server::ServeError;
use lubdub_testkit_server::{Exchange, TestServer};

/// Why a server does not start.
fn refused(configure: impl FnOnce(&mut lubdub_server::ServerConfig)) -> ServeError {
    TestServer::try_with(configure).map(drop).expect_err("the server should not have started")
}

#[test]
fn a_port_in_use_is_told_with_what_to_do() {
    let first = TestServer::in_memory();
    let error = refused(|config| config.listen = vec![first.address()]);
    assert!(matches!(error, ServeError::Listen { address, .. } if address == first.address()));
    let told = error.to_string();
    assert!(
        told.contains(&first.address().to_string())
            && told.contains("another lubdub")
            && told.contains("--listen")
    );
}

#[test]
fn an_address_of_another_machine_is_told_with_what_to_do() {
    let told = refused(|config| {
        config.listen = vec!["192.0.2.1:0".parse().unwrap()];
        config.open = true;
    });
    assert!(told.to_string().contains("this machine has no such address"), "{told}");
}

#[test]
fn a_data_directory_that_another_uses_is_told_with_what_to_do() {
    let first = TestServer::durable();
    let data = first.data().unwrap().to_owned();
    let told = refused(|config| {
        config.ephemeral = false;
        config.data = data;
    });
    assert!(told.to_string().contains("in use") && told.to_string().contains("--data"), "{told}");
}

#[test]
fn a_data_directory_that_cannot_be_made_is_told_with_what_to_do() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let told = refused(|config| {
        config.ephemeral = false;
        config.data = file.path().join("data");
    });
    assert!(
        told.to_string().contains("cannot be written") && told.to_string().contains("--ephemeral"),
        "{told}"
    );
}

#[test]
fn a_token_file_that_is_missing_is_told_with_what_to_do() {
    let told = refused(|config| config.token_file = Some("/nowhere/token".into()));
    assert!(told.to_string().contains("/nowhere/token cannot be read"), "{told}");
}

#[test]
fn a_configuration_that_lets_nobody_decide_who_comes_in_does_not_start() {
    let told = refused(|config| config.listen = vec!["0.0.0.0:0".parse().unwrap()]);
    assert!(told.to_string().contains("--token-file FILE") && told.to_string().contains("--open"), "{told}");
}

#[test]
fn a_server_listens_in_several_places() {
    let server = TestServer::with(|config| {
        config.listen = vec!["127.0.0.1:0".parse().unwrap(), "127.0.0.2:0".parse().unwrap()];
    });
    assert_eq!(server.addresses().len(), 2);
    for address in server.addresses() {
        assert_eq!(Exchange::with(address).get("/healthz").status, 200, "{address}");
    }
}

#[test]
fn a_listener_for_others_is_asked_by_any_name() {
    let server = TestServer::with(|config| {
        config.listen = vec!["0.0.0.0:0".parse().unwrap()];
        config.open = true;
    });
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], server.address().port()));
    let answer = Exchange::with(address).request("GET", "/healthz", &[("host", "registry.example")], "");
    assert_eq!(answer.status, 200);
}

#[test]
fn stopping_closes_quiet_connections_and_ends_streams_at_once() {
    let mut server = TestServer::with(|config| config.traffic.drain_timeout = Duration::from_secs(60));
    let mut fresh = Exchange::with(server.address());
    let mut quiet = Exchange::with(server.address());
    assert_eq!(quiet.get("/healthz").status, 200);
    let mut stream = Exchange::with(server.address());
    stream.send_request("GET", "/api/v1/events", &[("accept", "text/event-stream")], "");
    assert_eq!(stream.head().0, 200);
    let began = Instant::now();
    server.stop();
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert!(fresh.is_closed() && quiet.is_closed());
    while !stream.line().is_empty() || !stream.is_closed() {}
}

#[tokio::test]
async fn a_server_that_is_dropped_ends_its_connections() {
    let config = lubdub_server::ServerConfig {
        listen: vec!["127.0.0.1:0".parse().unwrap()],
        ephemeral: true,
        ..lubdub_server::ServerConfig::default()
    };
    let running = lubdub_server::Server::start(config).await.unwrap();
    let address = running.addresses()[0];
    let served = tokio::task::spawn_blocking(move || {
        let mut exchange = Exchange::with(address);
        assert_eq!(exchange.get("/healthz").status, 200);
        exchange
    });
    let mut exchange = served.await.unwrap();
    drop(running);
    assert!(tokio::task::spawn_blocking(move || exchange.is_closed()).await.unwrap());
}

#[test]
fn stopping_lets_a_request_in_flight_finish() {
    let mut server = TestServer::with(|config| config.traffic.drain_timeout = Duration::from_secs(60));
    let mut exchange = Exchange::with(server.address());
    let headers = [("content-type", "application/json"), ("content-length", "2"), ("expect", "100-continue")];
    exchange.send_request("POST", "/api/v1/services", &headers, "");
    // The server asks for the body: the request is in flight.
    assert_eq!(exchange.head().0, 100);
    let stopping = std::thread::spawn(move || {
        server.stop();
        server
    });
    exchange.send("{}");
    assert_eq!(exchange.answer("POST").status, 405);
    stopping.join().unwrap();
}

#[test]
fn stopping_does_not_wait_for_ever_for_a_request_that_does_not_end() {
    let mut server = TestServer::with(|config| config.traffic.drain_timeout = Duration::from_millis(100));
    let mut exchange = Exchange::with(server.address());
    exchange.send_request(
        "POST",
        "/api/v1/services",
        &[("content-length", "2"), ("expect", "100-continue")],
        "",
    );
    assert_eq!(exchange.head().0, 100);
    let began = Instant::now();
    server.stop();
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    assert!(exchange.is_closed());
}
