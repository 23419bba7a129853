//! [`Members`]: the members of a document, taken one after the other, and what is wrong with
//! them. Whatever is not known is refused, so that nothing is done by half.

use super::json::Json;
use crate::error::{FieldFault, Problem};

/// The members of an object, and what is wrong with them.
#[derive(Debug)]
pub(super) struct Members {
    /// How its members are called from outside, with a point at the end; empty for the body.
    path: &'static str,
    given: Vec<(String, Json)>,
    known: Vec<&'static str>,
    faults: Vec<FieldFault>,
}

impl Members {
    /// The members of a body. `example` is what it should look like.
    pub(super) fn of_body(body: &[u8], example: &str) -> Result<Self, Problem> {
        let fault = |value: &str, more: &str| {
            let expected = format!("a JSON object such as {example}{more}");
            Problem::invalid(vec![FieldFault::new("body", value, expected)])
        };
        match serde_json::from_slice(body) {
            Ok(Json::Object(given)) => Ok(Self::new("", given)),
            Ok(other) => Err(fault(other.shown(), "")),
            Err(_) if body.trim_ascii().is_empty() => Err(fault("", "")),
            Err(error) => Err(fault(&String::from_utf8_lossy(body), &format!(" ({error})"))),
        }
    }

    fn new(path: &'static str, given: Vec<(String, Json)>) -> Self {
        Self { path, given, known: Vec::new(), faults: Vec::new() }
    }

    /// Takes a member out; null is none.
    fn take(&mut self, name: &'static str) -> Option<Json> {
        self.known.push(name);
        let mut found = None;
        let mut again = Vec::new();
        for (_, value) in self.given.extract_if(.., |(given, _)| given == name) {
            if found.is_some() {
                again.push(value);
            } else {
                found = Some(value);
            }
        }
        for value in again {
            self.fault(name, value.shown(), "to be given once");
        }
        found.filter(|value| *value != Json::Null)
    }

    /// Takes a text out that need not be there.
    pub(super) fn optional_text(&mut self, name: &'static str, expected: &str) -> Option<String> {
        match self.take(name)? {
            Json::Text(text) => Some(text),
            other => {
                self.fault(name, other.shown(), expected);
                None
            }
        }
    }

    /// Takes a text out that must be there, and reads it.
    pub(super) fn text<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let given = self.take(name);
        let value = match &given {
            Some(Json::Text(text)) => read(text),
            _ => None,
        };
        if value.is_none() {
            self.fault(name, given.as_ref().map_or("", Json::shown), expected);
        }
        value
    }

    /// Takes an object out that must be there; `path` is how its members are called.
    pub(super) fn object(&mut self, name: &'static str, path: &'static str, expected: &str) -> Option<Self> {
        match self.take(name) {
            Some(Json::Object(given)) => Some(Self::new(path, given)),
            other => {
                self.fault(name, other.as_ref().map_or("", Json::shown), expected);
                None
            }
        }
    }

    /// Notes what is wrong with a member.
    pub(super) fn fault(&mut self, name: &str, value: &str, expected: &str) {
        self.faults.push(FieldFault::new(format!("{}{name}", self.path), value, expected));
    }

    /// The members of an object within this were taken: its faults are faults of this one.
    pub(super) fn close(&mut self, within: Self) {
        self.faults.extend(within.all_faults());
    }

    /// Everything was taken that is known: the rest is not.
    pub(super) fn finish(self) -> Result<(), Problem> {
        let faults = self.all_faults();
        if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
    }

    fn all_faults(mut self) -> Vec<FieldFault> {
        let known = self.known.join(", ");
        for (name, _) in &self.given {
            let meant = self.known.iter().map(|known| (strsim::jaro_winkler(known, name), known));
            let nearest = meant
                .filter(|(likeness, _)| *likeness >= LIKE)
                .max_by(|(one, _), (other, _)| one.total_cmp(other));
            let meant = nearest.map(|(_, known)| format!("; {known} is the nearest")).unwrap_or_default();
            let shown = format!("{}{name}", self.path);
            let expected = format!("one of the members {known}{meant}");
            self.faults.push(FieldFault::new("member", &shown, expected));
        }
        self.faults
    }
}

/// From this similarity (Jaro-Winkler, 0 to 1) on a name is suggested.
const LIKE: f64 = 0.7;
