//! The detectors of Chen, Toueg and Aguilera, and what sets them.
//!
//! *On the Quality of Service of Failure Detectors*, IEEE Transactions on Computers 51(5), 2002. Beat i is sent at `i · η`; the detector
//! has a freshness point for each, and between the points of beats i and i + 1 it trusts if it has heard any beat from i on. Unlike with a
//! timeout that starts again with each beat, one that comes late postpones nothing.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `nfd_s` | freshness points by the sender's clock |
//! | `nfd_e` | freshness points by the arrivals seen so far |
//! | `contract` | interval and margin from what is wanted and what the network does |

mod contract;
mod nfd_e;
mod nfd_s;

pub use contract::{Contract, Network, Settings, Unattainable};
pub use nfd_e::{NfdE, NfdEConfig};
pub use nfd_s::{NfdS, NfdSConfig};
