//! [`Fault`]: what cannot be balanced so, with what was expected.

use std::fmt::Display;

/// A value that cannot be used. Nothing was changed; set the field to what is expected and try again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}; expected {expected}")]
pub struct Fault {
    /// Which field.
    pub field: &'static str,
    /// What it is.
    pub value: String,
    /// What it may be.
    pub expected: String,
}

impl Fault {
    pub(crate) fn new(field: &'static str, value: impl Display, expected: impl Into<String>) -> Self {
        Self { field, value: value.to_string(), expected: expected.into() }
    }
}
