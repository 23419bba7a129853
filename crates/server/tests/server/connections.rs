//! Connections that are slow, silent, many or half.

use std::time::{Duration, Instant};

use lubdub_testkit_server::{Exchange, TestServer};

#[test]
fn a_head_that_drips_in_is_cut_off_and_a_quiet_connection_is_not() {
    let patience = Duration::from_millis(200);
    let server = TestServer::with(|config| config.traffic.header_timeout = patience);
    let mut quiet = Exchange::with(server.address());
    assert_eq!(quiet.get("/healthz").status, 200);
    let began = Instant::now();
    let mut slow = Exchange::with(server.address());
    slow.send("GET /healthz HTTP/1.1\r\nhost: loc");
    assert!(slow.is_closed());
    assert!(began.elapsed() >= patience, "{:?}", began.elapsed());
    // It has been quiet for longer than a head may take.
    assert_eq!(quiet.get("/healthz").status, 200);
}

#[test]
fn a_second_head_on_a_connection_is_timed_like_the_first() {
    let server = TestServer::with(|config| config.traffic.header_timeout = Duration::from_millis(100));
    let mut exchange = Exchange::with(server.address());
    assert_eq!(exchange.get("/healthz").status, 200);
    exchange.send("GET /healthz");
    assert!(exchange.is_closed());
}

#[test]
fn a_connection_on_which_nothing_happens_is_closed_in_the_end() {
    let patience = Duration::from_millis(200);
    let server = TestServer::with(|config| config.traffic.idle_timeout = patience);
    let (mut silent, mut used) = (Exchange::with(server.address()), Exchange::with(server.address()));
    assert_eq!(used.get("/healthz").status, 200);
    let began = Instant::now();
    assert!(used.is_closed());
    assert!(began.elapsed() >= patience / 2, "{:?}", began.elapsed());
    assert!(silent.is_closed());
}

#[test]
fn half_requests_change_nothing_and_harm_nobody() {
    let server = TestServer::in_memory();
    for half in [
        "POST /eureka/apps/ORDERS HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{\"instance\":",
        "PUT /eureka/apps/ORDERS/web-1 HT",
        "GET",
        "\r\n",
    ] {
        let mut exchange = Exchange::with(server.address());
        exchange.send(half);
        drop(exchange);
    }
    for (nonsense, status) in [
        ("NONSENSE\r\n\r\n", 400),
        ("GET / HTTP/9.9\r\n\r\n", 400),
        ("\u{0}\u{1}\u{2}\r\n\r\n", 400),
        ("GET /a b HTTP/1.1\r\nhost: localhost\r\n\r\n", 400),
        ("POST /eureka/apps/A HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n", 400),
    ] {
        let mut exchange = Exchange::with(server.address());
        exchange.send(nonsense);
        let answer = exchange.answer("GET");
        assert_eq!((answer.status, answer.body.as_str()), (status, ""), "{nonsense:?}");
    }
    assert_eq!(Exchange::with(server.address()).get("/healthz").status, 200);
    assert_eq!(server.handle().catalog().service_count(), 0);
}

#[test]
fn a_head_beyond_the_limit_is_answered_so() {
    let server = TestServer::with(|config| config.traffic.max_header_bytes = 8192);
    let mut exchange = Exchange::with(server.address());
    exchange.send_request("GET", "/healthz", &[("x-large", &"x".repeat(9_000))], "");
    let answer = exchange.answer("GET");
    assert_eq!((answer.status, answer.body.as_str()), (431, ""));
    let many: Vec<_> = (0..200).map(|number| (format!("x-{number}"), String::new())).collect();
    let many: Vec<_> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(Exchange::with(server.address()).request("GET", "/healthz", &many, "").status, 431);
}

#[test]
fn thousands_of_idle_connections_keep_nobody_out() {
    let server = TestServer::in_memory();
    let mut idle: Vec<_> = (0..2_000).map(|_| Exchange::with(server.address())).collect();
    assert_eq!(Exchange::with(server.address()).get("/healthz").status, 200);
    for exchange in idle.iter_mut().step_by(97) {
        assert_eq!(exchange.get("/healthz").status, 200);
    }
}

#[test]
fn beyond_the_limit_connections_get_one_word_in_and_then_none() {
    let server = TestServer::with(|config| config.traffic.max_connections = 20);
    let mut kept = Vec::new();
    while kept.len() < 20 {
        let mut exchange = Exchange::with(server.address());
        // One of the registry's own beats may hold a place for a moment.
        if exchange.get("/healthz").header("connection").is_none() {
            kept.push(exchange);
        }
    }
    let mut brief = Exchange::with(server.address());
    let answer = brief.get("/healthz");
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
    assert!(brief.is_closed());
    // Silent ones take the brief places too; then even the registry's own beats wait.
    let silent: Vec<_> = (0..100).map(|_| Exchange::with(server.address())).collect();
    let refused = (0..1_000).map(|_| Exchange::with(server.address()).get("/healthz"));
    let refused = refused.into_iter().find(|answer| answer.status != 200).expect("a connection is refused");
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    for exchange in &mut kept {
        assert_eq!(exchange.get("/healthz").status, 200);
    }
    drop(silent);
    drop(kept);
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        // What was closed is noticed a moment later.
        let mut exchange = Exchange::with(server.address());
        exchange.send_request("GET", "/healthz", &[], "");
        if exchange.answer("GET").header("connection").is_none() {
            break;
        }
        assert!(Instant::now() < until, "the places were not given back");
    }
}

#[test]
fn requests_that_are_sent_ahead_are_answered_in_order() {
    let server = TestServer::in_memory();
    let mut exchange = Exchange::with(server.address());
    for path in ["/healthz", "/api/v1/nothing", "/eureka/apps/ORDERS/web-1"] {
        exchange.send_request("GET", path, &[], "");
    }
    let statuses: Vec<_> = (0..3).map(|_| exchange.answer("GET").status).collect();
    assert_eq!(statuses, [200, 404, 404]);
}

#[test]
fn what_no_face_knows_is_a_bare_404() {
    let server = TestServer::in_memory();
    let mut exchange = Exchange::with(server.address());
    for path in ["/nothing", "/eureka/nothing", "/v1/agent/services", "/favicon.ico"] {
        let answer = exchange.get(path);
        assert_eq!((answer.status, answer.body.as_str()), (404, ""), "{path}");
    }
    let problem = exchange.get("/api/v1/nothing");
    assert_eq!((problem.status, problem.header("content-type")), (404, Some("application/problem+json")));
    assert!(exchange.get("/").body.contains("/api/v1/services"));
}
