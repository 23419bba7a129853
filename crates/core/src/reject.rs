//! [`Reject`]: why a command was not carried out. A rejected command changed nothing.

use std::fmt;

/// Why a command was not carried out. In every case nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reject {
    /// The instance is not registered. The caller registers, or gives up.
    #[error("no such instance is registered")]
    UnknownInstance,
    /// A field of the command has a value that is not allowed. The caller corrects it.
    #[error("{0}")]
    Invalid(Fault),
    /// A limit of the registry is reached. The caller waits, or an operator raises the limit.
    #[error("the limit of {limit} {what} is reached; raise limits.{setting} if that is meant")]
    LimitReached {
        /// What there are too many of.
        what: &'static str,
        /// The setting that bounds it.
        setting: &'static str,
        /// The bound.
        limit: usize,
    },
    /// The guard does not hold this scope: there is nothing to release. Or damping does not
    /// keep this instance out.
    #[error("{0}")]
    NothingToRelease(String),
    /// Too many commands are waiting. The caller tries again.
    #[error("too many commands are waiting; try again in a moment")]
    Busy,
    /// The registry is shutting down. The caller turns to another, or waits.
    #[error("the registry is shutting down")]
    Stopping,
}

/// A field, the value that it had, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field, in the registry's own words; a face may name its own.
    pub field: &'static str,
    /// The value, shortened if it is long.
    pub value: String,
    /// What was expected.
    pub expected: String,
}

impl Fault {
    /// A fault; a value of more than 100 characters is shortened.
    pub fn new(field: &'static str, value: impl fmt::Display, expected: impl Into<String>) -> Self {
        let full = value.to_string();
        let mut value: String = full.chars().take(100).collect();
        if value.len() < full.len() {
            value.push('…');
        }
        Self { field, value, expected: expected.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {:?}, expected {}", self.field, self.value, self.expected)
    }
}

impl From<Fault> for Reject {
    fn from(fault: Fault) -> Self {
        Self::Invalid(fault)
    }
}
