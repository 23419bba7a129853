//! Exchanges recorded between real clients and a real Eureka server, sent again to this face:
//! status, content type and body must be the recorded ones, but for what is listed in
//! `deviations`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use http::Method;
use serde_json::Value;
use support::{Answer, Eureka, request, tree};

#[path = "replay/deviations.rs"]
mod deviations;
#[path = "replay/normal.rs"]
mod normal;

use deviations::{Deviation, SKIPPED_FILES};

async fn replay(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded").join(name);
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let eureka = Eureka::start();
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for (at, exchange) in recorded["exchanges"].as_array().unwrap().iter().enumerate() {
        let deviation = deviations::of(name, at);
        if deviation.is_some_and(Deviation::is_not_sent) {
            used.extend(deviation.map(Deviation::number));
            continue;
        }
        let answer = eureka.send(as_request(&exchange["request"])).await;
        let mut differences = compare(exchange, &recorded, &answer, deviation);
        if let Some(deviation) = deviation {
            let before = differences.len();
            differences.retain(|difference| !deviation.covers(difference));
            if differences.len() < before || deviation.status().is_some() {
                used.insert(deviation.number());
            }
        }
        if !differences.is_empty() {
            faults.push(format!("{at} {}:\n    {}", title(exchange), differences.join("\n    ")));
        }
    }
    assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
    let unused = deviations::unused(name, &used);
    assert!(unused.is_empty(), "{name}: these made no difference: {unused:#?}");
}

fn title(exchange: &Value) -> String {
    let request = &exchange["request"];
    let note = exchange["note"].as_str().unwrap_or_default();
    format!("{} {} ({note})", request["method"].as_str().unwrap(), request["path"].as_str().unwrap())
}

fn as_request(recorded: &Value) -> http::Request<axum::body::Body> {
    let method: Method = recorded["method"].as_str().unwrap().parse().unwrap();
    let none = serde_json::Map::new();
    let headers: Vec<(&str, &str)> = recorded["headers"]
        .as_object()
        .unwrap_or(&none)
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let body = recorded["body"].as_str().unwrap_or_default();
    let bytes = if recorded["encoding"] == "gzip" {
        support::zipped(body.as_bytes())
    } else {
        body.as_bytes().to_vec()
    };
    let body = if recorded["framing"] == "chunked" {
        // Without a length.
        axum::body::Body::new(support::Unsized::new(bytes))
    } else {
        bytes.into()
    };
    request(method, recorded["path"].as_str().unwrap(), &headers, body)
}

fn compare(exchange: &Value, file: &Value, answer: &Answer, deviation: Option<&Deviation>) -> Vec<String> {
    let recorded = &exchange["response"];
    let mut differences = Vec::new();
    let status = recorded["status"].as_u64().unwrap() as u16;
    let meant = deviation.and_then(Deviation::status);
    assert_ne!(meant, Some(status), "a deviation that is none: {}", title(exchange));
    let expected = meant.unwrap_or(status);
    if answer.status.as_u16() != expected {
        differences.push(format!("status {} instead of {expected}; {}", answer.status, answer.text()));
        return differences;
    }
    if answer.status.as_u16() >= 400 {
        let is_registration = exchange["request"]["method"] == "POST";
        let may_tell = answer.status == 400 && is_registration || answer.status == 409;
        if !may_tell && !answer.body.is_empty() {
            differences.push(format!("an error with a body: {}", answer.text()));
        }
    }
    if status != answer.status.as_u16() || (status >= 400 && status != 409) {
        return differences;
    }
    let recorded_body = recorded["body"].as_str().unwrap_or_default();
    if recorded_body.is_empty() || exchange["request"]["method"] == "HEAD" {
        if !answer.body.is_empty() && exchange["request"]["method"] != "HEAD" {
            differences.push(format!("a body: {}", answer.text()));
        }
        return differences;
    }
    let content_type = recorded["headers"]["Content-Type"].as_str().unwrap().to_ascii_lowercase();
    if answer.content_type() != content_type {
        differences.push(format!("content type {} instead of {content_type}", answer.content_type()));
        return differences;
    }
    let read = |text: &str| {
        let document = if content_type.contains("json") {
            serde_json::from_str(text).unwrap()
        } else {
            tree::from_xml(text)
        };
        normal::form(document, file)
    };
    normal::differences("", &read(recorded_body), &read(answer.text()), &mut differences);
    differences
}

macro_rules! recordings {
    ($($test:ident: $file:literal),* $(,)?) => {
        $(#[tokio::test]
        async fn $test() {
            replay($file).await;
        })*

        #[test]
        fn every_recording_is_replayed_or_its_reason_is_given() {
            let known = [$($file),*];
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded");
            for entry in std::fs::read_dir(folder).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                let skipped = SKIPPED_FILES.iter().any(|(file, _)| *file == name);
                assert!(known.contains(&name.as_str()) != skipped || !name.ends_with(".json"), "{name}");
            }
        }
    };
}

recordings! {
    delta_and_hash_code: "delta-and-hash-code.json",
    dirty_timestamps: "dirty-timestamps.json",
    errors: "errors.json",
    the_life_of_a_node_client: "js-life-cycle.json",
    operations_in_json: "json-operations.json",
    the_precedence_of_overrides: "override-precedence.json",
    paths_and_bodies: "paths-and-bodies.json",
    the_life_of_a_python_client: "py-life-cycle.json",
    the_life_of_a_spring_client: "spring-life-cycle.json",
    unusual_registrations: "unusual-registrations.json",
    operations_in_xml: "xml-operations.json",
}
