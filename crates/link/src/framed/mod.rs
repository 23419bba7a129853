//! Links over any framed transport, with any codec.
//!
//! A [`Link`] wraps what is a `Stream` and a `Sink` of frames. It answers pings before the application sees them, pings by itself,
//! and ends with a reason ([`Ended`]) when the other end is lost. How a protocol says ping and pong is told by [`Beats`]; when, by
//! [`crate::heartbeat::HeartbeatConfig`].
//!
//! There is no task and no channel between the transport and the application: the application polls the transport itself, through
//! the link, and beats are taken out on the way. A small task besides (the *guard*) has the timers, and stands in when the
//! application does not read.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `beats` | how a protocol says ping and pong |
//! | `config` | what a link is told |
//! | `ended` | why a link is over |
//! | `guard` | timers, and who stands in for an application that does not read |
//! | `inward` | what comes in |
//! | `link` | what the application holds |
//! | `outward` | what goes out |
//! | `progress` | bytes of frames that are not whole yet |
//! | `pulse` | what others may know of a link |
//! | `shared` | what link, guard and pulse share |
//! | `signals` | who is woken when the transport has something |
//! | `state` | the transport, its machine, and what waits on either side |

mod beats;
mod config;
mod ended;
mod guard;
mod inward;
mod link;
mod outward;
mod progress;
mod pulse;
mod shared;
mod signals;
mod state;

pub use beats::{Beat, Beats};
pub use config::LinkConfig;
pub use ended::{Ended, LinkError};
pub use link::Link;
pub use progress::{Progress, Watched};
pub use pulse::Pulse;
