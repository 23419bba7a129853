//! The Netflix Eureka face: clients of Eureka (Spring Cloud's, Netflix's own, Python's, Node's)
//! live on lubdub unchanged.
//!
//! What it is: Eureka's REST protocol of the 1.x and 2.0 servers, under `/eureka`, `/eureka/v2`,
//! `/eureka/v1` and `/v2`, in JSON and XML. What it is not: it keeps no state beside the
//! [`Handle`](lubdub_runtime::Handle), decides nothing, and does not replicate to Eureka peers.
//! What it does otherwise than Netflix's server stands in `docs/eureka.md`.
//!
//! Start with [`EurekaFace`]: `renewal` is the fast path for heartbeats, `router` everything
//! else.
//!
//! ```
//! use lubdub_eureka::{EurekaConfig, EurekaFace};
//! use lubdub_runtime::render::{Renderer, RendererConfig};
//! use lubdub_runtime::{Runtime, RuntimeConfig};
//!
//! let runtime = Runtime::start(RuntimeConfig::default()).unwrap();
//! let renderer = Renderer::new(RendererConfig::default());
//! let face = EurekaFace::new(runtime.handle(), renderer, EurekaConfig::default());
//! let router: axum::Router = face.router();
//! # drop(router);
//! runtime.stop();
//! ```
//!
//! | module | its one idea |
//! | --- | --- |
//! | `face` | what handlers share |
//! | `routes` | paths → handlers |
//! | `path`, `query`, `negotiate`, `body` | what a request says, before its document |
//! | `renewal` | heartbeats, before anything else is parsed |
//! | `registration`, `operator`, `reads`, `server` | the handlers |
//! | `wire` | Eureka's documents |
//! | `convert` | documents ⇄ the registry's model, pure |
//! | `render` | chunks of a view into fragments of documents |
//! | `answer` | responses, with or without a document |
//! | `error` | from rejects to Eureka's answers |
//! | `fuzz` | doors for the fuzzer, not for use |

mod answer;
mod body;
mod config;
mod convert;
mod error;
mod face;
#[doc(hidden)]
pub mod fuzz;
mod negotiate;
mod operator;
mod path;
mod query;
mod reads;
mod registration;
mod render;
mod renewal;
mod routes;
mod server;
mod wire;

pub use config::EurekaConfig;
pub use face::EurekaFace;
pub use renewal::Heartbeat;
pub use routes::{RENEWAL_ROUTE, route};
