//! Heartbeats of one end of a connection, as a machine without a clock: when to ping, what a pong tells, when to give up.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `config` | intervals and limits, and which of them are refused |
//! | `round_trip` | how long a ping and its pong take, as TCP estimates it |
//! | `sent` | which pings wait for their pong |
//! | `flood` | no more beats in an interval than one is willing to answer |
//! | `machine` | what to do when, and what came of it |

mod config;
mod flood;
mod machine;
mod round_trip;
mod sent;

pub use config::{Concern, HeartbeatConfig, HeartbeatFault, Pings};
pub use machine::{Action, Heartbeat, Pong, Verdict};
pub use round_trip::RoundTrip;
