//! Who may ask what, over real sockets: the refusal, and what it looks like on each kind of
//! path.

use std::io::Write;

use lubdub_testkit_server::{Answer, Exchange, TestServer};

const TOKEN: &str = "open-sesame-1234";

/// A server that asks for [`TOKEN`], and the file that holds it.
fn guarded() -> (TestServer, tempfile::NamedTempFile) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    writeln!(file, "{TOKEN}").expect("a temporary file can be written");
    let path = file.path().to_owned();
    (TestServer::with(|config| config.token_file = Some(path)), file)
}

fn ask(server: &TestServer, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    Exchange::with(server.address()).request(method, path, headers, body)
}

#[test]
fn a_foreign_host_is_turned_away() {
    let server = TestServer::in_memory();
    for (host, status) in [
        ("localhost", 200),
        ("127.0.0.1:8761", 200),
        ("[::1]:8761", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example:8761", 421),
        ("", 421),
    ] {
        let answer = ask(&server, "GET", "/healthz", &[("host", host)], "");
        assert_eq!(answer.status, status, "{host}");
    }
    let mut none = Exchange::with(server.address());
    none.send("GET /healthz HTTP/1.1\r\n\r\n");
    assert_eq!(none.answer("GET").status, 400);
    let mut old = Exchange::with(server.address());
    old.send("GET /healthz HTTP/1.0\r\n\r\n");
    assert_eq!(old.answer("GET").status, 200);
}

#[test]
fn a_page_of_another_origin_changes_nothing() {
    let server = TestServer::in_memory();
    for (method, path) in [
        ("PUT", "/eureka/apps/ORDERS/web-1"),
        ("POST", "/eureka/apps/ORDERS"),
        ("DELETE", "/eureka/apps/ORDERS/web-1"),
        ("POST", "/api/v1/services"),
    ] {
        let answer = ask(&server, method, path, &[("origin", "http://evil.example")], "");
        assert_eq!(answer.status, 403, "{method} {path}");
    }
    let reading = ask(&server, "GET", "/api/v1/services", &[("origin", "http://evil.example")], "");
    assert_eq!(reading.status, 200);
    assert!(!reading.headers.iter().any(|(name, _)| name.starts_with("access-control-")));
    let preflight = [("origin", "http://evil.example"), ("access-control-request-method", "PUT")];
    let answer = ask(&server, "OPTIONS", "/eureka/apps/ORDERS/web-1", &preflight, "");
    assert!(!answer.headers.iter().any(|(name, _)| name.starts_with("access-control-")), "{answer:?}");
}

#[test]
fn the_page_is_given_to_browsers_of_this_machine_alone() {
    let server = TestServer::in_memory();
    let browser = ("accept", "text/html,*/*;q=0.8");
    let page = ask(&server, "GET", "/", &[browser], "");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(ask(&server, "GET", "/web/main.js", &[], "").status, 200);
    assert_eq!(ask(&server, "POST", "/web/main.js", &[], "").status, 405);
    for path in ["/", "/web/main.js"] {
        let elsewhere = ask(&server, "GET", path, &[browser, ("host", "evil.example")], "");
        assert_eq!((elsewhere.status, elsewhere.body.as_str()), (421, ""), "{path}");
    }
}

#[test]
fn refusals_are_bare_on_protocol_paths_and_problems_on_rest_paths() {
    let server = TestServer::in_memory();
    let foreign = [("host", "evil.example")];
    for path in ["/eureka/apps", "/eureka/v2/apps/ORDERS", "/v2/apps", "/"] {
        let answer = ask(&server, "GET", path, &foreign, "");
        assert_eq!((answer.status, answer.body.as_str()), (421, ""), "{path}");
    }
    for path in ["/api/v1/services", "/readyz"] {
        let answer = ask(&server, "GET", path, &foreign, "");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{path}");
        assert!(
            answer.body.contains("\"status\":421") && answer.body.contains("expected the Host localhost")
        );
    }
}

#[test]
fn a_body_of_another_kind_than_json_or_xml_is_not_read() {
    let server = TestServer::in_memory();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
        for path in ["/eureka/apps/ORDERS", "/api/v1/services"] {
            let answer = ask(&server, "POST", path, &[("content-type", kind)], "{}");
            assert_eq!(answer.status, 415, "{kind} {path}");
            assert_eq!(answer.body.is_empty(), path.starts_with("/eureka"), "{kind} {path}");
        }
    }
    assert_eq!(server.handle().catalog().service_count(), 0);
}

#[test]
fn a_call_of_grpc_without_http_2_is_told_so() {
    let server = TestServer::in_memory();
    let kind = [("content-type", "application/grpc")];
    let answer = ask(&server, "POST", "/lubdub.v1.Registry/GetInstance", &kind, "x");
    assert_eq!(answer.status, 415);
    assert!(answer.body.contains("gRPC is spoken over HTTP/2"), "{}", answer.body);
}

#[test]
fn without_the_token_nothing_is_answered_but_the_liveness_probe() {
    let (server, _file) = guarded();
    let basic = |password: &str| {
        use base64::Engine;
        format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(format!("eureka:{password}")))
    };
    let credentials: [(Option<String>, bool); 7] = [
        (None, false),
        (Some(format!("Bearer {TOKEN}")), true),
        (Some(basic(TOKEN)), true),
        (Some("Bearer wrong-sesame-1234".to_owned()), false),
        (Some(basic("wrong")), false),
        (Some(TOKEN.to_owned()), false),
        (Some("Basic %%%".to_owned()), false),
    ];
    for (credentials, good) in credentials {
        let headers: Vec<_> = credentials.iter().map(|value| ("authorization", value.as_str())).collect();
        for (method, path, status) in [
            ("GET", "/api/v1/services", 200),
            ("GET", "/readyz", 200),
            ("GET", "/eureka/apps", 200),
            ("PUT", "/eureka/apps/ORDERS/web-1", 404),
        ] {
            let answer = ask(&server, method, path, &headers, "");
            assert_eq!(answer.status, if good { status } else { 401 }, "{path} {headers:?}");
            if !good {
                assert_eq!(answer.body, "", "{path}");
                let challenges = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
                assert_eq!(challenges.count(), 2);
            }
        }
        assert_eq!(ask(&server, "GET", "/healthz", &headers, "").status, 200);
    }
}

#[test]
fn own_beats_need_their_own_secret_and_no_other() {
    let (server, _file) = guarded();
    for (query, status) in [("", 404), ("?token=&sent=1", 404), ("?token=x&sent=1", 404), ("?sent=x", 404)] {
        let answer = ask(&server, "PUT", &format!("/.lubdub/own-beat{query}"), &[], "");
        assert_eq!((answer.status, answer.body.as_str()), (status, ""), "{query}");
    }
}
