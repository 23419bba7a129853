//! Bad input: each row has its answer, and leaves the registry as it was.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

mod support;

use axum::body::Body;
use http::{Method, Request};
use support::{Eureka, instance, request};

const JSON: (&str, &str) = ("content-type", "application/json");
const XML: (&str, &str) = ("content-type", "application/xml");

/// What is registered, told apart from any other state.
fn state(eureka: &Eureka) -> (u64, Vec<String>) {
    let catalog = eureka.catalog();
    let instances = catalog.services().flat_map(|service| service.iter());
    (catalog.revision().0, instances.map(|listed| format!("{:?}", listed.instance)).collect())
}

async fn started() -> Eureka {
    let eureka = Eureka::start();
    eureka.register("ORDERS", "i-1", r#""lastDirtyTimestamp":"1000","metadata":{"zone":"a"}"#).await;
    eureka
}

/// Sends it, and expects that status, a text that begins so, and no change.
async fn refused(eureka: &Eureka, request: Request<Body>, status: u16, text: &str) {
    let before = state(eureka);
    let asked = format!("{} {}", request.method(), request.uri());
    let answer = eureka.send(request).await;
    assert_eq!(answer.status.as_u16(), status, "{asked}, {text}: {}", answer.text());
    assert!(answer.text().starts_with(text), "{asked}: {}", answer.text());
    assert_eq!(answer.body.is_empty(), text.is_empty(), "{asked}: {}", answer.text());
    assert_eq!(state(eureka), before, "{asked}, {text}");
}

fn post(body: impl Into<Body>) -> Request<Body> {
    request(Method::POST, "/eureka/apps/ORDERS", &[JSON], body)
}

fn with(more: &str) -> Request<Body> {
    post(instance("ORDERS", "i-1", more))
}

#[tokio::test]
async fn documents_that_cannot_be_read() {
    let eureka = started().await;
    for (body, text) in [
        (&b""[..], "body is \"\", expected a JSON document (EOF"),
        (b"{", "body is \"{\", expected a JSON document (EOF while parsing"),
        (b"null", "instance is \"null\", expected the root of the document"),
        (b"[]", "instance is \"a list of 0\", expected the root"),
        (b"{}", "instance is \"an object with nothing\", expected the root"),
        (b"{\"instance\":[]}", "instance is \"a list of 0\", expected an object"),
        (b"{\"instance\":{}}", "dataCenterInfo is \"\", expected an object with a name"),
        (b"\xff\xfe", "body is \"invalid from byte 0\", expected text in UTF-8"),
        (b"{\"instance\":\"\xc3\"}", "body is \"invalid from byte 13\", expected text in UTF-8"),
        (b"{\"instance\":{\"app\":\"\\ud800\"}}", "body is"),
    ] {
        refused(&eureka, post(body), 400, text).await;
    }
    for (body, text) in [
        ("", "body is \"\", expected an XML document (no element)"),
        ("<instance>", "body is \"<instance>\", expected an XML document (<instance> is not closed)"),
        ("<other/>", "instance is \"an object with other\", expected the root"),
        ("<instance/>", "instance is \"\", expected an object"),
        ("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><instance>&b;</instance>", "body is"),
    ] {
        refused(&eureka, request(Method::POST, "/eureka/apps/ORDERS", &[XML], body), 400, text).await;
    }
    let deep = "[".repeat(100_000);
    refused(&eureka, post(deep), 400, "body is").await;
    let zipped =
        request(Method::POST, "/eureka/apps/ORDERS", &[JSON, ("content-encoding", "gzip")], "no gzip");
    refused(&eureka, zipped, 400, "body is \"7 bytes\", expected gzip").await;
}

#[tokio::test]
async fn instances_that_lack_something_or_contradict_themselves() {
    const INFO: &str = r#""dataCenterInfo":{"name":"MyOwn"}"#;
    let eureka = started().await;
    for (members, text) in [
        (r#""app":"ORDERS","ipAddr":"10.0.0.7""#, "instanceId is \"\", expected an id, or a hostName"),
        (
            r#""app":"ORDERS","instanceId":"i-1","ipAddr":"10.0.0.7""#,
            "hostName is \"\", expected a host name",
        ),
        (
            r#""app":"ORDERS","hostName":" ","instanceId":"i","ipAddr":"10.0.0.7""#,
            "hostName is \"\", expected",
        ),
        (r#""app":"ORDERS","hostName":"h""#, "ipAddr is \"\", expected an IP address"),
        (r#""hostName":"h","ipAddr":"10.0.0.7""#, "app is \"\", expected a name"),
        (r#""app":"","hostName":"h","ipAddr":"10.0.0.7""#, "app is \"\", expected a name"),
        (
            r#""app":"STOCK","hostName":"h","ipAddr":"10.0.0.7""#,
            "app is \"STOCK\", expected \"ORDERS\", the name in the path",
        ),
        (
            r#""app":{},"hostName":"h","ipAddr":"10.0.0.7""#,
            "app is \"an object with nothing\", expected a text",
        ),
    ] {
        refused(&eureka, post(format!(r#"{{"instance":{{{members},{INFO}}}}}"#)), 400, text).await;
    }
    for (more, text) in [
        (r#""dataCenterInfo":null"#, "dataCenterInfo is \"\", expected an object with a name"),
        (r#""dataCenterInfo":"MyOwn""#, "dataCenterInfo is \"MyOwn\", expected an object"),
        (r#""dataCenterInfo":{"name":"Moon"}"#, "dataCenterInfo.name is \"Moon\", expected one of MyOwn"),
    ] {
        refused(&eureka, with(more), 400, text).await;
    }
}

#[tokio::test]
async fn values_of_wrong_types_and_out_of_range() {
    let eureka = started().await;
    for (more, text) in [
        (r#""port":{"$":65536}"#, "port is \"65536\", expected a port from 0 to 65535"),
        (r#""port":{"$":-1}"#, "port is \"-1\", expected a port from 0 to 65535"),
        (r#""port":{"$":99999999999999999999999999}"#, "port is"),
        (r#""port":{"$":8080.5}"#, "port is \"8080.5\", expected a whole number"),
        (r#""securePort":{"$":"https"}"#, "securePort is \"https\", expected a whole number"),
        (
            r#""securePort":{"$":443,"@enabled":"perhaps"}"#,
            "securePort is \"perhaps\", expected true or false",
        ),
        (r#""leaseInfo":[]"#, "leaseInfo is \"a list of 0\", expected an object"),
        (
            r#""leaseInfo":{"durationInSecs":315360000}"#,
            "leaseInfo.durationInSecs is \"315360000s\", expected a time-to-live from 100ms to 2592000s",
        ),
        (r#""leaseInfo":{"durationInSecs":1e300}"#, "leaseInfo.durationInSecs is"),
        (r#""leaseInfo":{"durationInSecs":{}}"#, "leaseInfo.durationInSecs is \"an object with nothing\""),
        (
            r#""leaseInfo":{"renewalIntervalInSecs":315360000}"#,
            "leaseInfo.renewalIntervalInSecs is \"315360000s\", expected an interval",
        ),
        (r#""metadata":"zone""#, "metadata is \"zone\", expected an object"),
        (r#""metadata":{"a":["b"]}"#, "metadata is \"a list of 1\", expected a text"),
        (
            r#""lastDirtyTimestamp":"yesterday""#,
            "lastDirtyTimestamp is \"yesterday\", expected a whole number",
        ),
        (r#""countryId":9999999999"#, "countryId is \"9999999999\", expected a number of 32 bits"),
        (r#""instanceId":"a\nb""#, "instanceId is \"a\\\\nb\", expected no control characters"),
        (r#""status":["UP"]"#, "status is \"a list of 1\", expected a text"),
    ] {
        refused(&eureka, with(more), 400, text).await;
    }
    let long = format!(r#""instanceId":"{}""#, "x".repeat(10_000));
    refused(&eureka, with(&long), 400, "instanceId is \"xxx").await;
    let urls = format!(r#""homePageUrl":"{}""#, "x".repeat(100_000));
    refused(&eureka, with(&urls), 400, "instance is \"100").await;
}

#[tokio::test]
async fn durations_that_are_none_are_the_default() {
    for more in [
        "",
        r#""leaseInfo":{"durationInSecs":0}"#,
        r#""leaseInfo":{"durationInSecs":-5,"renewalIntervalInSecs":-5}"#,
        r#""leaseInfo":{"durationInSecs":null}"#,
    ] {
        let eureka = Eureka::start();
        eureka.register("ORDERS", "i-1", more).await;
        let lease = eureka.get("/eureka/apps/ORDERS/i-1").await.json()["instance"]["leaseInfo"].clone();
        assert_eq!(
            (&lease["durationInSecs"], &lease["renewalIntervalInSecs"]),
            (&90.into(), &30.into()),
            "{more}"
        );
    }
}

#[tokio::test]
async fn a_status_that_nobody_knows_is_unknown() {
    let eureka = Eureka::start();
    eureka.register("ORDERS", "i-1", r#""status":"SLEEPY""#).await;
    assert_eq!(eureka.get("/eureka/apps/ORDERS/i-1").await.json()["instance"]["status"], "UNKNOWN");
}

#[tokio::test]
async fn bodies_and_collections_that_are_too_large() {
    let eureka = started().await;
    let entries = |count: usize| {
        let entries: Vec<String> = (0..count).map(|number| format!("\"{number}\":\"\"")).collect();
        format!(r#""metadata":{{{}}}"#, entries.join(","))
    };
    refused(&eureka, with(&entries(257)), 400, "metadata is \"257 entries\", expected at most 256").await;
    refused(&eureka, with(&entries(60_000)), 400, "metadata is \"60000 entries\", expected at most 256")
        .await;
    refused(&eureka, with(&entries(100_000)), 413, "").await;
    let value = format!(r#""metadata":{{"a":"{}"}}"#, "x".repeat(70_000));
    refused(&eureka, with(&value), 400, "metadata is \"70001 bytes\", expected at most 65536 bytes").await;
    let large = || vec![b' '; 10 << 20];
    refused(&eureka, post(large()), 413, "").await;
    // Neither a missing length nor compression hides it.
    refused(&eureka, post(Body::new(support::Unsized::new(large()))), 413, "").await;
    let zipped = support::zipped(&large());
    assert!(zipped.len() < 20_000);
    refused(
        &eureka,
        request(Method::POST, "/eureka/apps/ORDERS", &[JSON, ("content-encoding", "gzip")], zipped),
        413,
        "",
    )
    .await;
    let query: Vec<String> = (0..300).map(|number| format!("k{number}=v")).collect();
    let path = format!("/eureka/apps/ORDERS/i-1/metadata?{}", query.join("&"));
    refused(&eureka, request(Method::PUT, &path, &[], ""), 400, "").await;
}

#[tokio::test]
async fn bodies_of_types_that_are_not_read() {
    let eureka = started().await;
    let body = || instance("ORDERS", "i-2", "");
    for headers in [
        [("content-type", "text/plain"), ("accept", "*/*")],
        [("content-type", "application/x-www-form-urlencoded"), ("accept", "*/*")],
        [("content-type", "application/json;charset=UTF-16"), ("accept", "*/*")],
        [JSON, ("content-encoding", "br")],
    ] {
        refused(&eureka, request(Method::POST, "/eureka/apps/ORDERS", &headers, body()), 415, "").await;
    }
}

#[tokio::test]
async fn paths_and_parameters_that_cannot_be_read() {
    let eureka = started().await;
    for (method, path, status) in [
        (Method::PUT, "/eureka/apps/ORDERS/i%", 400),
        (Method::PUT, "/eureka/apps/%ff/i-1", 400),
        (Method::PUT, "/eureka/apps/ORDERS/i-1/status?value=%", 400),
        (Method::PUT, "/eureka/apps/ORDERS/i-1/status?value=DOWN&lastDirtyTimestamp=x", 400),
        (Method::PUT, "/eureka/apps/ORDERS/i-1/metadata?a=%ff", 400),
        (Method::PUT, "/eureka/apps/ORDERS/i-1?lastDirtyTimestamp=x", 400),
        (Method::DELETE, "/eureka/apps/ORDERS/%c3", 400),
        (Method::DELETE, "/eureka/apps/ORDERS/i-1/status?lastDirtyTimestamp=x", 400),
        (Method::POST, "/eureka/apps/%", 400),
        (Method::GET, "/eureka/apps/%zz", 400),
        (Method::GET, "/eureka/vips/%zz", 400),
        (Method::PUT, "/eureka/asg/orders/status?value=ENABLED", 400),
        (Method::POST, "/eureka/apps/ORDERS/i-1", 405),
        (Method::POST, "/eureka/apps", 405),
        (Method::POST, "/eureka/apps/delta", 405),
        (Method::PATCH, "/eureka/apps/ORDERS", 405),
        (Method::DELETE, "/eureka/apps", 405),
        (Method::GET, "/eureka/apps/ORDERS/i-1/status", 405),
        (Method::PUT, "/eureka/status", 405),
        (Method::GET, "/eureka/apps/a/b/c/d/e/f/g", 404),
        (Method::PUT, "/eureka/apps/ORDERS/i-1/other", 404),
    ] {
        refused(&eureka, request(method, path, &[JSON], ""), status, "").await;
    }
}
