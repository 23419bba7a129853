//! [`Access`]: who may ask what.
//!
//! Loopback is not a boundary: a web page in a browser on this machine can post to it, under
//! a name of its own that resolves to 127.0.0.1. Hence, on every listener:
//!
//! - on a loopback listener the `Host` is a loopback name or address;
//! - a request that may change something carries no foreign `Origin`;
//! - no answer has a CORS header;
//! - a body is JSON or XML or says nothing of itself, so that a form cannot post one; over HTTP/2 it may be
//!   a gRPC call's, which no form can post either;
//! - where a token is asked for, every request carries it, but the probe of `/healthz`.
//!
//! Everything here borrows from the request and allocates nothing: it is on the way of every
//! renewal.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::header::{self, HeaderName};
use http::{HeaderMap, Method, Uri, Version};

use crate::refusal::Refusal;
use crate::token::Token;

/// The head of a request, as far as access depends on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) version: Version,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) has_body: bool,
}

/// Who may ask what, on all listeners.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) token: Option<Token>,
}

/// Answers whoever wants to know whether the server lives, token or not.
const LIVENESS_PATH: &str = "/healthz";

impl Access {
    /// Whether a request may go on. `loopback`: whether it came to a loopback listener.
    pub(crate) fn admit(&self, asked: Asked<'_>, loopback: bool) -> Result<(), Refusal> {
        let host = named_host(asked)?;
        if loopback && host.is_some_and(|host| !is_loopback_name(host)) {
            return Err(Refusal::ForeignHost);
        }
        if changes(asked.method) && !origin_is_own(asked.headers, host) {
            return Err(Refusal::ForeignOrigin);
        }
        let token = self.token.as_ref().filter(|_| asked.uri.path() != LIVENESS_PATH);
        if token.is_some_and(|token| !token.is_in(asked.headers)) {
            return Err(Refusal::Unauthorized);
        }
        if asked.has_body && !is_json_or_xml(asked.headers) && !is_grpc(asked) {
            return Err(Refusal::ForeignContent);
        }
        Ok(())
    }
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// The host that the client meant: that of an absolute target, else of the one `Host` header.
fn named_host(asked: Asked<'_>) -> Result<Option<&str>, Refusal> {
    let header = single(asked.headers, &header::HOST).map_err(|()| Refusal::NoHost)?;
    let target = asked.uri.authority().map(http::uri::Authority::as_str);
    match target.or(header) {
        Some(host) => Ok(Some(host)),
        // HTTP/1.0 knows no host; browsers do not speak it.
        None if asked.version == Version::HTTP_10 => Ok(None),
        None => Err(Refusal::NoHost),
    }
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

/// Host and port of `host[:port]`.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        // A colon within brackets belongs to an IPv6 address.
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn is_loopback_name(authority: &str) -> bool {
    let (host, port) = split_port(authority);
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return false;
    }
    // The usual two, without parsing what each request says anew.
    if host == "127.0.0.1" || host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let v6 = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match v6 {
        Some(ip) => ip.parse::<Ipv6Addr>().is_ok_and(|ip| ip.to_canonical().is_loopback()),
        None => host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback()),
    }
}

/// Whether a request comes from no web page, or from one of this very server.
fn origin_is_own(headers: &HeaderMap, host: Option<&str>) -> bool {
    let (origin, host) = match (single(headers, &header::ORIGIN), host) {
        (Ok(None), _) => return true,
        (Ok(Some(origin)), Some(host)) => (origin, host),
        _ => return false,
    };
    let Some((scheme, authority)) = origin.split_once("://") else { return false };
    let usual = if scheme.eq_ignore_ascii_case("https") { "443" } else { "80" };
    let (origin_host, origin_port) = split_port(authority);
    let (own_host, own_port) = split_port(host);
    origin_host.eq_ignore_ascii_case(own_host) && origin_port.unwrap_or(usual) == own_port.unwrap_or(usual)
}

/// Whether a request is a gRPC call.
pub(crate) fn is_grpc(asked: Asked<'_>) -> bool {
    const KIND: &str = "application/grpc";
    asked.version == Version::HTTP_2
        && single(asked.headers, &header::CONTENT_TYPE).ok().flatten().is_some_and(|kind| {
            // `application/grpc+proto`, but not the other protocol that begins so, gRPC-Web.
            kind.strip_prefix(KIND).is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', ';']))
        })
}

/// Whether a body is what a face may read: JSON, XML, or of no stated kind.
fn is_json_or_xml(headers: &HeaderMap) -> bool {
    let kind = match single(headers, &header::CONTENT_TYPE) {
        Ok(None) => return true,
        Ok(Some(kind)) => kind.split(';').next().unwrap_or_default().trim(),
        Err(()) => return false,
    };
    let Some((_, kind)) = kind.split_once('/') else { return false };
    let kind = kind.rsplit('+').next().unwrap_or_default();
    kind.eq_ignore_ascii_case("json") || kind.eq_ignore_ascii_case("xml")
}

#[cfg(test)]
mod tests;
