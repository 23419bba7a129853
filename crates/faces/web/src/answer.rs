//! A file as a response: its headers, and whether the browser has it already.
//!
//! The page shows what strangers sent: names, ids, metadata. It puts all of that in as text; should
//! it ever fail to, these headers let nothing of it run, load or go anywhere.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::assets::Asset;

/// Nothing but our own files and our own interface; no inline script or style; no text ever becomes
/// markup or code (`require-trusted-types-for`); no other page may frame this one.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

/// What every file is sent with.
const ALWAYS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Ids of instances are in its addresses.
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // Kept, and asked for again each time: after an upgrade no old module meets a new one.
    (header::CACHE_CONTROL, "no-cache"),
];

/// The answer to whoever asks for a file; without a body where they say that they have it.
pub(crate) fn file(asset: &Asset, asked: &HeaderMap) -> Response {
    let tag = asset.tag();
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(tag) = HeaderValue::try_from(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if has_it(asked, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind()));
    *response.body_mut() = Body::from(Bytes::from_static(asset.bytes));
    response
}

/// Whether one of the tags that a browser has is this one (RFC 9110, section 13.1.2).
fn has_it(asked: &HeaderMap, tag: &str) -> bool {
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|value| value.split(',')).map(str::trim).any(|known| {
        // A proxy that compressed the file calls its tag weak; it is the same file all the same.
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}
