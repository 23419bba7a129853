//! Generated arrivals from a seed, and detectors replayed on them.
//!
//! A [`Plan`] says how a peer beats and what its network does; [`Plan::trace`] makes a [`Trace`] of it, the
//! same from the same seed on every machine; [`replay`] tells what a detector concludes of it. Some plans have names:
//! [`lossy`], [`of_chen`], [`wide_area`], [`local_area`].
//!
//! | module | its one idea |
//! | --- | --- |
//! | `chance` | accidents from a seed |
//! | `plan` | how a peer beats and what its network does |
//! | `named` | the plans that have a name |
//! | `trace` | which beat arrives when |
//! | `replay` | what a detector concludes of it |

mod chance;
mod named;
mod plan;
mod replay;
mod trace;

pub use named::{local_area, lossy, of_chen, wide_area};
pub use plan::{Delay, Loss, Outage, Pauses, Plan};
pub use replay::{Detection, Replayed, replay};
pub use trace::{Arrival, Trace};
