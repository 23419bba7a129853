//! `lubdub bench`: what it counts agrees with the server, and what goes wrong is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Ended, PATIENCE, Registry, Running, program, run};

/// Runs it against this server.
fn bench(server: &str, arguments: &[&str]) -> Ended {
    run(&[&["bench"], arguments, &["--server", server]].concat())
}

fn figures(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}{}", ended.out, ended.err))
}

fn server(registry: &Registry) -> Value {
    ureq::get(format!("{}/api/v1/server", registry.url)).call().unwrap().body_mut().read_json().unwrap()
}

fn metric(registry: &Registry, line: &str) -> f64 {
    let text =
        ureq::get(format!("{}/metrics", registry.url)).call().unwrap().body_mut().read_to_string().unwrap();
    let value =
        text.lines().find_map(|own| own.strip_prefix(line)).map(|value| value.trim().parse().unwrap());
    value.unwrap_or_else(|| panic!("no {line} in {text}"))
}

/// What a schedule had: what is due at its very end may not be sent any more.
fn sent_and_unsent(told: &Value) -> u64 {
    told["requests"].as_u64().unwrap() + told["unsent"].as_u64().unwrap()
}

/// Waits until the registry has heard renewals.
fn renewals_come(registry: &Registry) {
    let deadline = Instant::now() + PATIENCE;
    while server(registry).pointer("/counters/renewals").and_then(Value::as_u64) == Some(0) {
        assert!(Instant::now() < deadline, "no renewal came");
    }
}

/// A server that answers each request by its method with a status; it closes each connection
/// behind its first answer, or never.
fn answering(status: fn(&str) -> &'static str, closes: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || while answer(&stream, status, closes).is_some() && !closes {});
        }
    });
    url
}

fn answer(stream: &TcpStream, status: fn(&str) -> &'static str, closes: bool) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok().filter(|count| *count > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().ok()?;
        }
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    let status = status(first.split(' ').next().unwrap_or_default());
    let close = if closes { "connection: close\r\n" } else { "" };
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n{close}\r\n").ok()
}

#[test]
fn what_it_counts_is_what_the_server_counts() {
    let registry = Registry::ephemeral();
    let load = ["renew", "--instances", "50", "--connections", "4", "--duration", "300ms", "--json"];
    let ended = bench(&registry.url, &load);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let told = figures(&ended);
    assert_eq!(told["errors"], 0);
    assert!(told["requests"].as_u64().unwrap() > 50, "{told}");
    assert_eq!(server(&registry)["counters"]["renewals"], told["requests"], "{told}");
    assert!((metric(&registry, "lubdub_registrations_total{kind=\"new\"}") - 50.0).abs() < 0.5);
    // It leaves nothing behind.
    assert!((metric(&registry, "lubdub_departures_total{cause=\"deregistered\"}") - 50.0).abs() < 0.5);
    assert_eq!(server(&registry)["instances"], 0);
}

#[test]
fn an_open_loop_sends_what_its_rate_and_time_make() {
    let registry = Registry::ephemeral();
    for (load, requests) in [
        (&["renew", "--rate", "200", "--duration", "500ms"][..], 100),
        (&["mixed", "--interval", "1s", "--readers", "10", "--duration", "1s"], 60),
    ] {
        let ended = bench(&registry.url, &[load, &["--instances", "50", "--json"]].concat());
        let told = figures(&ended);
        assert_eq!(told["asked"]["loop"], "open");
        assert_eq!(sent_and_unsent(&told), requests, "{told}");
        assert_eq!(told["errors"], 0, "{told}");
        // A machine that has no time for it voids the figures; what is counted stays.
        let late = told["late"].as_bool().unwrap();
        assert_eq!(ended.code, Some(if late { 3 } else { 0 }), "{told}{}", ended.err);
    }
}

#[test]
fn each_kind_of_load_is_answered_by_a_registry() {
    let registry = Registry::ephemeral();
    for load in [
        &["register"][..],
        &["read", "--what", "apps"],
        &["read", "--what", "delta"],
        &["read", "--what", "app"],
    ] {
        let load = [load, &["--instances", "30", "--connections", "3", "--duration", "100ms"]].concat();
        let ended = bench(&registry.url, &load);
        assert_eq!(ended.code, Some(0), "{load:?}: {}", ended.err);
        assert!(ended.out.contains("none failed") && ended.out.contains("closed loop"), "{}", ended.out);
        assert_eq!(ended.out.contains(" bytes each"), load[0] == "read", "{}", ended.out);
    }
    let told = figures(&bench(&registry.url, &["register", "--instances", "30", "--json"]));
    assert_eq!(told["requests"], 30, "each registers once: {told}");
}

