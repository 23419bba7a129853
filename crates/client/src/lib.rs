//! Provide and consume services, whatever registry there is: a program says *what* it provides and
//! whom it wants to call, and a URL says *where* that is kept.
//!
//! | URL | registry | an instance lives as long as |
//! | --- | --- | --- |
//! | `lubdub://host:8761` | lubdub, by its own protocol | its session does: one long connection |
//! | `eureka://host:8761` | lubdub, or any Eureka server | it renews its lease |
//! | `consul://host:8500` | a Consul agent | it passes its TTL check |
//! | `etcd://host:2379` | etcd | its lease is kept alive |
//! | `zookeeper://host:2181` | `ZooKeeper` | its session lives |
//!
//! Each is a feature of this crate; [`add_scheme`] adds others. Begin with [`Registry`]. With the feature
//! `tonic` it also serves: `Registry::serve` provides each gRPC service that is mounted.
//!
//! ```no_run
//! use lubdub_client::{Instance, Registry};
//!
//! # async fn run() -> Result<(), lubdub_client::Error> {
//! let registry = Registry::at("eureka://127.0.0.1:8761")?;
//!
//! // A provider: registered, kept alive, and registered again whenever that is needed.
//! let provider = registry.provide(Instance::new("orders", "10.0.0.7", 8080).with_version("2")).await?;
//!
//! // A consumer: whom it may call now, and what changes.
//! let payments = registry.consume("payments").await?;
//! for endpoint in payments.endpoints() {
//!     println!("{} at {}", endpoint.instance.id, endpoint.address());
//! }
//!
//! // SIGTERM: unavailable, wait for consumers, finish calls, deregister.
//! registry.until_terminated().await
//! # }
//! ```
//!
//! What a program can rely on:
//!
//! - **Beats wait for nothing.** They come from a thread of their own; whatever the program does with
//!   its own threads delays none. A hung exchange delays no other instance's beats.
//! - **Registered and available are two things.** An instance is registered and alive from the start;
//!   it is offered while its own switch and the process's ([`Switch`]) are on. In between it is previewed:
//!   found by [`Registry::lookup`] and called by its address.
//! - **A registry that is gone stops nobody.** Providers go on and come back by themselves, with the
//!   availability that is wanted then; consumers go on with whom they knew ([`machine::LiveSet`]), after a
//!   restart of their own too, if a folder for it is given ([`Config::snapshots`]).
//! - **Nothing hangs.** Each exchange ends within [`Terms::patience`], with a typed [`Error`] at the latest.
//!
//! All decisions are in [`machine`], without clock, network or files.

mod availability;
mod backend;
mod clock;
#[cfg(feature = "consul")]
mod consul;
mod consumer;
mod endpoint;
mod error;
#[cfg(feature = "etcd")]
mod etcd;
#[cfg(feature = "eureka")]
mod eureka;
#[cfg(feature = "http")]
mod http;
mod instance;
#[cfg(feature = "lubdub")]
mod lubdub;
pub mod machine;
mod provider;
mod registry;
mod schemes;
mod selector;
#[cfg(feature = "tonic")]
mod serve;
mod snapshot;
mod switch;
mod terms;
mod url;
mod worker;
#[cfg(feature = "zookeeper")]
mod zookeeper;

pub use async_trait::async_trait;

pub use availability::Availability;
pub use backend::{Backend, Connect, News, Renewal};
pub use consumer::{Changes, Consumer};
pub use endpoint::{Endpoint, Listed};
pub use error::Error;
pub use instance::{DEFAULT_WEIGHT, Instance};
pub use machine::Change;
pub use provider::{Call, Farewell, Parting, Provider, State, Status};
pub use registry::{Config, Registry};
pub use schemes::{add_scheme, schemes};
pub use selector::Selector;
#[cfg(feature = "tonic")]
pub use serve::{Mountable, Place, ServeSetup, Serving};
pub use switch::Switch;
pub use terms::{BEATS_PER_TIMEOUT, Terms};
pub use url::RegistryUrl;
