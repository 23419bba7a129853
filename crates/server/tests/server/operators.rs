//! Who may do what only operators may, over real sockets: the token, where it is, and what
//! follows for whoever has none.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use lubdub_core::Sender;
use lubdub_core::model::InstanceKey;
use lubdub_testkit::provider;
use lubdub_testkit_server::{Answer, Exchange, TestServer};

const INSTANCE: &str = "/api/v1/services/orders/instances/a";
const OVERRIDE: &str = "/api/v1/services/orders/instances/a/override";
const OUT: &str = r#"{"status": "OUT_OF_SERVICE"}"#;
const JSON: (&str, &str) = ("content-type", "application/json");

/// The token in the data directory of a server.
fn token_of(server: &TestServer) -> String {
    let file = server.data().expect("it keeps a journal").join("operator-token");
    fs::read_to_string(file).expect("the token was made").trim().to_owned()
}

fn register(server: &TestServer) {
    let handle = server.handle();
    let workers = tokio::runtime::Builder::new_current_thread().build().expect("workers");
    let joined = workers.block_on(handle.submit(provider("orders", "a").command(), Sender::default()));
    assert!(joined.is_ok(), "{joined:?}");
}

fn ask(server: &TestServer, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    Exchange::with(server.address()).request(method, path, headers, body)
}

#[test]
fn the_token_in_the_data_directory_lets_operators_act_under_their_name() {
    let server = TestServer::durable();
    register(&server);
    let token = token_of(&server);
    let headers = [JSON, ("lubdub-operator-token", token.as_str()), ("lubdub-operator", "alice")];
    let answer = ask(&server, "PUT", OVERRIDE, &headers, OUT);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let history = server.handle().history(&InstanceKey::new("orders", "a"));
    let sender = history.last().and_then(|entry| entry.cause.sender()).expect("somebody did it");
    assert_eq!((sender.face, sender.operator.as_deref()), ("rest", Some("alice")));
    assert_eq!(sender.address, Some([127, 0, 0, 1].into()));
}

#[test]
fn the_token_is_for_the_servers_account_alone_and_survives_a_restart() {
    let server = TestServer::durable();
    let token = token_of(&server);
    let file = server.data().expect("it keeps a journal").join("operator-token");
    let mode = fs::metadata(file).expect("the token was made").permissions().mode();
    assert_eq!((token.len(), mode & 0o777), (64, 0o600));
    assert_eq!(token_of(&server.restart()), token);
}

#[test]
fn whoever_has_no_token_or_a_wrong_one_does_nothing() {
    let server = TestServer::durable();
    register(&server);
    let before = server.handle().catalog().revision();
    for (headers, status) in [
        (&[JSON][..], 401),
        (&[JSON, ("lubdub-operator", "alice")], 401),
        (&[JSON, ("lubdub-operator-token", "open-sesame-1234")], 403),
        (&[JSON, ("authorization", "Bearer open-sesame-1234")], 401),
    ] {
        for (method, path, body) in
            [("PUT", OVERRIDE, OUT), ("DELETE", OVERRIDE, ""), ("DELETE", INSTANCE, "")]
        {
            let answer = ask(&server, method, path, headers, body);
            assert_eq!(answer.status, status, "{method} {path} {headers:?}");
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
        }
    }
    assert_eq!(server.handle().catalog().revision(), before);
}

#[test]
fn a_page_of_another_origin_does_nothing_even_with_the_token() {
    let server = TestServer::durable();
    register(&server);
    let token = token_of(&server);
    let before = server.handle().catalog().revision();
    let headers = [JSON, ("lubdub-operator-token", token.as_str()), ("origin", "http://evil.example")];
    for (method, path, body) in [
        ("PUT", OVERRIDE, OUT),
        ("DELETE", INSTANCE, ""),
        ("POST", "/api/v1/guard/release", r#"{"scope": {"kind": "registry"}}"#),
    ] {
        let answer = ask(&server, method, path, &headers, body);
        assert_eq!(answer.status, 403, "{method} {path}");
        assert!(answer.body.contains("foreign-origin"), "{}", answer.body);
    }
    assert_eq!(server.handle().catalog().revision(), before);
}

#[test]
fn a_file_that_is_named_holds_the_token_instead() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    fs::write(file.path(), "open-sesame-1234\n").expect("a temporary file can be written");
    let path = file.path().to_owned();
    let server = TestServer::with(|config| config.operator_token_file = Some(path));
    register(&server);
    let headers = [JSON, ("lubdub-operator-token", "open-sesame-1234")];
    assert_eq!(ask(&server, "PUT", OVERRIDE, &headers, OUT).status, 200);
}

#[test]
fn a_file_that_is_named_and_missing_keeps_the_server_from_starting() {
    let refused = TestServer::try_with(|config| config.operator_token_file = Some("/nowhere/token".into()));
    let told = refused.err().map(|error| error.to_string()).expect("it does not start");
    assert!(told.contains("/nowhere/token cannot be read"), "{told}");
}

#[test]
fn a_server_in_memory_has_no_operators_unless_a_token_is_named() {
    let server = TestServer::in_memory();
    register(&server);
    let answer = ask(&server, "PUT", OVERRIDE, &[JSON, ("lubdub-operator-token", "open-sesame-1234")], OUT);
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("--operator-token-file FILE"), "{}", answer.body);
}

#[test]
fn a_name_that_is_none_is_refused_and_nothing_is_done() {
    let server = TestServer::durable();
    register(&server);
    let token = token_of(&server);
    let before = server.handle().catalog().revision();
    for name in ["two words", "", &"x".repeat(65)] {
        let headers = [JSON, ("lubdub-operator-token", token.as_str()), ("lubdub-operator", name)];
        let answer = ask(&server, "PUT", OVERRIDE, &headers, OUT);
        assert_eq!(answer.status, 400, "{name:?}: {}", answer.body);
    }
    assert_eq!(server.handle().catalog().revision(), before);
}

#[test]
fn the_access_token_is_asked_for_first_and_opens_nothing_that_operators_do() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    fs::write(file.path(), "access-token-1234\n").expect("a temporary file can be written");
    let path = file.path().to_owned();
    let operators = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    fs::write(operators.path(), "operator-token-1234\n").expect("a temporary file can be written");
    let operator_path = operators.path().to_owned();
    let server = TestServer::with(|config| {
        config.token_file = Some(path);
        config.operator_token_file = Some(operator_path);
    });
    register(&server);
    let access = ("authorization", "Bearer access-token-1234");
    let operator = ("lubdub-operator-token", "operator-token-1234");
    for (headers, status) in [
        (&[JSON, operator][..], 401),
        (&[JSON, access], 401),
        (&[JSON, access, ("lubdub-operator-token", "access-token-1234")], 403),
        (&[JSON, access, operator], 200),
    ] {
        assert_eq!(ask(&server, "PUT", OVERRIDE, headers, OUT).status, status, "{headers:?}");
    }
}
