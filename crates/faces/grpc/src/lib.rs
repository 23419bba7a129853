//! lubdub's gRPC face, `lubdub.v1`: sessions of providers, watches of consumers, look-ups.
//!
//! What it is: the protocol for those who write new code, beside server reflection and
//! `grpc.health.v1`. What it is not: it decides nothing. When a session's instances leave is
//! said in [`lubdub_core::session`]; this face tells the registry of messages and of the ends of
//! connections. Its page is `docs/grpc.md`.
//!
//! Start with [`router`].
//!
//! | module | its one idea |
//! | --- | --- |
//! | `routes` | the methods, and where they lead |
//! | `service` | look-ups, and how streams begin |
//! | `wire` | the protocol's own types, generated |
//! | `convert` | the model to the wire and back |
//! | `error` | refusals and statuses |
//! | `session` | one session's stream |
//! | `watch` | one watch's stream |
//! | `config` | what bounds it |
//! | `carrier` | what streams and their connection say to each other |
//! | `fuzz` | doors for the fuzzer, not for use |
//!
//! It differs from the other faces by `service`, the trait that is generated in place of
//! handlers, and by `session` and `carrier`: no other protocol has a connection whose life is a
//! lease, so none has to know who ended it.

mod carrier;
mod config;
mod convert;
mod error;
#[doc(hidden)]
pub mod fuzz;
mod routes;
mod service;
mod session;
mod watch;
mod wire;

pub use carrier::Carrier;
pub use config::GrpcConfig;
pub use routes::{route, router};
