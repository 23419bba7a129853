//! [`Availability`]: whether an instance is offered to consumers.

use serde::{Deserialize, Serialize};

/// Whether an instance is offered to consumers. It is registered, and beats, in either case: being
/// alive and being available are two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Availability {
    /// Registered, and offered to nobody. Who knows its address can call it; that is the preview.
    Unavailable,
    /// Offered.
    Available,
}

impl Availability {
    /// Available where `on`.
    pub const fn when(on: bool) -> Self {
        if on { Self::Available } else { Self::Unavailable }
    }

    /// Whether it is offered.
    pub const fn is_available(self) -> bool {
        matches!(self, Self::Available)
    }
}
