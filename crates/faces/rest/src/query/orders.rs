//! What the bodies of actions ask for.

use lubdub_core::guard::Scope;
use lubdub_core::model::{ServiceName, Status};

use super::filters::{STATUSES, status};
use super::members::Members;
use crate::error::Problem;

/// Which status is to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OverrideOrder {
    pub(crate) status: Status,
}

impl OverrideOrder {
    pub(crate) fn read(body: &[u8]) -> Result<Self, Problem> {
        let mut given = Members::of_body(body, r#"{"status": "OUT_OF_SERVICE"}"#)?;
        let status = given.text("status", STATUSES, status);
        given.finish()?;
        // What is not there was a fault already.
        Ok(Self { status: status.ok_or_else(Problem::defect)? })
    }
}

/// Which scope the guard is to let go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReleaseOrder {
    pub(crate) scope: Scope,
}

const SCOPE: &str = r#"{"kind": "zone", "name": "eu-1"}, or of another kind"#;
const KINDS: &str = "one of registry, zone, service";
const NAME: &str = "the name of the zone or service";

impl ReleaseOrder {
    pub(crate) fn read(body: &[u8]) -> Result<Self, Problem> {
        let mut given = Members::of_body(body, r#"{"scope": {"kind": "zone", "name": "eu-1"}}"#)?;
        let scope = given.object("scope", "scope.", SCOPE).and_then(|mut scope| {
            let read = Self::scope(&mut scope);
            given.close(scope);
            read
        });
        given.finish()?;
        // What is not there was a fault already.
        Ok(Self { scope: scope.ok_or_else(Problem::defect)? })
    }

    fn scope(given: &mut Members) -> Option<Scope> {
        let kind = given.text("kind", KINDS, |kind| {
            ["registry", "zone", "service"].into_iter().find(|known| *known == kind)
        });
        let name = given.optional_text("name", NAME);
        match (kind?, name) {
            ("registry", None) => Some(Scope::Registry),
            ("registry", Some(name)) => {
                given.fault("name", &name, "none: there is one registry");
                None
            }
            (_, None) => {
                given.fault("name", "", NAME);
                None
            }
            (_, Some(name)) if name.is_empty() => {
                given.fault("name", "", NAME);
                None
            }
            ("zone", Some(name)) => Some(Scope::Zone(name.into())),
            (_, Some(name)) => Some(Scope::Service(ServiceName::new(&name))),
        }
    }
}

/// What is to be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilterOrder {
    pub(crate) filter: String,
}

impl FilterOrder {
    pub(crate) fn read(body: &[u8]) -> Result<Self, Problem> {
        let mut given = Members::of_body(body, r#"{"filter": "info,lubdub_core=debug"}"#)?;
        let expected = "a filter such as info or info,lubdub_core=debug";
        let filter =
            given.text("filter", expected, |text| (!text.trim().is_empty()).then(|| text.to_owned()));
        given.finish()?;
        // What is not there was a fault already.
        Ok(Self { filter: filter.ok_or_else(Problem::defect)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(problem: Problem) -> String {
        serde_json::to_value(problem).unwrap()["detail"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_status_is_read_in_any_case() {
        for text in [r#"{"status":"OUT_OF_SERVICE"}"#, " {\"status\" : \"out_of_service\"}\n"] {
            assert_eq!(OverrideOrder::read(text.as_bytes()).unwrap().status, Status::OutOfService);
        }
    }

    #[test]
    fn a_body_that_is_no_status_is_refused_with_what_it_should_be() {
        for (body, expected) in [
            ("", r#"body is "", expected a JSON object such as {"status": "OUT_OF_SERVICE"}"#),
            (" \n", "body is \"\", expected a JSON object"),
            ("UP", "body is \"UP\", expected a JSON object"),
            ("\u{0}", "expected a JSON object"),
            ("[]", "body is \"a list\", expected a JSON object"),
            ("null", "body is \"null\", expected a JSON object"),
            (r#""UP""#, "body is \"UP\", expected a JSON object"),
            (r#"{"status": "UP""#, "(EOF while parsing an object at line 1 column 15)"),
            (r#"{"status": "UP"} x"#, "trailing characters"),
            ("{}", "status is \"\", expected one of UP, STARTING"),
            (r#"{"status": null}"#, "status is \"\", expected one of UP"),
            (r#"{"status": 7}"#, "status is \"7\", expected one of UP"),
            (r#"{"status": "WELL"}"#, "status is \"WELL\", expected one of UP"),
            (r#"{"status": "UP", "status": "DOWN"}"#, "status is \"DOWN\", expected to be given once"),
            (
                r#"{"state": "UP"}"#,
                "member is \"state\", expected one of the members status; status is the nearest",
            ),
            (r#"{"status": "UP", "ttl": 5}"#, "member is \"ttl\", expected one of the members status"),
        ] {
            let told = told(OverrideOrder::read(body.as_bytes()).unwrap_err());
            assert!(told.contains(expected), "{body}: {told}");
        }
        assert!(OverrideOrder::read(&[0xff, 0xfe]).is_err());
        assert!(OverrideOrder::read("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn a_scope_is_the_registry_or_has_a_name() {
        let zone = Scope::Zone("eu-1".into());
        let service = Scope::Service(ServiceName::new("orders"));
        for (body, scope) in [
            (r#"{"scope": {"kind": "registry"}}"#, &Scope::Registry),
            (r#"{"scope": {"kind": "registry", "name": null}}"#, &Scope::Registry),
            (r#"{"scope": {"kind": "zone", "name": "eu-1"}}"#, &zone),
            (r#"{"scope": {"name": "orders", "kind": "service"}}"#, &service),
        ] {
            assert_eq!(ReleaseOrder::read(body.as_bytes()).unwrap().scope, *scope);
        }
    }

    #[test]
    fn a_scope_that_is_none_is_refused_with_what_it_should_be() {
        for (body, expected) in [
            ("{}", "scope is \"\", expected {\"kind\": \"zone\""),
            (r#"{"scope": "registry"}"#, "scope is \"registry\", expected {"),
            (r#"{"scope": {}}"#, "scope.kind is \"\", expected one of registry, zone, service"),
            (r#"{"scope": {"kind": "region"}}"#, "scope.kind is \"region\", expected one of registry"),
            (
                r#"{"scope": {"kind": "zone"}}"#,
                "scope.name is \"\", expected the name of the zone or service",
            ),
            (r#"{"scope": {"kind": "zone", "name": ""}}"#, "scope.name is \"\", expected the name"),
            (r#"{"scope": {"kind": "zone", "name": 7}}"#, "scope.name is \"7\", expected the name"),
            (r#"{"scope": {"kind": "registry", "name": "x"}}"#, "scope.name is \"x\", expected none"),
            (
                r#"{"scope": {"kind": "registry", "nam": "x"}}"#,
                "member is \"scope.nam\", expected one of the members kind, name; name is the nearest",
            ),
            (
                r#"{"scope": {"kind": "registry"}, "force": true}"#,
                "member is \"force\", expected one of the members scope",
            ),
        ] {
            let told = told(ReleaseOrder::read(body.as_bytes()).unwrap_err());
            assert!(told.contains(expected), "{body}: {told}");
        }
    }

    #[test]
    fn an_empty_filter_is_none() {
        assert_eq!(FilterOrder::read(br#"{"filter": "warn"}"#).unwrap().filter, "warn");
        for body in [r#"{"filter": " "}"#, r#"{"filter": ["warn"]}"#, r#"{"level": "warn"}"#] {
            assert!(FilterOrder::read(body.as_bytes()).is_err(), "{body}");
        }
    }
}
