//! lubdub's own REST face, version 1: services, instances, their history, events, health.
//!
//! What it is: reads for people and programs that speak no registry's protocol, JSON all
//! through, a stream of events as server-sent events, and the few things that operators do.
//! What it is not: a way to register; providers use one of the protocol faces. Its page is
//! `docs/rest.md`, and it describes itself at `/api/v1/openapi.json`.
//!
//! Start with [`router`].
//!
//! | module | its one idea |
//! | --- | --- |
//! | `routes` | paths to handlers |
//! | `query` | the parts of a request that are checked by hand, so that faults name field, value and expectation |
//! | `wire` | what is written, the only place with serde |
//! | `convert` | the model to what is written |
//! | `error` | problem documents (RFC 9457) |
//! | `watch` | the stream of events |
//! | `openapi` | this interface, described for machines |
//! | `fuzz` | doors for the fuzzer, not for use |
//!
//! It differs from the other faces by `query`: they have the parameters of their protocol,
//! this one refuses what it does not know; and by `openapi`: their protocols are described
//! elsewhere.

mod config;
mod convert;
mod error;
#[doc(hidden)]
pub mod fuzz;
mod openapi;
mod query;
mod routes;
mod watch;
mod wire;

pub use config::{
    Denied, LogControl, OPERATOR_HEADER, OPERATOR_TOKEN_HEADER, Operators, RestConfig, Setting,
};
pub use error::{FieldFault, Problem};
pub use routes::router;
