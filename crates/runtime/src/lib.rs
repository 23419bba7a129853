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
//! driver fills the next; the *pacer* notices pauses and sends own beats. Readers and renewals
//! run on their callers' threads and wait for none of these.

mod clock;
mod condition;
mod counters;
mod driver;
mod ears;
mod handle;
mod input;
pub mod journal;
mod pacer;
pub mod render;
mod shared;
mod start;
mod vital;
mod waiters;

pub use clock::Clock;
pub use condition::{Condition, DeafSpan, JournalState, Restored};
pub use counters::Counters;
pub use handle::Handle;
pub use lubdub_core as core;
pub use pacer::OWN_BEAT_PATH;
pub use start::{JournalConfig, Runtime, RuntimeConfig, StartError};
