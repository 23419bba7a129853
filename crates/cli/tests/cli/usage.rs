//! What a person who types something gets to read.

use crate::support::{ask, run};

#[test]
fn help_teaches_by_example_and_shows_defaults() {
    let help = ask(&["--help"]);
    for word in [
        "serve",
        "demo",
        "register",
        "services",
        "instances",
        "watch",
        "why",
        "drain",
        "resume",
        "deregister",
        "status",
        "guard",
        "damping",
        "log",
        "bench",
        "completions",
        "man",
        "Examples:",
    ] {
        assert!(help.contains(word), "{word} is missing in {help}");
    }
    assert!(!help.contains("demo-provider"), "{help}");
    for (command, default) in [
        ("serve", "[default: 127.0.0.1:8761]"),
        ("serve", "[default: ./lubdub-data]"),
        ("services", "[default: http://127.0.0.1:8761]"),
        ("demo", "[default: 5]"),
        ("register", "[default: lubdub://127.0.0.1:8761]"),
    ] {
        // Long lines are broken wherever the terminal ends.
        let help: Vec<String> = ask(&[command, "--help"]).split_whitespace().map(str::to_owned).collect();
        assert!(help.join(" ").contains(default), "{default} is missing in {help:?}");
    }
    assert!(ask(&["--version"]).starts_with("lubdub "));
}

#[test]
fn a_command_line_that_cannot_be_understood_ends_with_2_and_the_nearest_that_can() {
    for (arguments, suggestion) in [
        (&["serv"][..], "serve"),
        (&["serve", "--ephemral"], "--ephemeral"),
        (&["instances", "--stauts", "UP"], "--status"),
        (&["instances", "--status", "UPP"], "UP"),
        (&["demo", "--providers", "1"], "3..=40"),
        (&["serve", "--data", "x", "--ephemeral"], "cannot be used with"),
        (&["why", "orders"], "lubdub why orders ID"),
        (&["drain"], "SERVICE/ID"),
        (&["drain", "orders"], "expected SERVICE/ID in one word, such as orders/10.0.0.7:8080"),
        (&["drain", "orders", "a"], "expected SERVICE/ID in one word"),
        (&["drain", "orders/a", "--zone", "eu-1"], "cannot be used with"),
        (&["drain", "orders/a", "--as", "two words"], "1 to 64 visible ASCII characters"),
        (&["deregister"], "SERVICE/ID"),
        (&["guard", "release"], "registry"),
        (&["guard", "release", "zone"], "<NAME>"),
        (&["guard", "release", "zones", "eu-1"], "zone"),
        (&["instances", "--health", "bad"], "critical"),
        (&["bench", "renw"], "renew"),
        (&["bench", "renew", "--duration", "10"], "500ms, 10s or 2m"),
        (&["bench", "read", "--what", "all"], "delta"),
        (&["completions", "tcsh"], "bash"),
        (&["register", "orders"], "--port"),
        (&["register", "orders", "--port", "0"], "1..=65535"),
        (&["register", "orders", "--port", "1", "./orders"], "[-- <COMMAND>...]"),
        (&["instances", "--registry", "lubdub://a"], "<SERVICE>"),
        (&["instances", "orders", "--registry", "lubdub://a", "--held"], "cannot be used with"),
        (&["watch", "--registry", "lubdub://a"], "<SERVICE>"),
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}: {}", ended.err);
        assert!(ended.err.contains(suggestion), "{arguments:?}: {}", ended.err);
        assert_eq!(ended.out, "", "{arguments:?}");
    }
}

#[test]
fn where_no_registry_answers_the_way_to_one_is_told() {
    // Port 1 is reserved and served by nobody.
    for command in [
        &["services"][..],
        &["instances"],
        &["watch"],
        &["why", "a", "b"],
        &["drain", "a/b"],
        &["resume", "a/b"],
        &["deregister", "a/b", "--yes"],
        &["status"],
        &["guard"],
        &["guard", "release", "registry"],
        &["damping"],
        &["damping", "clear", "a/b"],
        &["log"],
        &["log", "debug"],
    ] {
        let ended = run(&[command, &["--server", "http://127.0.0.1:1"]].concat());
        assert_eq!(ended.code, Some(1), "{command:?}");
        assert!(ended.err.contains("nothing answers at http://127.0.0.1:1"), "{}", ended.err);
        assert!(ended.err.contains("`lubdub serve`"), "{}", ended.err);
    }
}

#[test]
fn what_is_no_url_is_told_before_anything_is_asked() {
    let ended = run(&["services", "--server", "localhost:8761"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("`localhost:8761` is not the URL of a registry"), "{}", ended.err);
}

#[test]
fn a_server_that_is_no_registry_is_told_as_such() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        use std::io::{Read, Write};
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>");
        }
    });
    let ended = run(&["services", "--server", &format!("http://{address}")]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("is not a lubdub registry"), "{}", ended.err);
}
