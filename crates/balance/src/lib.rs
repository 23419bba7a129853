//! Which of several endpoints a call goes to: balancing strategies, chosen by name, as pure state machines.
//!
//! What it is: a [`Balancer`] knows a set of endpoints and picks one for each call, by a strategy that is found by its name in
//! [`Strategies`]. What it is not: it opens no connection, reads no clock, starts no thread, and draws no random number but from the
//! generator that it is given. It knows no registry: whoever does tells it the set.
//!
//! Names: `random`, `weighted-random`, `round-robin`, `weighted-round-robin`, `hash`, `weighted-hash`, `source-ip-hash`,
//! `weighted-source-ip-hash`, `consistent-hash`, `bounded-consistent-hash`, `least-connections`, `least-in-flight`, `p2c-peak-ewma`;
//! `zone-aware` and `zone-aware:NAME`; and those that [`Strategies::register`] makes known. Which one fits what stands in
//! `docs/balancing.md`.
//!
//! Start with [`Balancer`]:
//!
//! ```
//! use lubdub_balance::{Balancer, Call, Config, Endpoint, Strategies};
//! use lubdub_detect::Tick;
//!
//! let strategy = Strategies::standard().named("p2c-peak-ewma")?;
//! let balancer = Balancer::new(strategy, Config::default())?;
//! let addresses = ["192.0.2.1:80", "192.0.2.2:80"];
//! balancer.replace(addresses.map(|address| (Endpoint::new(address), address)), Tick::of_secs(1))?;
//!
//! let mut rng = fastrand::Rng::with_seed(1);
//! let pick = balancer.pick(&Call::default(), Tick::of_secs(2), &mut rng)?;
//! assert!(addresses.contains(pick.item()));
//! assert_eq!(pick.node().in_flight(), 1);
//! pick.answered(Tick::of_millis(2_030));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod balancer;
mod call;
mod candidates;
mod config;
mod endpoint;
mod hash;
mod home;
mod latency;
mod node;
mod pick;
mod set;
mod slow_start;
mod strategies;
mod strategy;
mod usable;
mod weight;

pub use balancer::Balancer;
pub use call::{Call, NoEndpoint};
pub use config::{Config, LastResort};
pub use endpoint::Endpoint;
pub use node::{Connection, Node, NodeId};
pub use pick::Pick;
pub use strategies::{Named, Strategies, UnknownStrategy};
pub use strategy::{Nodes, Strategy, Turn};
pub use weight::Weight;

pub use lubdub_detect::Fault;
