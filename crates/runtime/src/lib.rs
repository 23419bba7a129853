//! Runs lubdub's registry: the thread that drives it, the one clock, the journal, and the
//! [`Handle`] that faces talk to.
//!
//! What it is not: it decides nothing about instances (that is [`lubdub_core`]) and speaks no
//! protocol (those are the faces). Start with [`Runtime`], then [`Handle`].
//!
//! ```
//! use lubdub_runtime::{Runtime, RuntimeConfig};
//!
//! let runtime = Runtime::start(RuntimeConfig::default()).unwrap();
//! let handle = runtime.handle();
//! assert_eq!(handle.catalog().service_count(), 0);
//! runtime.stop();
//! ```
//!
//! Threads: the *driver* owns the registry; the *journal's thread* commits one batch while the
//! driver fills the next; the *pacer* notices pauses and sends own beats; the *prober* tries the
//! addresses of instances that are suspected. Readers and renewals run on their callers' threads
//! and wait for none of these.

mod change_counts;
mod clock;
mod commits;
mod condition;
mod counters;
mod driver;
mod ears;
mod figures;
#[doc(hidden)]
pub mod fuzz;
mod handle;
pub mod histogram;
mod input;
pub mod journal;
mod pacer;
mod prober;
pub mod render;
mod restoring;
mod sessions;
mod shared;
mod start;
mod stripe;
mod tell;
mod vital;
mod waiters;
mod watching;

pub use change_counts::ChangeCounts;
pub use clock::Clock;
pub use condition::{Condition, DeafSpan, JournalState, Restored};
pub use counters::Counters;
pub use figures::Figures;
pub use handle::Handle;
pub use lubdub_core as core;
pub use pacer::OWN_BEAT_PATH;
pub use prober::{CarriedBeat, ProbeCounters, SignOfLife};
pub use sessions::{Answer, Session, SessionEvent};
pub use start::{JournalConfig, Runtime, RuntimeConfig, StartError};
pub use watching::{OpenWatch, Wanted};
