//! Which instances and events are asked for.

use lubdub_core::Revision;
use lubdub_core::model::{CheckState, Status};

use super::Cursor;
use super::parameters::Parameters;
use crate::error::{FieldFault, Problem};

/// The number of entries of a page, unless asked otherwise.
pub(crate) const PAGE: usize = 1_000;
/// The most entries of a page.
pub(crate) const LARGEST_PAGE: usize = 10_000;
/// No revision is beyond this, 2^53 - 1: it is the last whole number that every reader of
/// JSON can tell from the next.
pub(crate) const LAST_REVISION: u64 = (1 << 53) - 1;

/// The statuses, for whoever named none of them.
pub(super) const STATUSES: &str = "one of UP, STARTING, DOWN, OUT_OF_SERVICE, UNKNOWN";

const REVISION: &str = "a revision, a whole number below 2^53";

/// Which instances are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InstanceFilter {
    pub(crate) service: Option<String>,
    pub(crate) status: Option<Status>,
    pub(crate) health: Option<CheckState>,
    pub(crate) held: Option<bool>,
    pub(crate) damped: Option<bool>,
    pub(crate) zone: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) limit: usize,
    pub(crate) after: Option<Cursor>,
    /// The mark that this server's page tokens carry.
    pub(crate) server: u64,
}

impl InstanceFilter {
    /// `server` is the mark that this server's page tokens carry.
    pub(crate) fn read(query: Option<&str>, server: u64) -> Result<Self, Problem> {
        let mut given = Parameters::new(query);
        let filter = Self {
            service: given.text("service"),
            status: given.parsed("status", STATUSES, status),
            health: given.parsed("health", "one of passing, warning, critical", health),
            held: given.parsed("held", "true or false", truth),
            damped: given.parsed("damped", "true or false", truth),
            zone: given.text("zone"),
            version: given.text("version"),
            group: given.text("group"),
            limit: limit(&mut given),
            after: given.read("after", |token| Cursor::read(token, server)),
            server,
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
        let mut given = Parameters::new(query);
        let service = given.text("service");
        let mut since = given.parsed("since", REVISION, revision);
        let limit = limit(&mut given);
        if let Some(text) = last_event_id {
            match revision(text) {
                Some(last) => since = Some(last),
                None => given.fault(FieldFault::new("Last-Event-ID", text, REVISION)),
            }
        }
        given.finish()?;
        Ok(Self { service, since, limit })
    }
}

/// Which services are asked for: all, or one.
pub(crate) fn of_service(query: Option<&str>) -> Result<Option<String>, Problem> {
    let mut given = Parameters::new(query);
    let service = given.text("service");
    given.finish()?;
    Ok(service)
}

/// Which departures are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DepartureFilter {
    pub(crate) service: Option<String>,
    pub(crate) limit: usize,
}

impl DepartureFilter {
    pub(crate) fn read(query: Option<&str>) -> Result<Self, Problem> {
        let mut given = Parameters::new(query);
        let filter = Self { service: given.text("service"), limit: limit(&mut given) };
        given.finish()?;
        Ok(filter)
    }
}

/// A status by its name, in any case.
pub(super) fn status(text: &str) -> Option<Status> {
    text.to_ascii_uppercase().parse().ok()
}

fn health(text: &str) -> Option<CheckState> {
    let states = [CheckState::Passing, CheckState::Warning, CheckState::Critical];
    states.into_iter().find(|state| state.name().eq_ignore_ascii_case(text))
}

fn truth(text: &str) -> Option<bool> {
    text.parse().ok()
}

fn revision(text: &str) -> Option<Revision> {
    digits(text).filter(|revision| *revision <= LAST_REVISION).map(Revision)
}

fn limit(given: &mut Parameters) -> usize {
    let read = |text: &str| {
        let limit = usize::try_from(digits(text)?).ok()?;
        (1..=LARGEST_PAGE).contains(&limit).then_some(limit)
    };
    given.parsed("limit", "a whole number from 1 to 10000", read).unwrap_or(PAGE)
}

/// A whole number in digits alone, without a sign.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<InstanceFilter, Problem> {
        InstanceFilter::read(Some(query), 7)
    }

    fn refused(query: &str) -> String {
        let problem = read(query).unwrap_err();
        serde_json::to_value(problem).unwrap()["detail"].as_str().unwrap().to_owned()
    }

    #[test]
    fn filters_are_read_with_their_defaults() {
        let filter =
            read("service=a%2Fb&status=up&zone=&limit=7&health=Warning&held=true&damped=false").unwrap();
        assert_eq!(filter.service.as_deref(), Some("a/b"));
        assert_eq!((filter.status, filter.zone, filter.limit), (Some(Status::Up), None, 7));
        assert_eq!(filter.health, Some(CheckState::Warning));
        assert_eq!((filter.held, filter.damped), (Some(true), Some(false)));
        let everything = InstanceFilter::read(None, 7).unwrap();
        assert_eq!((everything.limit, everything.held, everything.damped), (PAGE, None, None));
    }

    #[test]
    fn every_fault_is_told_at_once() {
        for (query, told) in [
            ("status=WELL", "status is \"WELL\", expected one of UP"),
            ("status=", "status is \"\", expected one of UP"),
            ("health=fine", "health is \"fine\", expected one of passing, warning, critical"),
            ("held=yes", "held is \"yes\", expected true or false"),
            ("damped=1", "damped is \"1\", expected true or false"),
            ("limit=0", "limit is \"0\", expected a whole number from 1 to 10000"),
            ("limit=99999", "limit is \"99999\""),
            ("limit=-1", "limit is \"-1\""),
            ("limit=%2B1", "limit is \"+1\""),
            ("limit=", "limit is \"\""),
            ("after=x", "after is \"x\", expected what the page before gave as `next`"),
            ("zones=a", "parameter is \"zones\", expected one of the parameters service, status, health,"),
            ("zone=a&zone=b", "zone is \"b\", expected to be given once; it was \"a\" before"),
            ("zone=%ff", "zone is \"%ff\", expected percent-encoded UTF-8"),
            ("status=x&zones=a", "status is \"x\""),
            ("status=x&zones=a", "; parameter is \"zones\""),
            ("%ff=1", "parameter is \"\u{fffd}\""),
        ] {
            let detail = refused(query);
            assert!(detail.contains(told), "{query}: {detail}");
        }
    }

    #[test]
    fn a_stream_that_resumes_begins_after_its_last_event() {
        let filter = EventFilter::read(Some("since=5"), Some("9")).unwrap();
        assert_eq!(filter.since, Some(Revision(9)));
        for none in ["nine", ""] {
            assert!(EventFilter::read(None, Some(none)).is_err(), "{none}");
        }
        assert_eq!(EventFilter::read(None, None).unwrap().since, None);
    }

    #[test]
    fn a_revision_is_a_whole_number_below_2_to_the_53() {
        let last = EventFilter::read(Some("since=9007199254740991"), None).unwrap();
        assert_eq!(last.since, Some(Revision(LAST_REVISION)));
        for beyond in ["9007199254740992", "99999999999999999999", "-1", "1.0", "1e3", "%2B1", ""] {
            assert!(EventFilter::read(Some(&format!("since={beyond}")), None).is_err(), "{beyond}");
        }
    }
}
