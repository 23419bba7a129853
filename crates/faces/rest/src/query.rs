//! [`Parameters`]: the parameters of a request, each checked; and what the requests of this
//! face are made of. Whatever is not known is refused, so that a filter that is misspelt
//! does not answer everything.

use lubdub_core::Revision;
use lubdub_core::model::{InstanceId, NodeName, ServiceName, Status};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::error::{FieldFault, Problem};

/// The number of entries of a page, unless asked otherwise.
const PAGE: usize = 1_000;
/// The most entries of a page.
const LARGEST_PAGE: usize = 10_000;

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
        let decode = |part: &str| {
            percent_decode_str(&part.replace('+', " ")).decode_utf8().map_or_else(
                // What is not UTF-8 is the name and the value of nothing.
                |_| String::from('\u{fffd}'),
                std::borrow::Cow::into_owned,
            )
        };
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let given = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self { given: given.collect(), known: Vec::new(), faults: Vec::new() }
    }

    /// Takes a parameter out; an empty value is none.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
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
        found.filter(|value| !value.is_empty())
    }

    /// Takes a parameter out and reads it.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let value = read(&text);
        if value.is_none() {
            self.fault(FieldFault::new(name, &text, expected));
        }
        value
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

/// Which instances are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InstanceFilter {
    pub(crate) service: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) zone: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) limit: usize,
    pub(crate) after: Option<Cursor>,
}

impl InstanceFilter {
    pub(crate) fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut given = Parameters::new(query);
        let filter = Self {
            service: given.text("service"),
            status: given.parsed("status", "one of UP, STARTING, DOWN, OUT_OF_SERVICE, UNKNOWN", |text| {
                text.to_ascii_uppercase().parse().ok()
            }),
            zone: given.text("zone"),
            version: given.text("version"),
            group: given.text("group"),
            limit: limit(&mut given),
            after: given.parsed("after", "what a page before this gave as `next`", Cursor::read),
        };
        given.finish()?;
        Ok(filter)
    }
}

/// Which events are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EventFilter {
    pub(crate) service: Option<String>,
    /// None: from now on.
    pub(crate) since: Option<Revision>,
    pub(crate) limit: usize,
}

impl EventFilter {
    /// `last_event_id` is what a stream that broke off ended with; it is newer than `since`,
    /// which a browser repeats as it was.
    pub(crate) fn read(query: Option<&str>, last_event_id: Option<&str>) -> Result<Self, Problem> {
        let revision = |text: &str| text.parse().ok().map(Revision);
        let expected = "a revision, a whole number";
        let mut given = Parameters::new(query);
        let service = given.text("service");
        let mut since = given.parsed("since", expected, revision);
        let limit = limit(&mut given);
        if let Some(text) = last_event_id.filter(|text| !text.is_empty()) {
            match revision(text) {
                Some(last) => since = Some(last),
                None => given.fault(FieldFault::new("Last-Event-ID", text, expected)),
            }
        }
        given.finish()?;
        Ok(Self { service, since, limit })
    }
}

fn limit(given: &mut Parameters) -> usize {
    let read = |text: &str| text.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit));
    given.parsed("limit", "a whole number from 1 to 10000", read).unwrap_or(PAGE)
}

/// The node that scopes an id, where one is given.
pub(crate) fn node(query: Option<&str>) -> Result<String, Problem> {
    let mut given = Parameters::new(query);
    let node = given.text("node").unwrap_or_default();
    given.finish()?;
    Ok(node)
}

/// No parameters at all.
pub(crate) fn nothing(query: Option<&str>) -> Result<(), Problem> {
    Parameters::new(query).finish()
}

/// A place in the list of all instances: right after this one, be it there or not. Written
/// as `service/id` or `service/id/node`, each part percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) service: ServiceName,
    pub(crate) id: InstanceId,
    pub(crate) node: NodeName,
}

/// What stays as it is in a part of a cursor.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Cursor {
    fn read(text: &str) -> Option<Self> {
        let parts: Option<Vec<_>> =
            text.split('/').map(|part| percent_decode_str(part).decode_utf8().ok()).collect();
        let (service, id, node) = match parts?.as_slice() {
            [service, id] => (ServiceName::new(service), InstanceId::new(id), NodeName::NONE),
            [service, id, node] => (ServiceName::new(service), InstanceId::new(id), NodeName::new(node)),
            _ => return None,
        };
        Some(Self { service, id, node })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = |text| utf8_percent_encode(text, PART);
        write!(f, "{}/{}", part(self.service.as_str()), part(self.id.as_str()))?;
        match self.node.as_str() {
            "" => Ok(()),
            node => write!(f, "/{}", part(node)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(query: &str) -> String {
        let problem = InstanceFilter::read(Some(query)).unwrap_err();
        serde_json::to_value(problem).unwrap()["detail"].as_str().unwrap().to_owned()
    }

    #[test]
    fn filters_are_read_with_their_defaults() {
        let filter = InstanceFilter::read(Some("service=a%2Fb&status=up&zone=&limit=7")).unwrap();
        assert_eq!(filter.service.as_deref(), Some("a/b"));
        assert_eq!((filter.status, filter.zone, filter.limit), (Some(Status::Up), None, 7));
        assert_eq!(InstanceFilter::read(None).unwrap().limit, PAGE);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        for (query, told) in [
            ("status=WELL", "status is \"WELL\", expected one of UP"),
            ("limit=0", "limit is \"0\", expected a whole number from 1 to 10000"),
            ("limit=99999", "limit is \"99999\""),
            ("limit=-1", "limit is \"-1\""),
            ("after=x", "after is \"x\", expected what a page before this gave"),
            ("zones=a", "parameter is \"zones\", expected one of the parameters service, status, zone,"),
            ("zone=a&zone=b", "zone is \"b\", expected to be given once; it was \"a\" before"),
            ("status=x&zones=a", "status is \"x\""),
            ("status=x&zones=a", "; parameter is \"zones\""),
            ("%ff=1", "parameter is \"\u{fffd}\""),
        ] {
            let detail = refused(query);
            assert!(detail.contains(told), "{query}: {detail}");
        }
    }

    #[test]
    fn a_cursor_is_read_back_whatever_the_names_hold() {
        for (service, id, node) in [("orders", "web-1", ""), ("a/b", "x y:8080", "n/1"), ("ä", "%", "")] {
            let cursor = Cursor {
                service: ServiceName::new(service),
                id: InstanceId::new(id),
                node: NodeName::new(node),
            };
            assert_eq!(Cursor::read(&cursor.to_string()), Some(cursor));
        }
    }

    #[test]
    fn a_stream_that_resumes_begins_after_its_last_event() {
        let filter = EventFilter::read(Some("since=5"), Some("9")).unwrap();
        assert_eq!(filter.since, Some(Revision(9)));
        assert!(EventFilter::read(None, Some("nine")).is_err());
        assert_eq!(EventFilter::read(None, None).unwrap().since, None);
    }
}
