//! `GET /metrics`: what the registry counts, for Prometheus and whoever reads its format.
//!
//! Nothing is counted for this page alone where something counts already: the values are read
//! from the registry's own counters when somebody asks. Every label has a bounded number of
//! values; no name of a service, instance, zone or client is one. Each metric stands in
//! `docs/metrics.md`, and a test compares.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `scrape` | who asks, in which format, and one at a time |
//! | `exposition` | families and samples, in the `OpenMetrics` text format |
//! | `classic` | the same in the older text format |
//! | `sources` | everything that is read |
//! | `registry`, `protections`, `server`, `process` | what is told of each |
//! | `census` | counts for which every instance must be looked at |
//! | `requests` | how long requests took, by route |

mod census;
mod classic;
mod exposition;
mod process;
mod protections;
mod registry;
mod requests;
mod scrape;
mod server;
mod sources;

pub(crate) use requests::{Requests, Route, marked, word};
pub(crate) use scrape::router;
pub(crate) use sources::Sources;

#[cfg(test)]
mod tests;
