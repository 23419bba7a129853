//! The journal: what survives a restart.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `batch` | what is written together, and the seam for back ends |
//! | `pipeline` | which changes wait for the disk, and what happens when it does not answer: a pure state machine |
//! | `writer` | the thread that commits one batch while the driver fills the next |
//! | `record` | an instance and a history entry as bytes |
//! | `loading` | what is in the tables, and what of it cannot be read |
//! | `streaming` | reading, checking and restoring at the same time |
//! | `salvage` | what can be read of a damaged file |
//! | `embedded` | the back end that is built in: a state table in one file |

mod batch;
mod embedded;
mod loading;
pub(crate) mod pipeline;
pub(crate) mod record;
pub(crate) mod salvage;
mod streaming;
pub(crate) mod writer;

pub use batch::{Batch, Journal, JournalError, Loaded, Write};
pub use embedded::{EmbeddedJournal, OpenError};
pub(crate) use streaming::Part;
