use super::*;

/// A request with these headers.
fn asked(method: Method, uri: &str, headers: &[(&str, &str)]) -> http::Request<()> {
    let mut request = http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap()
}

fn admit(request: &http::Request<()>, loopback: bool, has_body: bool) -> Result<(), Refusal> {
    let asked = Asked {
        method: request.method(),
        uri: request.uri(),
        version: request.version(),
        headers: request.headers(),
        has_body,
    };
    Access { token: None }.admit(asked, loopback)
}

#[test]
fn a_loopback_listener_serves_loopback_names_alone() {
    let named = |host: &str| admit(&asked(Method::GET, "/", &[("host", host)]), true, false);
    for own in
        ["localhost", "LocalHost:8761", "127.0.0.1", "127.0.0.1:8761", "127.8.9.1:1", "[::1]", "[::1]:8761"]
    {
        assert_eq!(named(own), Ok(()), "{own}");
    }
    for foreign in [
        "example.org",
        "example.org:8761",
        "localhost.example.org",
        "127.0.0.1.example.org",
        "10.0.0.1:8761",
        "0.0.0.0:8761",
        "[::2]:8761",
        "::1",
        "[::1",
        "localhost:port",
        "localhost:",
        "127.1",
        "2130706433",
        "",
    ] {
        assert_eq!(named(foreign), Err(Refusal::ForeignHost), "{foreign}");
    }
}

#[test]
fn a_listener_for_others_serves_every_name() {
    let request = asked(Method::GET, "/", &[("host", "registry.example.org")]);
    assert_eq!(admit(&request, false, false), Ok(()));
}

#[test]
fn an_absolute_target_outranks_the_host_header() {
    let request = asked(Method::GET, "http://example.org/", &[("host", "localhost")]);
    assert_eq!(admit(&request, true, false), Err(Refusal::ForeignHost));
}

#[test]
fn a_request_names_one_host_unless_it_is_of_the_old_kind() {
    assert_eq!(admit(&asked(Method::GET, "/", &[]), true, false), Err(Refusal::NoHost));
    let two = asked(Method::GET, "/", &[("host", "localhost"), ("host", "localhost")]);
    assert_eq!(admit(&two, true, false), Err(Refusal::NoHost));
    let mut old = asked(Method::GET, "/", &[]);
    *old.version_mut() = Version::HTTP_10;
    assert_eq!(admit(&old, true, false), Ok(()));
}

#[test]
fn a_page_of_another_origin_changes_nothing() {
    let from = |method: Method, origin: &str| {
        admit(&asked(method, "/", &[("host", "127.0.0.1:8761"), ("origin", origin)]), true, false)
    };
    for foreign in [
        "http://example.org",
        "null",
        "http://127.0.0.1",
        "http://127.0.0.1:3000",
        "http://localhost:8761",
        "127.0.0.1:8761",
        "",
    ] {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
            assert_eq!(from(method, foreign), Err(Refusal::ForeignOrigin), "{foreign}");
        }
        assert_eq!(from(Method::GET, foreign), Ok(()), "{foreign}");
    }
    assert_eq!(from(Method::POST, "http://127.0.0.1:8761"), Ok(()));
}

#[test]
fn an_origin_without_a_port_means_its_schemes_own() {
    for (origin, host, own) in [
        ("http://registry", "registry", true),
        ("http://registry", "registry:80", true),
        ("https://registry", "registry:443", true),
        ("https://registry", "registry", true),
        ("https://registry", "registry:8761", false),
    ] {
        let request = asked(Method::PUT, "/", &[("host", host), ("origin", origin)]);
        assert_eq!(admit(&request, false, false).is_ok(), own, "{origin} {host}");
    }
}

#[test]
fn a_body_is_json_or_xml_or_says_nothing() {
    let of = |kind: &str| {
        admit(&asked(Method::POST, "/", &[("host", "localhost"), ("content-type", kind)]), true, true)
    };
    for good in [
        "application/json",
        "Application/JSON; charset=UTF-8",
        "text/xml",
        "application/xml",
        "application/problem+json",
    ] {
        assert_eq!(of(good), Ok(()), "{good}");
    }
    for bad in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=json", "json", ""]
    {
        assert_eq!(of(bad), Err(Refusal::ForeignContent), "{bad}");
    }
    let silent = asked(Method::POST, "/", &[("host", "localhost")]);
    assert_eq!(admit(&silent, true, true), Ok(()));
    let empty = asked(Method::PUT, "/", &[("host", "localhost"), ("content-type", "text/plain")]);
    assert_eq!(admit(&empty, true, false), Ok(()));
}
