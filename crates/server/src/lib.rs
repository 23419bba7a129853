//! Configuration, listeners, access, limits and shutdown of a lubdub registry.
//!
//! What it is: the one place that opens sockets and decides who may ask; it mounts the faces
//! on a runtime. What it is not: it holds no domain logic and knows no protocol beyond HTTP.
//! Start with [`Server::start`].
//!
//! ```
//! use lubdub_server::{Server, ServerConfig};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let config = ServerConfig {
//!     listen: vec!["127.0.0.1:0".parse().unwrap()],
//!     ephemeral: true,
//!     ..ServerConfig::default()
//! };
//! let running = Server::start(config).await.unwrap();
//! assert_ne!(running.addresses()[0].port(), 0);
//! running.stop().await;
//! # });
//! ```
//!
//! What a request goes through, in this order: the connection's version of HTTP (`preface`) and its limits
//! (`connection`, `http2`), who may
//! ask (`access`), the registry's own beats, renewals, the body's limits (`limits`), and then
//! the faces (`front`). Renewals and own beats come before everything that costs. What only
//! operators may do is judged by `operator`, which the REST face asks before it does any.

mod access;
mod carried;
pub mod config;
mod connection;
mod front;
#[doc(hidden)]
pub mod fuzz;
mod http2;
mod limits;
mod listeners;
mod metrics;
mod operator;
mod peers;
mod preface;
mod pulse;
mod refusal;
mod server;
mod shutdown;
mod silence;
mod token;

pub use config::{ConfigError, ConfigFault, Flags, ProcessEnvironment, ServerConfig, Strings, TrafficLimits};
pub use lubdub_rest::LogControl;
pub use server::{Running, ServeError, Server};
pub use token::TokenError;
