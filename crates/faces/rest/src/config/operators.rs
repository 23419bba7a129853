//! [`Operators`]: who may do what only operators may. The server decides that; this face asks.

use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use http::request::Parts;

use crate::error::FieldFault;

/// The header that carries the operator token.
pub const OPERATOR_TOKEN_HEADER: HeaderName = HeaderName::from_static("lubdub-operator-token");

/// The header that carries the name which is recorded.
pub const OPERATOR_HEADER: HeaderName = HeaderName::from_static("lubdub-operator");

/// Who may do what only operators may.
pub trait Operators: fmt::Debug + Send + Sync {
    /// Whether this request comes from an operator: the name that is recorded with what
    /// follows. Records it where it does not.
    ///
    /// # Errors
    ///
    /// Why it does not; nothing is done then.
    fn admit(&self, request: &Parts) -> Result<Arc<str>, Denied>;
}

/// Why a request does not come from an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denied {
    /// It carries no operator token.
    NoToken,
    /// It carries another token, or several.
    WrongToken,
    /// This registry has no operator token.
    NoOperators,
    /// Its token is right, but the name that it gives is none.
    BadName(FieldFault),
}
