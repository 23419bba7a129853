//! [`RegistryUrl`]: where a registry is, and how it is to be spoken to.
//!
//! `scheme://[user:password@]host[:port][,host[:port]…][/path][?name=value&…]`: several hosts are the
//! servers of one registry. Parsing is pure; a back end asks for the parameters that it knows, and
//! [`RegistryUrl::finish`] refuses the rest, so that a misspelt one is not silently ignored.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use parking_lot::Mutex;
use percent_encoding::percent_decode_str;

use crate::error::Error;

/// Where a registry is. What it shows of itself is without credentials.
pub struct RegistryUrl {
    scheme: String,
    user: Option<String>,
    password: Option<String>,
    hosts: Vec<String>,
    path: String,
    parameters: BTreeMap<String, String>,
    asked: Mutex<BTreeSet<String>>,
}

impl RegistryUrl {
    /// Parses a URL.
    ///
    /// # Errors
    ///
    /// [`Error::BadUrl`]: there is no scheme, no host, or something that is not percent-encoded UTF-8.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(bad("the scheme", "", "a URL like eureka://127.0.0.1:8761"));
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (credentials, hosts) = match authority.rsplit_once('@') {
            Some((credentials, hosts)) => (Some(credentials), hosts),
            None => (None, authority),
        };
        let hosts: Vec<String> = hosts.split(',').map(|host| host.trim().to_owned()).collect();
        if hosts.iter().any(String::is_empty) {
            return Err(bad("the host", &hosts.join(","), "a host, or several separated by commas"));
        }
        let (user, password) = match credentials.map(|both| both.split_once(':').unwrap_or((both, ""))) {
            None => (None, None),
            Some((user, password)) => {
                // What cannot be decoded is not shown: it is a secret.
                let hidden = |text| decoded("the credentials", text).map_err(|_| credentials_fault());
                (Some(hidden(user)?), Some(hidden(password)?).filter(|password| !password.is_empty()))
            }
        };
        let mut parameters = BTreeMap::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            parameters.insert(name.to_owned(), decoded(name, value)?);
        }
        Ok(Self {
            scheme: scheme.to_ascii_lowercase(),
            user,
            password,
            hosts,
            path: path.trim_end_matches('/').to_owned(),
            parameters,
            asked: Mutex::new(BTreeSet::new()),
        })
    }

    /// What stands before `://`, in lower case.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The user, where there is one.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The password, where there is one.
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// The servers, each `host:port`; `port` where none is given.
    pub fn hosts(&self, port: u16) -> Vec<String> {
        let with_port = |host: &String| {
            let after_brackets = host.rsplit(']').next().unwrap_or(host);
            if after_brackets.contains(':') { host.clone() } else { format!("{host}:{port}") }
        };
        self.hosts.iter().map(with_port).collect()
    }

    /// The path, without slashes at its ends; empty where there is none.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A parameter. Asking for it makes it a known one.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.asked.lock().insert(name.to_owned());
        self.parameters.get(name).map(String::as_str)
    }

    /// A parameter that is a span of time, like `500ms`, `30s` or `2m`.
    ///
    /// # Errors
    ///
    /// [`Error::BadUrl`]: it is something else, or nothing long.
    pub fn span(&self, name: &str) -> Result<Option<Duration>, Error> {
        let Some(text) = self.parameter(name) else { return Ok(None) };
        match span(text).filter(|span| !span.is_zero()) {
            Some(span) => Ok(Some(span)),
            None => Err(bad(name, text, "a span of time like 500ms, 30s or 2m")),
        }
    }

    /// A parameter that is one of several words.
    ///
    /// # Errors
    ///
    /// [`Error::BadUrl`]: it is none of them.
    pub fn word<'a>(&self, name: &str, words: &[&'a str]) -> Result<Option<&'a str>, Error> {
        let Some(text) = self.parameter(name) else { return Ok(None) };
        match words.iter().find(|word| **word == text) {
            Some(word) => Ok(Some(word)),
            None => Err(bad(name, text, &format!("one of: {}", words.join(", ")))),
        }
    }

    /// Refuses parameters for which nobody asked.
    ///
    /// # Errors
    ///
    /// [`Error::BadUrl`] with the first, and those that are known.
    pub fn finish(&self) -> Result<(), Error> {
        let asked = self.asked.lock();
        match self.parameters.keys().find(|name| !asked.contains(*name)) {
            None => Ok(()),
            Some(name) => {
                let known: Vec<_> = asked.iter().map(String::as_str).collect();
                Err(bad("a parameter", name, &format!("one of: {}", known.join(", "))))
            }
        }
    }
}

/// Without credentials and parameters.
impl fmt::Display for RegistryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.hosts.join(","))?;
        if self.path.is_empty() { Ok(()) } else { write!(f, "/{}", self.path) }
    }
}

impl fmt::Debug for RegistryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegistryUrl({self})")
    }
}

/// A fault of one part.
pub(crate) fn bad(part: &str, value: &str, expected: &str) -> Error {
    Error::BadUrl { part: part.to_owned(), value: value.to_owned(), expected: expected.to_owned() }
}

fn credentials_fault() -> Error {
    bad("the credentials", "(not shown)", "percent-encoded UTF-8")
}

fn decoded(part: &str, text: &str) -> Result<String, Error> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(String::from).map_err(|_| bad(part, text, "percent-encoded UTF-8"))
}

fn span(text: &str) -> Option<Duration> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit_at);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_parts_are_read() {
        let url =
            RegistryUrl::parse("eureka://me:s%40cret@a,b:8762/eureka/v2/?timeout=3s&poll=500ms").unwrap();
        assert_eq!((url.scheme(), url.user(), url.password()), ("eureka", Some("me"), Some("s@cret")));
        assert_eq!(url.hosts(8761), ["a:8761", "b:8762"]);
        assert_eq!(url.path(), "eureka/v2");
        assert_eq!(url.span("timeout").unwrap(), Some(Duration::from_secs(3)));
        assert_eq!(url.span("poll").unwrap(), Some(Duration::from_millis(500)));
        assert!(url.finish().is_ok());
        let six = RegistryUrl::parse("etcd://[::1],[::2]:99").unwrap();
        assert_eq!(six.hosts(2379), ["[::1]:2379", "[::2]:99"]);
    }

    #[test]
    fn credentials_are_never_shown() {
        let url = RegistryUrl::parse("consul://user:secret@a/x?token=secret").unwrap();
        assert_eq!(format!("{url} {url:?}"), "consul://a/x RegistryUrl(consul://a/x)");
        let error = RegistryUrl::parse("consul://user:se%ffcret@a").unwrap_err();
        assert!(!error.to_string().contains("cret"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_told() {
        let told = |text: &str| RegistryUrl::parse(text).unwrap_err().to_string();
        assert!(told("127.0.0.1:8761").contains("a URL like eureka://"));
        assert!(told("eureka://").contains("the host"));
        assert!(told("eureka://a,,b").contains("a,,b"));
        let url = RegistryUrl::parse("eureka://a?timeout=3&tiemout=3s").unwrap();
        assert!(url.span("timeout").unwrap_err().to_string().contains("500ms"));
        assert!(url.finish().unwrap_err().to_string().contains("\"tiemout\"; expected is one of: timeout"));
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,60}") {
            if let Ok(url) = RegistryUrl::parse(&text) {
                drop((url.hosts(1), url.span("a"), url.finish(), url.to_string()));
            }
        }
    }
}
