//! The connection between a consumer and a provider, watched for liveness and balanced.
//!
//! A registry knows who reaches the registry. A link says who is alive *to this program*: the network between the two
//! ends may be cut while both still reach the registry.
//!
//! | module | its one idea |
//! | --- | --- |
//! | [`idle`] | who has been idle for how long, by Netty's rules; knows no clock |
//! | [`heartbeat`] | when to ping, what a pong tells, when to give up; knows no clock |
//! | [`availability`] | whether calls go to an endpoint, and when it is probed; knows no clock |
//! | `channel` | gRPC calls that follow a registry and go where they arrive: start with `channel::channel` |
//! | `framed` | any framed transport with heartbeats: start with `framed::Link` |
//! | `answer` | a tower layer that answers heartbeats ahead of a service |
//! | [`connections`] | a table that forgets connections that are over |
//! | `motan` | links that speak Motan's second protocol |
//!
//! The machines can be used alone:
//!
//! ```
//! use lubdub_detect::Tick;
//! use lubdub_link::heartbeat::{Action, Heartbeat, HeartbeatConfig};
//!
//! let mut consumer = Heartbeat::new(HeartbeatConfig::consumer(), 1, Tick(0))?;
//! assert_eq!(consumer.deadline(), Some(Tick::of_secs(30)));
//! assert_eq!(consumer.check(Tick::of_secs(30)), Some(Action::Ping(1)));
//! // Nothing is heard.
//! assert!(matches!(consumer.check(Tick::of_secs(60)), Some(Action::Close(_))));
//! # Ok::<(), lubdub_link::heartbeat::HeartbeatFault>(())
//! ```

#[cfg(feature = "framed")]
pub mod answer;
pub mod availability;
#[cfg(feature = "channel")]
pub mod channel;
mod clock;
pub mod connections;
#[cfg(feature = "framed")]
pub mod framed;
pub mod heartbeat;
pub mod idle;
#[cfg(feature = "framed")]
pub mod motan;

pub use clock::Clock;

#[cfg(feature = "channel")]
pub use channel::channel;
