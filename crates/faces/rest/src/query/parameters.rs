//! [`Parameters`]: the parameters of a request, each checked. Whatever is not known is
//! refused, so that a filter that is misspelt does not answer everything.

use percent_encoding::percent_decode_str;

use crate::error::{FieldFault, Problem};

/// The parameters of a request, taken one after the other, and what is wrong with them.
#[derive(Debug)]
pub(crate) struct Parameters {
    given: Vec<(String, String)>,
    known: Vec<&'static str>,
    faults: Vec<FieldFault>,
}

impl Parameters {
    /// The parameters of a query string.
    pub(crate) fn new(query: Option<&str>) -> Self {
        let mut faults = Vec::new();
        let mut given = Vec::new();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // What is not UTF-8 is the name of nothing, and no value.
            let name = decoded(name).unwrap_or_else(|| String::from('\u{fffd}'));
            match decoded(value) {
                Some(value) => given.push((name, value)),
                None => faults.push(FieldFault::new(name, value, "percent-encoded UTF-8")),
            }
        }
        Self { given, known: Vec::new(), faults }
    }

    /// Takes a parameter out; an empty value is none.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.take(name).filter(|value| !value.is_empty())
    }

    fn take(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        let mut found: Option<String> = None;
        for (_, value) in self.given.extract_if(.., |(given, _)| given == name) {
            if let Some(first) = &found {
                let expected = format!("to be given once; it was {first:?} before");
                self.faults.push(FieldFault::new(name, &value, expected));
            } else {
                found = Some(value);
            }
        }
        found
    }

    /// Takes a parameter out and reads it; an empty value is not what was expected.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.read(name, |text| read(text).ok_or(expected))
    }

    /// As [`Self::parsed`], where what is expected depends on what is given.
    pub(crate) fn read<'e, T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, &'e str>,
    ) -> Option<T> {
        let text = self.take(name)?;
        read(&text).map_err(|expected| self.fault(FieldFault::new(name, &text, expected))).ok()
    }

    /// Adds a fault that was found elsewhere.
    pub(crate) fn fault(&mut self, fault: FieldFault) {
        self.faults.push(fault);
    }

    /// Everything was taken that is known: the rest is not.
    pub(crate) fn finish(mut self) -> Result<(), Problem> {
        let known = self.known.join(", ");
        let expected = match known.as_str() {
            "" => "no parameters".to_owned(),
            known => format!("one of the parameters {known}"),
        };
        let unknown =
            self.given.iter().map(|(name, _)| FieldFault::new("parameter", name, expected.as_str()));
        self.faults.extend(unknown);
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::invalid(self.faults)) }
    }
}

fn decoded(part: &str) -> Option<String> {
    let part = part.replace('+', " ");
    percent_decode_str(&part).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
