//! The feed: a bounded ring of recent changes, for watchers that resume.
//!
//! A subscriber holds a [`Revision`], not a queue. Woken, it reads what is newer; where it
//! fell off the ring it gets the whole [`Catalog`] and goes on from there. So a slow
//! subscriber costs nothing and loses nothing but intermediate states.

use std::sync::Arc;

use imbl::Vector;

use crate::change::Change;
use crate::model::InstanceKey;
use crate::revision::Revision;
use crate::tick::WallTime;
use crate::view::Catalog;

/// A change with its place in the order, and when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEntry {
    /// Its place. Changes of one transaction share one.
    pub revision: Revision,
    /// When, for display.
    pub at: WallTime,
    /// What happened.
    pub change: Change,
}

/// Which changes a watcher wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those of this service, in any case; it need not exist yet. None: all.
    pub service: Option<String>,
}

impl Filter {
    /// Everything.
    pub const ALL: Self = Self { service: None };

    /// One service.
    pub fn service(name: &str) -> Self {
        Self { service: Some(name.to_owned()) }
    }

    /// Whether changes of this instance are wanted.
    pub fn passes(&self, key: &InstanceKey) -> bool {
        self.service.as_deref().is_none_or(|name| name.eq_ignore_ascii_case(key.service().as_str()))
    }
}

/// What a watcher reads.
#[derive(Debug, Clone)]
pub enum Changes {
    /// What its filter passes after its revision; the first part of it where it is much.
    Since {
        /// The changes, in order.
        changes: Vec<FeedEntry>,
        /// Up to where these are all: where to go on from.
        upto: Revision,
    },
    /// Its revision is not in the ring (any more, or not of this registry): the present state
    /// instead. It goes on from the catalog's revision.
    Snapshot(Arc<Catalog>),
}

/// The ring. Cloning it costs a reference.
#[derive(Debug, Clone, Default)]
pub struct Feed {
    ring: Vector<FeedEntry>,
    capacity: usize,
    floor: Revision,
}

impl Feed {
    /// Empty; everything after `start` will be in it.
    pub fn starting_at(start: Revision, capacity: usize) -> Self {
        Self { ring: Vector::new(), capacity: capacity.max(1), floor: start }
    }

    /// How many changes it holds.
    pub fn len(&self) -> usize {
        self.ring.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// The first revision after which it holds everything.
    pub fn floor(&self) -> Revision {
        self.floor
    }

    /// The changes after `since`, oldest first; none where some of them are not held.
    pub fn since(&self, since: Revision) -> Option<impl Iterator<Item = &FeedEntry>> {
        if since < self.floor {
            return None;
        }
        // Revisions never fall along the ring.
        let first = self.ring.binary_search_by(|entry| {
            if entry.revision <= since { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater }
        });
        // Skipping them would step over each: with a full ring, a millisecond for every watcher.
        let newer = self.ring.focus().narrow(first.unwrap_or_else(|place| place)..);
        Some(newer.into_iter())
    }

    pub(crate) fn push(&mut self, entry: FeedEntry) {
        self.ring.push_back(entry);
        if self.ring.len() > self.capacity
            && let Some(dropped) = self.ring.pop_front()
        {
            self.floor = dropped.revision;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Cause;
    use crate::command::Sender;
    use crate::model::Generation;

    fn entry(revision: u64) -> FeedEntry {
        FeedEntry {
            revision: Revision(revision),
            at: WallTime(0),
            change: Change::Removed {
                key: InstanceKey::new("a", "x"),
                generation: Generation(0),
                cause: Cause::Deregistered(Sender::default()),
            },
        }
    }

    fn revisions(feed: &Feed, since: u64) -> Option<Vec<u64>> {
        Some(feed.since(Revision(since))?.map(|entry| entry.revision.0).collect())
    }

    #[test]
    fn a_watcher_reads_everything_after_its_revision() {
        let mut feed = Feed::starting_at(Revision(10), 8);
        for revision in [12, 12, 15] {
            feed.push(entry(revision));
        }
        assert_eq!(revisions(&feed, 10), Some(vec![12, 12, 15]));
        assert_eq!(revisions(&feed, 12), Some(vec![15]));
        assert_eq!(revisions(&feed, 15), Some(vec![]));
    }

    #[test]
    fn a_watcher_that_fell_off_the_ring_is_told() {
        let mut feed = Feed::starting_at(Revision(10), 2);
        assert_eq!(revisions(&feed, 9), None);
        for revision in [12, 13, 14] {
            feed.push(entry(revision));
        }
        assert_eq!((feed.floor(), feed.len(), feed.is_empty()), (Revision(12), 2, false));
        assert_eq!(revisions(&feed, 11), None);
        assert_eq!(revisions(&feed, 12), Some(vec![13, 14]));
    }

    #[test]
    fn a_transaction_that_is_half_dropped_is_not_read_in_half() {
        let mut feed = Feed::starting_at(Revision(10), 2);
        for revision in [12, 12, 13] {
            feed.push(entry(revision));
        }
        assert_eq!(revisions(&feed, 10), None);
        assert_eq!(revisions(&feed, 12), Some(vec![13]));
    }
}
