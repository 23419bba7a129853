//! From rejects to Eureka's answers.
//!
//! Every error has an **empty body**: a body on a heartbeat's 404 keeps Spring's and Netflix's
//! clients from registering again. The one exception is 400 on a registration, which carries a
//! short text that names field, value and expectation. What overloads us is 503, never 500:
//! clients and peers try again after the one and give up after the other.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use lubdub_core::{Fault, Reject};
use lubdub_runtime::render::RenderError;

use crate::path::BadEncoding;

/// Why a request is not answered as it asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A registration's document, or what it asks for, is not acceptable. 400 with a text.
    Invalid(Fault),
    /// A path, parameter or body is not readable, where no text may be answered. 400.
    Unreadable,
    /// There is no such application, instance or path. 404.
    NotFound,
    /// The path exists, but not for this method. 405.
    MethodNotAllowed,
    /// A body beyond `max_body_bytes`. 413.
    TooLarge,
    /// A body of a type, character set or coding that is not read. 415.
    UnsupportedBody,
    /// Switched off. 403: clients of the delta then fetch everything.
    SwitchedOff,
    /// Not now: too much at once, a limit reached, shutting down. 503.
    Unavailable,
    /// A defect of ours. 500.
    Defect,
}

impl From<Reject> for Refusal {
    fn from(reject: Reject) -> Self {
        match reject {
            // Releasing is not among Eureka's operations; to it there would be nothing there.
            Reject::UnknownInstance | Reject::NothingToRelease(_) => Self::NotFound,
            Reject::Invalid(fault) => Self::Invalid(Fault { field: field_name(fault.field), ..fault }),
            Reject::LimitReached { .. } | Reject::Busy | Reject::Stopping => Self::Unavailable,
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Invalid(fault)
    }
}

impl From<RenderError> for Refusal {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Busy => Self::Unavailable,
            RenderError::Failed => Self::Defect,
        }
    }
}

impl From<BadEncoding> for Refusal {
    fn from(_: BadEncoding) -> Self {
        Self::Unreadable
    }
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::Invalid(_) | Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedBody => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::SwitchedOff => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Defect => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The answer to a registration: the only one whose 400 has a text.
    pub(crate) fn with_text(self) -> Response {
        let Self::Invalid(fault) = &self else { return self.into_response() };
        let mut response = (self.status(), fault.to_string()).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=UTF-8"));
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if self == Self::Unavailable {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// The registry's word for a field as Eureka's.
fn field_name(field: &'static str) -> &'static str {
    match field {
        "service" => "app",
        "id" => "instanceId",
        "address.host" => "ipAddr",
        "address.port" => "port",
        "address.secure_port" => "securePort",
        "group" => "appGroupName",
        "check.ttl" => "leaseInfo.durationInSecs",
        "check.interval" => "leaseInfo.renewalIntervalInSecs",
        "origin" => "instance",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reject_has_its_answer() {
        let fault = Fault::new("check.ttl", "1ns", "a time-to-live from 100ms");
        let limit = Reject::LimitReached { what: "instances", setting: "instances", limit: 1 };
        for (reject, status) in [
            (Reject::UnknownInstance, 404),
            (Reject::NothingToRelease("nothing".to_owned()), 404),
            (Reject::Invalid(fault), 400),
            (limit, 503),
            (Reject::Busy, 503),
            (Reject::Stopping, 503),
        ] {
            // A new variant wants a row.
            match reject {
                Reject::UnknownInstance
                | Reject::NothingToRelease(_)
                | Reject::Invalid(_)
                | Reject::LimitReached { .. }
                | Reject::Busy
                | Reject::Stopping => {}
            }
            assert_eq!(Refusal::from(reject).status().as_u16(), status);
        }
    }

    #[test]
    fn every_refusal_has_its_answer() {
        for (refusal, status) in [
            (Refusal::Invalid(Fault::new("app", "", "a name")), 400),
            (Refusal::Unreadable, 400),
            (Refusal::NotFound, 404),
            (Refusal::MethodNotAllowed, 405),
            (Refusal::TooLarge, 413),
            (Refusal::UnsupportedBody, 415),
            (Refusal::SwitchedOff, 403),
            (Refusal::Unavailable, 503),
            (Refusal::Defect, 500),
            (Refusal::from(RenderError::Busy), 503),
            (Refusal::from(RenderError::Failed), 500),
            (Refusal::from(BadEncoding), 400),
        ] {
            assert_eq!(refusal.status().as_u16(), status);
        }
    }

    #[test]
    fn faults_are_told_in_eurekas_words() {
        let refusal = Refusal::from(Reject::Invalid(Fault::new("check.ttl", "9s", "less")));
        let Refusal::Invalid(fault) = refusal else { panic!("{refusal:?}") };
        assert_eq!(fault.to_string(), "leaseInfo.durationInSecs is \"9s\", expected less");
    }
}
