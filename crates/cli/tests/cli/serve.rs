//! `lubdub serve`: how it starts, refuses to, and ends.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::{Registry, ask, run};

#[test]
fn it_prints_where_it_listens_and_stops_cleanly_when_asked() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = tempfile::tempdir().unwrap();
        let registry = Registry::start(&["--data", folder.path().to_str().unwrap()]);
        let banner = registry.banner();
        assert!(banner.contains(&format!("defaultZone={}/eureka", registry.url)), "{banner}");
        assert!(banner.contains(&format!("lubdub services --server {}", registry.url)), "{banner}");
        assert!(banner.contains(&format!("kept in {}", folder.path().display())), "{banner}");
        registry.process.signal(signal);
        let ended = registry.process.end();
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        assert!(ended.out.ends_with("stopped cleanly\n"), "{}", ended.out);
    }
}

#[test]
fn a_second_signal_ends_it_without_waiting_for_requests_in_flight() {
    let mut registry = Registry::ephemeral();
    let mut slow = TcpStream::connect(registry.url.trim_start_matches("http://")).unwrap();
    let head = "POST /eureka/apps/ORDERS HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
                content-length: 9\r\nexpect: 100-continue\r\n\r\n";
    slow.write_all(head.as_bytes()).unwrap();
    // The server asks for the body, which never comes: the request is in flight.
    slow.read_exact(&mut [0; 12]).unwrap();
    let began = Instant::now();
    registry.process.signal(Signal::TERM);
    registry.process.out.wait_for("stopping");
    registry.process.signal(Signal::TERM);
    assert_eq!(registry.process.end().code, Some(1));
    assert!(began.elapsed() < Duration::from_secs(4), "it waited for {:?}", began.elapsed());
}

#[test]
fn several_addresses_can_be_listened_at() {
    let registry = Registry::start(&["--listen", "127.0.0.1:0", "--ephemeral"]);
    let banner = registry.banner();
    assert_eq!(banner.matches("listening on http://127.0.0.1:").count(), 2, "{banner}");
}

#[test]
fn a_port_that_is_taken_is_told_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(&["serve", "--ephemeral", "--listen", &address]);
    assert_eq!(ended.code, Some(1), "{}", ended.out);
    assert!(ended.err.contains(&address) && ended.err.contains("--listen"), "{}", ended.err);
}

#[test]
fn a_data_directory_serves_one_registry_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let first = Registry::start(&["--data", data]);
    let ended = run(&["serve", "--listen", "127.0.0.1:0", "--data", data]);
    assert_eq!(ended.code, Some(1), "{}", ended.out);
    assert!(ended.err.contains(data) && ended.err.contains("--data"), "{}", ended.err);
    assert_eq!(ask(&["services", "--json", "--server", &first.url]).matches("services").count(), 1);
}

#[test]
fn a_data_directory_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let data = file.join("data");
    let ended = run(&["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
    assert_eq!(ended.code, Some(1), "{}", ended.out);
    assert!(ended.err.contains(data.to_str().unwrap()) && ended.err.contains("--data"), "{}", ended.err);
}

#[test]
fn everything_that_is_wrong_with_the_configuration_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lubdub.toml");
    std::fs::write(&file, "ephemral = true\ndata = 7\n").unwrap();
    let ended = run(&["serve", "--config", file.to_str().unwrap(), "--listen", "nowhere"]);
    assert_eq!(ended.code, Some(1), "{}", ended.out);
    for part in ["lubdub.toml:1", "ephemeral", "lubdub.toml:2", "data", "nowhere", "127.0.0.1:8761"] {
        assert!(ended.err.contains(part), "{part} is missing in {}", ended.err);
    }
}

#[test]
fn a_log_level_that_is_none_is_told() {
    let ended = run(&["serve", "--ephemeral", "--log", "verbose"]);
    assert_eq!(ended.code, Some(1), "{}", ended.out);
    assert!(ended.err.contains("verbose") && ended.err.contains("debug"), "{}", ended.err);
}

#[test]
fn the_log_can_be_written_for_machines() {
    let registry = Registry::start(&["--ephemeral", "--log", "trace", "--log-format", "json"]);
    registry.register("orders", "a", "UP");
    registry.process.signal(Signal::TERM);
    let ended = registry.process.end();
    let lines: Vec<serde_json::Value> =
        ended.err.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = |line: &&serde_json::Value| line["fields"]["cause"] == "registered";
    let line = lines.iter().find(told).expect("the registration is told");
    assert_eq!((&line["fields"]["service"], &line["fields"]["instance"]), (&"ORDERS".into(), &"a".into()));
}

#[test]
fn what_was_registered_is_there_again_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let data = ["--data", folder.path().to_str().unwrap()];
    let registry = Registry::start(&data);
    registry.register("orders", "a", "UP");
    registry.register("orders", "b", "DOWN");
    registry.register("payments", "c", "UP");
    registry.process.signal(Signal::KILL);
    assert_eq!(registry.process.end().code, None);

    let again = Registry::start(&data);
    let banner = again.banner();
    assert!(banner.contains("restored 3 instances of 2 services, last heard 20"), "{banner}");
    assert!(banner.contains("they have their time-to-live plus that outage to come back"), "{banner}");
    let listed = ask(&["instances", "--server", &again.url]);
    assert_eq!(listed.matches("not yet heard").count(), 3, "{listed}");
    let why = ask(&["why", "orders", "a", "--server", &again.url]);
    assert!(why.contains("registered ") && why.contains("nothing was heard from it since"), "{why}");
}

#[test]
fn forgetting_starts_empty() {
    let folder = tempfile::tempdir().unwrap();
    let data = ["--data", folder.path().to_str().unwrap()];
    let registry = Registry::start(&data);
    registry.register("orders", "a", "UP");
    registry.process.signal(Signal::TERM);
    assert_eq!(registry.process.end().code, Some(0));

    let again = Registry::start(&[&data[..], &["--forget"]].concat());
    assert!(!again.banner().contains("restored"), "{}", again.banner());
    assert!(ask(&["services", "--server", &again.url]).starts_with("No services"));
}

#[test]
fn a_damaged_journal_is_told_and_the_registry_serves() {
    let folder = tempfile::tempdir().unwrap();
    let data = ["--data", folder.path().to_str().unwrap()];
    let registry = Registry::start(&data);
    registry.register("orders", "a", "UP");
    registry.process.signal(Signal::TERM);
    assert_eq!(registry.process.end().code, Some(0));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let journal = file.metadata().unwrap().len() > 1_000;
        if journal {
            let mut bytes = std::fs::read(file.path()).unwrap();
            bytes[..256].fill(0xff);
            std::fs::write(file.path(), bytes).unwrap();
        }
    }
    let again = Registry::start(&data);
    assert!(again.banner().contains("\nwarning: "), "{}", again.banner());
}

#[test]
fn a_token_lets_in_who_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "correct-horse-battery-staple-0123456789\n").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let token = ["--token-file", file.to_str().unwrap()];
    let registry = Registry::start(&[&["--ephemeral"], &token[..]].concat());
    let server = ["services", "--server", registry.url.as_str()];
    let refused = run(&server);
    assert_eq!(refused.code, Some(1), "{}", refused.out);
    assert!(refused.err.contains("--token-file FILE"), "{}", refused.err);
    ask(&[&server[..], &token].concat());
}
