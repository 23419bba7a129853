//! Doors for the fuzzer to what reads a request, with what must hold whatever comes in.
//!
//! Each panics where something does not hold. Not for use: it may change without notice.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use axum::body::Body;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use lubdub_core::delta::Action;
use lubdub_core::model::{Check, CheckState, Generation, Instance, LeaseTerms};
use lubdub_core::view::Listed;
use lubdub_core::{Moment, Registration, Revision, StatusRule, Tick, WallTime};

use crate::body::Document;
use crate::convert::{app_name, registration, shown};
use crate::negotiate::Wanted;
use crate::path::{Place, Scratch};
use crate::query;
use crate::routes::route;
use crate::wire::{Format, Version, compact_json, compact_xml, full_json, full_xml, read_instance};

const NOW: Moment = Moment { tick: Tick(7_000), wall: WallTime(1_800_000_000_000) };
/// The most bytes of a body, before and after decompression.
const MOST: usize = 1 << 16;

/// A registration's body with the headers `Content-Type` and `Content-Encoding`, where they are
/// headers at all. What is accepted of it is shown so that it asks for the same again.
///
/// # Panics
///
/// It is not.
pub fn registration_body(content_type: &[u8], content_encoding: &[u8], body: &[u8]) {
    let mut headers = HeaderMap::new();
    put(&mut headers, CONTENT_TYPE, content_type);
    put(&mut headers, CONTENT_ENCODING, content_encoding);
    let body = Body::from(body.to_vec());
    let reading = pin!(Document::read(&headers, body, MOST));
    let Poll::Ready(read) = reading.poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("a body that is here does not wait");
    };
    let Ok(document) = read else { return };
    let Ok(text) = document.text() else { return };
    let Ok(instance) = read_instance(document.format, &text) else { return };
    let Some(app) = instance.app.clone() else { return };
    for rule in [StatusRule::KeepStored, StatusRule::Report] {
        if let Ok(asked) = registration(&instance, &app, rule, NOW.wall) {
            shown_again(&asked, &app);
        }
    }
    assert!(registration(&instance, "", StatusRule::KeepStored, NOW.wall).is_err(), "a path names an app");
}

/// Path, query and headers of a request. A route that is found is found again from its segments
/// alone, and names are decoded once.
///
/// # Panics
///
/// They are not.
pub fn request(path: &str, query: Option<&str>, accept: &[u8], accept_encoding: &[u8]) {
    let mut headers = HeaderMap::new();
    put(&mut headers, ACCEPT, accept);
    put(&mut headers, ACCEPT_ENCODING, accept_encoding);
    let _ = Wanted::read(&headers);
    if let Some(place) = Place::read(path) {
        let segments = place.segments();
        assert!(segments.iter().all(|segment| !segment.is_empty() && !segment.contains('/')));
        let mut scratch = Scratch::default();
        for segment in segments {
            let Ok(name) = scratch.decode(segment) else { continue };
            assert!(segment.contains('%') || name == *segment, "{segment}: {name}");
        }
        let joined = segments.join("/");
        assert_eq!(route(path), route(&format!("/eureka/v2/{joined}")), "{path}");
    }
    let _ = query::last_dirty(query);
    let _ = query::status(query, "value");
    let Ok(entries) = query::entries(query) else { return };
    assert!(entries.iter().all(|(name, _)| !name.is_empty()), "{entries:?}");
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &[u8]) {
    match HeaderValue::from_bytes(value) {
        Ok(value) if !value.is_empty() => drop(headers.insert(name, value)),
        _ => {}
    }
}

/// What is registered, shown in both formats and read again. XML cannot hold some characters;
/// there it must be a document all the same.
fn shown_again(asked: &Registration, given_app: &str) {
    let listed = listed(asked);
    let app = app_name(asked.key.service().as_str());
    let shown = shown(&listed, &app, NOW, None);
    let full = document(|out| full_json(&shown, out));
    let again = read_instance(Format::Json, &full).unwrap_or_else(|fault| panic!("{fault}: {full}"));
    let again = registration(&again, given_app, asked.status_rule, NOW.wall);
    assert_eq!(again.as_ref(), Ok(asked), "{full}");
    let compact = document(|out| compact_json(&shown, out));
    assert!(serde_json::from_str::<serde_json::Value>(&compact).is_ok(), "{compact}");
    for write in [full_xml, compact_xml] {
        let mut xml = String::new();
        write(&shown, Version::V2, &mut xml);
        // Whatever else it may say of a shortened instance, the text is XML.
        let read = read_instance(Format::Xml, &xml);
        assert!(!read.is_err_and(|fault| fault.field == "body"), "{xml}");
    }
}

fn document(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut json = b"{\"instance\":".to_vec();
    write(&mut json);
    json.push(b'}');
    String::from_utf8(json).unwrap_or_else(|error| panic!("{error}"))
}

/// The registry's instance after a first registration.
pub(crate) fn listed(asked: &Registration) -> Listed {
    let check = |terms: &lubdub_core::CheckTerms| Check {
        id: terms.id.clone(),
        lease: LeaseTerms::renewed(terms.ttl, terms.interval),
        state: CheckState::Passing,
    };
    let instance = Instance {
        key: asked.key.clone(),
        generation: Generation::default(),
        address: asked.address.clone(),
        profile: Arc::new(asked.profile.clone()),
        reported: asked.reported,
        status: asked.reported,
        status_override: asked.carried_override,
        ask_again: false,
        held: false,
        damped: false,
        precedence: asked.precedence,
        checks: asked.checks.iter().map(check).collect(),
        registered_at: NOW.wall,
        up_at: None,
        updated_at: NOW.wall,
    };
    Listed {
        instance: Arc::new(instance),
        leases: std::iter::empty().collect(),
        modified: Revision(1),
        action: Action::Added,
    }
}
