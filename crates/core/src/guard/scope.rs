//! [`Scope`]: what the guard counts hosts in.

use std::fmt;
use std::sync::Arc;

use crate::model::ServiceName;

/// What the guard counts hosts in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everything.
    Registry,
    /// The instances that told this zone, exactly.
    Zone(Arc<str>),
    /// The instances of a service.
    Service(ServiceName),
}

impl Scope {
    /// `registry`, `zone` or `service`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Zone(_) => "zone",
            Self::Service(_) => "service",
        }
    }

    /// The name of the zone or service.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Registry => None,
            Self::Zone(name) => Some(name),
            Self::Service(name) => Some(name.as_str()),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry => f.write_str("the registry"),
            Self::Zone(name) => write!(f, "zone {name}"),
            Self::Service(name) => write!(f, "service {name}"),
        }
    }
}
