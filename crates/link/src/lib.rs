//! The connection between a consumer and a provider, watched for liveness and balanced.
//!
//! A registry knows who reaches the registry. A link says who is alive *to this program*: the network between the two
//! ends may be cut while both still reach the registry.

mod availability;
#[cfg(feature = "channel")]
mod channel;
mod clock;

pub use availability::{Availability, AvailabilitySettings, BadAvailability, Failure, Turn};
pub use clock::Clock;

#[cfg(feature = "channel")]
pub use channel::*;
