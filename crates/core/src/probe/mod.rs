//! The refused-connection probe: whether a process that says nothing any more is still there.
//!
//! A client that renews over HTTP every 30 seconds and is killed stays for up to 90. But its
//! machine knows at once: it closes the process's connections, and refuses new ones to the
//! process's port. So when a *suspicion* arises (the connection that carried an instance's beats
//! closed, or a beat is late by half an interval), the instance's own address is tried once:
//!
//! | the address | says |
//! | --- | --- |
//! | refuses, and accepted earlier | the process is gone: the instance leaves at once |
//! | refuses, and was never reached | nothing: perhaps only others can reach it |
//! | accepts | nothing: it may hang, its lease decides |
//! | answers nothing in time, is unreachable, anything else | nothing: the network may be cut |
//!
//! That it was reached is learnt by the *baseline*: its address is tried when it registers, and
//! where it refuses again after 1, 10 and 60 s, because some clients register before they listen.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `config` | whether, which and how many |
//! | `rules` | which address is tried for whom |
//! | `candidates` | what is known of each lease, in eight bytes |
//! | `rate` | so many in a second |
//! | `prober` | events in, attempts out |
//!
//! Nothing here opens a socket: whoever drives the [`Prober`] does, and tells what came of it.

mod candidates;
mod config;
mod prober;
mod rate;
mod rules;

pub use config::ProbeConfig;
pub use prober::{Attempt, Counts, Outcome, Prober, Refused};
pub use rules::target;
