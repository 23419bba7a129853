//! [`Delta`]: what changed lately, one entry for each instance.
//!
//! Not the [feed](crate::feed): a delta tells a consumer that polls what each recently
//! changed instance is *now*; an entry is replaced, and moved to the end, by the
//! instance's next change, and forgotten after the retention. What left stays as a
//! tombstone for as long. Eureka's `apps/delta` is read from it.

use std::sync::Arc;

use imbl::OrdMap;

use crate::tick::Moment;
use crate::view::Listed;

/// What a change did to an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// It registered, perhaps again.
    Added,
    /// Something of it changed.
    Modified,
    /// It left.
    Deleted,
}

/// An instance that changed lately.
#[derive(Debug, Clone)]
pub struct DeltaEntry {
    /// As it is, or was when it left; its `action` says what happened last.
    pub listed: Listed,
    /// When it changed.
    pub at: Moment,
}

/// A place in the order of last changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeltaPosition(pub u64);

/// What changed lately, in the order of the last change. Cloning it costs a reference.
#[derive(Debug, Clone, Default)]
pub struct Delta {
    order: OrdMap<DeltaPosition, Arc<DeltaEntry>>,
    last: DeltaPosition,
}

impl Delta {
    /// The entries, the oldest change first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<DeltaEntry>> {
        self.order.values()
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether nothing changed lately.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The span of positions held. Two deltas of one process with the same span hold the
    /// same entries.
    pub fn span(&self) -> (DeltaPosition, DeltaPosition) {
        (self.order.get_min().map_or(self.last, |(first, _)| *first), self.last)
    }

    /// Adds an entry at the end; `replaces` is where the instance's entry was before.
    pub(crate) fn push(&mut self, entry: DeltaEntry, replaces: Option<DeltaPosition>) -> DeltaPosition {
        if let Some(old) = replaces {
            self.order.remove(&old);
        }
        self.last.0 += 1;
        self.order.insert(self.last, Arc::new(entry));
        self.last
    }

    /// The oldest entry.
    pub(crate) fn oldest(&self) -> Option<(DeltaPosition, &Arc<DeltaEntry>)> {
        self.order.get_min().map(|(position, entry)| (*position, entry))
    }

    /// Forgets one entry.
    pub(crate) fn forget(&mut self, position: DeltaPosition) {
        self.order.remove(&position);
    }
}
