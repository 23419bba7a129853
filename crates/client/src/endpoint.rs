//! [`Endpoint`] and [`Listed`]: an instance as consumers see it.

use serde::{Deserialize, Serialize};

use crate::availability::Availability;
use crate::instance::Instance;

/// An instance as the registry lists it, offered or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// What it says of itself.
    pub instance: Instance,
    /// Whether it is offered.
    pub availability: Availability,
}

/// An instance that a consumer may call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Endpoint {
    /// What it says of itself.
    pub instance: Instance,
    /// The registry does not list it at present, and there is reason to think that the registry lost it
    /// rather than that it left: see [`LiveSet`](crate::machine::LiveSet). Prefer others.
    pub doubted: bool,
}

impl Endpoint {
    pub(crate) fn sure(instance: Instance) -> Self {
        Self { instance, doubted: false }
    }

    /// Where it is called: `host:port`.
    pub fn address(&self) -> String {
        self.instance.address()
    }
}
