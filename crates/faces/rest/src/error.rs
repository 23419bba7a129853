//! [`Problem`]: a refusal as a problem document (RFC 9457), for people and machines.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use lubdub_core::{Fault, Reject};
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::Denied;

/// What a refusal of this face says: `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem; stable, for machines.
    #[serde(rename = "type")]
    #[schema(pattern = "^urn:lubdub:problem:[a-z-]+$")]
    kind: String,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status, again.
    status: u16,
    /// This very problem in words.
    detail: String,
    /// The faults of single fields, if it is about fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldFault>,
}

/// A field of a request, the value that it had, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldFault {
    /// The field: a parameter, a header or a member of the body.
    pub field: String,
    /// The value, shortened if it is long.
    pub value: String,
    /// What was expected.
    pub expected: String,
}

/// A longer value is shortened: an answer is no mirror.
const LONGEST_VALUE: usize = 100;

impl FieldFault {
    /// A fault; a value of more than 100 characters is shortened.
    pub fn new(field: impl Into<String>, value: &str, expected: impl Into<String>) -> Self {
        let mut shown: String = value.chars().take(LONGEST_VALUE).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        Self { field: field.into(), value: shown, expected: expected.into() }
    }
}

impl Problem {
    /// A problem of this kind; `kind` is a short machine word such as `unknown-path`.
    pub fn new(status: StatusCode, kind: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:lubdub:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// Fields that are not as they should be: 400.
    pub fn invalid(errors: Vec<FieldFault>) -> Self {
        let told: Vec<String> = errors
            .iter()
            .map(|fault| format!("{} is {:?}, expected {}", fault.field, fault.value, fault.expected))
            .collect();
        let problem = Self::new(
            StatusCode::BAD_REQUEST,
            "invalid-field",
            "a field of the request has a value that is not allowed",
            told.join("; "),
        );
        Self { errors, ..problem }
    }

    /// There is nothing at this path: 404.
    pub(crate) fn unknown_path(path: &str) -> Self {
        let shown = FieldFault::new("path", path, "").value;
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown-path",
            "there is nothing at this path",
            format!("{shown} is none of the paths of this interface, which /api/v1/openapi.json describes"),
        )
    }

    /// The instance is not registered: 404.
    pub(crate) fn unknown_instance(service: &str, id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown-instance",
            "no such instance is registered",
            format!("{service}/{id} is not registered; what happened to it may be told by its history"),
        )
    }

    /// Nothing is known of the instance, not even from the past: 404.
    pub(crate) fn unheard_of(service: &str, id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown-instance",
            "nothing is known of such an instance",
            format!("{service}/{id} is not registered, and nothing that happened to it is remembered"),
        )
    }

    /// The path is there, but not for this method: 405.
    pub(crate) fn method_not_allowed(method: &http::Method, path: &str) -> Self {
        let path = FieldFault::new("path", path, "").value;
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            "this path does not take this method",
            format!("{method} is not possible on {path}"),
        )
    }

    /// The registry has nothing of this kind: 404.
    pub(crate) fn not_available(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-available", "this registry has no such thing", detail)
    }

    /// A body beyond the limit: 413.
    pub(crate) fn body_too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            "the body is too large",
            format!("its limit is {limit} bytes, by limits.max_body_bytes"),
        )
    }

    /// A body that did not end as it should: 400.
    pub(crate) fn body_broken() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "body-broken",
            "the body broke off",
            "it did not end as its Content-Length or chunks said",
        )
    }

    /// A body that is not JSON: 415.
    pub(crate) fn foreign_content() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "foreign-content",
            "a body of this kind is not read here",
            "expected the Content-Type application/json, or none",
        )
    }

    /// As many streams are open as may be: 503.
    pub(crate) fn too_many_subscribers(limit: usize) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too-many-subscribers",
            "as many streams of events are open as may be",
            format!("{limit} streams are open; try again later, or raise limits.max_subscribers"),
        )
    }

    /// Other lists are being put together: 503.
    pub(crate) fn too_many_lists() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "too many lists are asked for at once",
            "others are being put together; try again in a moment",
        )
    }

    /// A defect of the registry: 500. It is logged where it is noticed.
    pub fn defect() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "defect",
            "a defect of the registry",
            "the registry failed to answer this request; its log says more",
        )
    }
}

