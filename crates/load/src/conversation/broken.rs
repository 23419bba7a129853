//! [`Broken`]: a conversation that cannot go on.

use std::fmt;
use std::io;

use super::RegistryAt;
use crate::Error;

/// Why a conversation cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken(String);

impl Broken {
    /// For this reason.
    pub(crate) fn by(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }

    /// It was with this registry.
    pub(crate) fn of(self, registry: &RegistryAt) -> Error {
        Error::Conversation { server: registry.to_string(), reason: self.0 }
    }

    /// Its peer ended it.
    pub(crate) fn ended() -> Self {
        Self("the server ended it".to_owned())
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<tonic::Status> for Broken {
    fn from(status: tonic::Status) -> Self {
        Self(format!("{}: {}", status.code(), status.message()))
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}
