//! The connection between a consumer and a provider, watched for liveness and balanced.
//!
//! A registry knows who reaches the registry. A link says who is alive *to this program*: the network between the two
//! ends may be cut while both still reach the registry.

#[cfg(feature = "framed")]
pub mod answer;
mod clock;
pub mod connections;
#[cfg(feature = "framed")]
pub mod framed;
pub mod heartbeat;
pub mod idle;
#[cfg(feature = "framed")]
pub mod motan;

pub use clock::Clock;