/// A command that was not carried out.
impl From<Reject> for Problem {
    fn from(reject: Reject) -> Self {
        let told = reject.to_string();
        match reject {
            Reject::UnknownInstance => {
                Self::new(StatusCode::NOT_FOUND, "unknown-instance", "no such instance is registered", told)
            }
            Reject::Invalid(Fault { field, value, expected }) => {
                Self::invalid(vec![FieldFault::new(field, &value, expected)])
            }
            Reject::NothingToRelease(_) => {
                Self::new(StatusCode::CONFLICT, "nothing-to-release", "there is nothing to release", told)
            }
            Reject::LimitReached { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "limit-reached",
                "a limit of the registry is reached",
                told,
            ),
            Reject::Busy => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "too many commands are waiting", told)
            }
            Reject::Stopping => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "stopping",
                "the registry is shutting down",
                "nothing was changed; turn to another registry, or wait until this one is back",
            ),
        }
    }
}

/// An action of somebody who is no operator. Nothing was done.
impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NoToken => Self::new(
                StatusCode::UNAUTHORIZED,
                "operator-token-missing",
                "only operators may do this",
                "nothing was done: expected the operator token in the header lubdub-operator-token; it is in the \
                 file that operator_token_file names, else in the file operator-token of the registry's data \
                 directory",
            ),
            Denied::WrongToken => Self::new(
                StatusCode::FORBIDDEN,
                "operator-token-wrong",
                "only operators may do this",
                "nothing was done: the header lubdub-operator-token does not carry this registry's operator token; \
                 it is in the file that operator_token_file names, else in the file operator-token of the \
                 registry's data directory",
            ),
            Denied::NoOperators => Self::new(
                StatusCode::FORBIDDEN,
                "no-operator-token",
                "this registry has no operator token",
                "nothing was done: a registry in memory makes no operator token; start it with \
                 --operator-token-file FILE, or without --ephemeral, and it makes one in its data directory",
            ),
            Denied::BadName(fault) => Self::invalid(vec![fault]),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Strings and numbers alone: this cannot fail.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Lubdub-Operator-Token realm=\"lubdub\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_field_value_and_expectation_in_words_and_for_machines() {
        let problem = Problem::invalid(vec![FieldFault::new("limit", "-1", "a number from 1 to 10000")]);
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "type": "urn:lubdub:problem:invalid-field",
                "title": "a field of the request has a value that is not allowed",
                "status": 400,
                "detail": "limit is \"-1\", expected a number from 1 to 10000",
                "errors": [{"field": "limit", "value": "-1", "expected": "a number from 1 to 10000"}],
            })
        );
    }

    #[test]
    fn each_reject_has_its_status_and_kind() {
        let fault = Fault::new("ttl", 5, "more");
        let limit = Reject::LimitReached { what: "instances", setting: "instances", limit: 7 };
        for (reject, status, kind) in [
            (Reject::UnknownInstance, 404, "unknown-instance"),
            (Reject::Invalid(fault), 400, "invalid-field"),
            (limit, 503, "limit-reached"),
            (Reject::NothingToRelease("zone x is not held".to_owned()), 409, "nothing-to-release"),
            (Reject::Busy, 503, "busy"),
            (Reject::Stopping, 503, "stopping"),
        ] {
            let problem = Problem::from(reject);
            assert_eq!((problem.status, problem.kind), (status, format!("urn:lubdub:problem:{kind}")));
            assert!(!problem.detail.is_empty(), "{kind}");
        }
    }

    #[test]
    fn each_denial_says_that_nothing_was_done_and_what_to_do() {
        for (denied, status, todo) in [
            (Denied::NoToken, 401, "lubdub-operator-token"),
            (Denied::WrongToken, 403, "operator_token_file"),
            (Denied::NoOperators, 403, "--operator-token-file FILE"),
        ] {
            let problem = Problem::from(denied);
            assert_eq!(problem.status, status);
            assert!(problem.detail.starts_with("nothing was done: "), "{}", problem.detail);
            assert!(problem.detail.contains(todo), "{}", problem.detail);
        }
    }

    #[test]
    fn a_long_value_is_shortened() {
        let fault = FieldFault::new("zone", &"ä".repeat(500), "less");
        assert_eq!(fault.value.chars().count(), 101);
    }
}
