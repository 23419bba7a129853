//! What a request's headers ask for.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::header::{ACCEPT, ACCEPT_ENCODING};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use lubdub_core::Sender;
use lubdub_runtime::render::Coding;

use crate::wire::{FACE, Format};

const REPLICATION: HeaderName = HeaderName::from_static("x-netflix-discovery-replication");
const EUREKA_ACCEPT: HeaderName = HeaderName::from_static("x-eureka-accept");

/// What answers should be like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) format: Format,
    pub(crate) compact: bool,
    pub(crate) coding: Coding,
}

impl Wanted {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let gzip = values(headers, &ACCEPT_ENCODING).flat_map(|value| value.split(',')).any(accepts_gzip);
        Self {
            format: format(headers),
            compact: values(headers, &EUREKA_ACCEPT).any(|value| value.eq_ignore_ascii_case("compact")),
            coding: if gzip { Coding::Gzip } else { Coding::Identity },
        }
    }
}

/// Of JSON and XML the one that is named first. XML where neither is, because the Python client
/// sends no `Accept` and reads only XML.
fn format(headers: &HeaderMap) -> Format {
    let named = |item: &str| {
        if contains(item, b"json") {
            Some(Format::Json)
        } else {
            contains(item, b"xml").then_some(Format::Xml)
        }
    };
    values(headers, &ACCEPT).flat_map(|value| value.split(',')).find_map(named).unwrap_or(Format::Xml)
}

/// Whether a text contains a word, in any case.
fn contains(text: &str, word: &[u8]) -> bool {
    text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

/// Whether a peer sent this, and not a client.
pub(crate) fn is_replication(headers: &HeaderMap) -> bool {
    headers.get(REPLICATION).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"true"))
}

/// Who sent a request, as far as the server told.
pub(crate) fn sender(parts: &Parts) -> Sender {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    Sender { face: FACE, address: peer.map(|ConnectInfo(address)| address.ip()), operator: None }
}

fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
}

fn accepts_gzip(item: &str) -> bool {
    let mut parts = item.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
    let refused = parts.any(|part| {
        part.strip_prefix("q=")
            .and_then(|weight| weight.parse::<f32>().ok())
            .is_some_and(|weight| weight <= 0.0)
    });
    named && !refused
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(name: HeaderName, value: &'static str) -> Wanted {
        Wanted::read(&HeaderMap::from_iter([(name, http::HeaderValue::from_static(value))]))
    }

    #[test]
    fn xml_is_the_answer_unless_json_is_asked_for() {
        assert_eq!(Wanted::read(&HeaderMap::new()).format, Format::Xml);
        for (accept, format) in [
            ("*/*", Format::Xml),
            ("application/xml", Format::Xml),
            ("application/json", Format::Json),
            ("application/json, application/*+json", Format::Json),
            ("text/html, application/json, application/xml", Format::Json),
            ("application/xml, application/json;q=0.5", Format::Xml),
            ("APPLICATION/JSON", Format::Json),
        ] {
            assert_eq!(wanted(ACCEPT, accept).format, format, "{accept}");
        }
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        for (accept, coding) in [
            ("gzip", Coding::Gzip),
            ("deflate, GZIP;q=0.5", Coding::Gzip),
            ("gzip;q=0", Coding::Identity),
            ("deflate", Coding::Identity),
        ] {
            assert_eq!(wanted(ACCEPT_ENCODING, accept).coding, coding, "{accept}");
        }
    }

    #[test]
    fn only_the_word_compact_asks_for_less() {
        assert!(wanted(EUREKA_ACCEPT, "compact").compact);
        assert!(!wanted(EUREKA_ACCEPT, "full").compact);
        assert!(!wanted(EUREKA_ACCEPT, "other").compact);
    }
}
