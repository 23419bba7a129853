//! [`TARGETS`]: the table of all targets, and how bytes become their input.

use lubdub_eureka::fuzz as eureka;
use lubdub_grpc::fuzz as grpc;
use lubdub_rest::fuzz as rest;
use lubdub_runtime::fuzz as runtime;
use lubdub_server::fuzz as server;

use crate::{configuration, journal, link, seeds, session};

/// Something that reads what comes from outside.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, also that of its folder below `found/`.
    pub name: &'static str,
    /// Reads any bytes; panics where something does not hold.
    pub read: fn(&[u8]),
    /// Where the search begins.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const TARGETS: [Target; 15] = [
    Target { name: "eureka_json", read: eureka_json, seeds: seeds::json },
    Target { name: "eureka_xml", read: eureka_xml, seeds: seeds::xml },
    Target { name: "eureka_body", read: eureka_body, seeds: seeds::bodies },
    Target { name: "eureka_request", read: eureka_request, seeds: seeds::requests },
    Target { name: "rest_parameters", read: rest_parameters, seeds: seeds::parameters },
    Target { name: "rest_page_token", read: rest::page_token, seeds: seeds::places },
    Target { name: "rest_body", read: rest::body, seeds: seeds::orders },
    Target { name: "grpc_session", read: session::say, seeds: seeds::messages },
    Target { name: "grpc_watch", read: grpc::watch_request, seeds: seeds::watches },
    Target { name: "preface", read: server::preface, seeds: seeds::prefaces },
    Target { name: "configuration", read: configuration::read, seeds: seeds::configurations },
    Target { name: "journal_record", read: journal_record, seeds: seeds::records },
    Target { name: "journal_file", read: journal::read_damaged, seeds: seeds::damages },
    Target { name: "link_frames", read: link::live, seeds: seeds::lives },
    Target { name: "motan_frames", read: link::motan, seeds: seeds::motan_frames },
];

/// The target of this name.
pub fn find(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

fn eureka_json(bytes: &[u8]) {
    eureka::registration_body(b"application/json", b"", bytes);
}

fn eureka_xml(bytes: &[u8]) {
    eureka::registration_body(b"application/xml", b"", bytes);
}

/// `Content-Type`, `Content-Encoding`, and the body after two line ends.
fn eureka_body(bytes: &[u8]) {
    let [content_type, content_encoding, body] = lines(bytes);
    eureka::registration_body(content_type, content_encoding, body);
}

/// Path and query, `Accept`, `Accept-Encoding`.
fn eureka_request(bytes: &[u8]) {
    let [target, accept, accept_encoding] = lines(bytes);
    let Ok(target) = std::str::from_utf8(target) else { return };
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    eureka::request(path, query, accept, accept_encoding);
}

/// The query, and `Last-Event-ID`.
fn rest_parameters(bytes: &[u8]) {
    let [query, last_event_id, _] = lines(bytes);
    let text = |bytes| std::str::from_utf8(bytes).ok().filter(|text: &&str| !text.is_empty());
    rest::parameters(text(query), text(last_event_id));
}

/// The format of a record and its payload; and the same bytes as what is left of a file.
fn journal_record(bytes: &[u8]) {
    runtime::salvaged(bytes);
    if let Some((format, payload)) = bytes.split_first() {
        runtime::record(*format, payload);
        runtime::salvaged(&[payload, &runtime::sealed(*format, payload), payload].concat());
    }
}

/// Two lines and the rest; what is not there is empty.
fn lines(bytes: &[u8]) -> [&[u8]; 3] {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}
