//! What is written together, and the seam for back ends.

use std::sync::Arc;

use lubdub_core::history::HistoryEntry;
use lubdub_core::model::{Instance, InstanceKey};
use lubdub_core::{Revision, WallTime};

/// What is written together: all of it or none.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// No change in it has a later revision.
    pub revision: Revision,
    /// When it was sealed: also the sign that the registry was alive then.
    pub at: WallTime,
    /// The writes, in order; of one instance the last counts.
    pub writes: Vec<Write>,
}

/// One record. The journal is a table of states, not a log.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// An instance as it is now.
    Instance(Arc<Instance>),
    /// An instance that is no more.
    Gone(InstanceKey),
    /// What happened; the oldest beyond the bound is forgotten.
    History(Box<HistoryEntry>),
}

/// Where batches go. The built-in back end is [`super::EmbeddedJournal`]; a shared one
/// (several servers on one store) will order batches among servers and so also answer with
/// conflicts. Tests put slow and failing ones here.
pub trait Journal: Send + 'static {
    /// Writes a batch; durable when this returns. Blocks as long as the disk does.
    ///
    /// # Errors
    ///
    /// Nothing of the batch was written; the same or a later batch may be tried again.
    fn append(&mut self, batch: &Batch) -> Result<(), JournalError>;
}

/// Why a batch was not written, in words for an operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JournalError(pub String);

/// What an earlier run left.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The instances.
    pub instances: Vec<Arc<Instance>>,
    /// The durable part of the history, oldest first.
    pub history: Vec<HistoryEntry>,
    /// The last revision that may have been given out, if there was an earlier run.
    pub revision: Option<Revision>,
    /// When it was last alive.
    pub alive: Option<WallTime>,
    /// What was damaged: what was moved where, and what is missing.
    pub damaged: Option<String>,
}