#[test]
fn a_server_that_closes_its_connections_is_measured_all_the_same() {
    let url = answering(|_| "204 No Content", true);
    let load = ["renew", "--instances", "5", "--connections", "2", "--duration", "100ms", "--json"];
    let ended = bench(&url, &load);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let told = figures(&ended);
    assert_eq!(told["errors"], 0, "{told}");
    assert!(told["reconnections"].as_u64().unwrap() + 2 >= told["requests"].as_u64().unwrap(), "{told}");
}

#[test]
fn where_nothing_is_to_be_measured_that_is_told() {
    let refusing = answering(|_| "500 Internal Server Error", false);
    for (url, words) in [
        ("localhost:8761", "`localhost:8761` is not the URL of a server"),
        // Port 1 is reserved and served by nobody.
        ("http://127.0.0.1:1", "nothing answers at http://127.0.0.1:1"),
        (&refusing, "of 20 instances 20 could not be registered (status 500: 20)"),
    ] {
        let ended = bench(url, &["renew", "--instances", "20", "--duration", "1s"]);
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{}", ended.err);
        assert!(ended.err.contains(words), "{}", ended.err);
    }
}

#[test]
fn requests_that_fail_are_counted_by_kind_and_end_with_1() {
    let put_fails = |method: &str| if method == "PUT" { "503 Service Unavailable" } else { "204 No Content" };
    let ended = bench(
        &answering(put_fails, false),
        &["renew", "--instances", "5", "--rate", "100", "--duration", "100ms", "--json"],
    );
    assert_eq!(ended.code, Some(1));
    let told = figures(&ended);
    assert_eq!(sent_and_unsent(&told), 10, "{told}");
    assert_eq!(told["errors_by_kind"]["status_503"], told["requests"], "{told}");
    let count = &told["requests"];
    let words = format!("of {count} failed (status 503: {count})");
    assert!(ended.err.contains(&words), "{}", ended.err);
}

#[test]
fn a_server_that_goes_away_ends_it_with_what_was_measured() {
    let registry = Registry::ephemeral();
    let load = ["bench", "renew", "--instances", "20", "--connections", "4", "--duration", "10m", "--json"];
    let running = Running::start(program(&[&load[..], &["--server", &registry.url]].concat()));
    renewals_come(&registry);
    registry.process.signal(Signal::KILL);
    let ended = running.end();
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("nobody answered at") && ended.err.contains(&registry.url), "{}", ended.err);
    let told = figures(&ended);
    assert!(told["gone_after_s"].is_number() && told["requests"].as_u64() > Some(20), "{told}");
    assert!(told["errors_by_kind"]["connect"].is_number(), "{told}");
}

#[test]
fn ctrl_c_ends_it_early_with_what_was_measured_and_leaves_nothing_behind() {
    let registry = Registry::ephemeral();
    let load = ["bench", "renew", "--instances", "20", "--duration", "10m", "--json"];
    let running = Running::start(program(&[&load[..], &["--server", &registry.url]].concat()));
    renewals_come(&registry);
    running.signal(Signal::INT);
    let ended = running.end();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert_eq!(figures(&ended)["stopped_early"], true);
    assert_eq!(server(&registry)["instances"], 0);
}

#[test]
fn a_generator_that_was_late_voids_what_it_measured() {
    let registry = Registry::ephemeral();
    let load = ["bench", "renew", "--instances", "5", "--rate", "200", "--duration", "2s", "--json"];
    let running = Running::start(program(&[&load[..], &["--server", &registry.url]].concat()));
    renewals_come(&registry);
    running.signal(Signal::STOP);
    // No waiting for something: this is how long it cannot send what is due, a tenth of all.
    thread::sleep(Duration::from_millis(200));
    running.signal(Signal::CONT);
    let ended = running.end();
    assert_eq!(ended.code, Some(3), "{}{}", ended.out, ended.err);
    let told = figures(&ended);
    assert_eq!((&told["late"], sent_and_unsent(&told)), (&Value::Bool(true), 400), "{told}");
    assert!(ended.err.contains("void: the generator itself was late"), "{}", ended.err);
}
