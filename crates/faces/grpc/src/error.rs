//! Refusals and statuses: what went wrong, in this protocol's words.
//!
//! On a session a command that is refused is answered by a [`wire::Refusal`], and the session goes
//! on; a stream that cannot go on ends with a status. Both come from one `match` each.

use lubdub_core::{Fault, Reject};
use tonic::{Code, Status};

use crate::wire;

/// Why a message of a session was not carried out.
pub(crate) fn refusal(reject: &Reject) -> wire::Refusal {
    let code = match reject {
        Reject::Invalid(fault) => return invalid(fault),
        Reject::UnknownInstance => wire::RefusalCode::UnknownInstance,
        // What an operator releases is not asked for here.
        Reject::NothingToRelease(_) => wire::RefusalCode::Invalid,
        Reject::LimitReached { .. } => wire::RefusalCode::LimitReached,
        Reject::Busy => wire::RefusalCode::Busy,
        Reject::Stopping => wire::RefusalCode::Stopping,
    };
    let message = match reject {
        Reject::UnknownInstance => "this session has no such instance".to_owned(),
        other => other.to_string(),
    };
    wire::Refusal { code: code.into(), message, ..wire::Refusal::default() }
}

/// A field that is not as it should be.
pub(crate) fn invalid(fault: &Fault) -> wire::Refusal {
    wire::Refusal {
        code: wire::RefusalCode::Invalid.into(),
        message: fault.to_string(),
        field: fault.field.to_owned(),
        value: fault.value.clone(),
        expected: fault.expected.clone(),
    }
}

/// Why a stream of a session ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Something was said before a session was declared, or declared again.
    WrongOrder(&'static str),
    /// Nothing came for as long as was promised.
    Silent,
    /// The server stops.
    Stopping,
    /// The session went on over another connection.
    ResumedElsewhere,
    /// A message that cannot be read, or is too large.
    Unreadable(Code, String),
    /// Too many of them are open.
    TooMany(&'static str),
}

impl Ended {
    /// As a status.
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::WrongOrder(expected) => Status::failed_precondition(*expected),
            Self::Silent => Status::deadline_exceeded("nothing came for the session's timeout"),
            Self::Stopping => Status::unavailable("the registry is shutting down"),
            Self::ResumedElsewhere => Status::aborted("the session went on over another connection"),
            // gRPC's own libraries call a message that is too large OUT_OF_RANGE or this.
            Self::Unreadable(Code::OutOfRange, message) => Status::resource_exhausted(message),
            Self::Unreadable(_, message) => Status::invalid_argument(message),
            Self::TooMany(what) => Status::resource_exhausted(*what),
        }
    }
}

/// What was asked for and is not there.
pub(crate) fn not_found(what: impl Into<String>) -> Status {
    Status::not_found(what)
}

/// A request that cannot be answered as it is.
pub(crate) fn bad_request(fault: &Fault) -> Status {
    Status::invalid_argument(fault.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reject_has_its_code() {
        let limit = Reject::LimitReached { what: "sessions", setting: "sessions", limit: 1 };
        for (reject, code) in [
            (Reject::UnknownInstance, wire::RefusalCode::UnknownInstance),
            (Fault::new("service", "", "a name").into(), wire::RefusalCode::Invalid),
            (limit, wire::RefusalCode::LimitReached),
            (Reject::NothingToRelease(String::new()), wire::RefusalCode::Invalid),
            (Reject::Busy, wire::RefusalCode::Busy),
            (Reject::Stopping, wire::RefusalCode::Stopping),
        ] {
            assert_eq!(refusal(&reject).code(), code, "{reject:?}");
        }
    }

    #[test]
    fn a_fault_is_told_with_its_field_value_and_expectation() {
        let told = refusal(&Fault::new("address.port", 0, "a port from 1 to 65535").into());
        assert_eq!(
            (told.field.as_str(), told.value.as_str(), told.expected.as_str()),
            ("address.port", "0", "a port from 1 to 65535")
        );
    }

    #[test]
    fn each_end_has_its_status() {
        for (ended, code) in [
            (Ended::WrongOrder(""), Code::FailedPrecondition),
            (Ended::Silent, Code::DeadlineExceeded),
            (Ended::Stopping, Code::Unavailable),
            (Ended::ResumedElsewhere, Code::Aborted),
            (Ended::Unreadable(Code::OutOfRange, String::new()), Code::ResourceExhausted),
            (Ended::Unreadable(Code::Internal, String::new()), Code::InvalidArgument),
            (Ended::TooMany(""), Code::ResourceExhausted),
        ] {
            assert_eq!(ended.status().code(), code, "{ended:?}");
        }
    }
}
