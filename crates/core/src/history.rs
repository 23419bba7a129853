//! The history: what happened to each instance and why, in one bounded ring, chained per
//! instance. It outlives the instance.

use imbl::{OrdMap, Vector};

use crate::change::Cause;
use crate::model::{Address, InstanceKey, Status};
use crate::revision::Revision;
use crate::tick::WallTime;

/// One thing that happened to an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its place in the order of everything.
    pub revision: Revision,
    /// When.
    pub at: WallTime,
    /// To whom.
    pub key: InstanceKey,
    /// What and why.
    pub cause: Cause,
    /// The status in force from then on; none when it left.
    pub status: Option<Status>,
    /// Where it is called from then on; none when it left.
    pub address: Option<Address>,
}

/// The ring. Cloning it costs a few references.
#[derive(Debug, Clone, Default)]
pub struct History {
    ring: Vector<Link>,
    newest: OrdMap<InstanceKey, u64>,
    first: u64,
    capacity: usize,
}

#[derive(Debug, Clone)]
struct Link {
    entry: HistoryEntry,
    before: Option<u64>,
}

impl History {
    /// Empty, for this many entries.
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), ..Self::default() }
    }

    /// What happened to an instance, oldest first, as far back as the ring goes.
    pub fn of(&self, key: &InstanceKey) -> Vec<HistoryEntry> {
        let mut found = Vec::new();
        let mut next = self.newest.get(key).copied();
        while let Some(link) = next.and_then(|place| self.at(place)) {
            found.push(link.entry.clone());
            next = link.before;
        }
        found.reverse();
        found
    }

    /// What happened to all of them, newest first, as far back as the ring goes.
    pub fn newest_first(&self) -> impl Iterator<Item = &HistoryEntry> {
        self.ring.iter().rev().map(|link| &link.entry)
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.ring.len()
    }

    /// Whether nothing has happened yet.
    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// Adds an entry; the oldest makes room.
    pub fn push(&mut self, entry: HistoryEntry) {
        let place = self.first + self.ring.len() as u64;
        let before = self.newest.insert(entry.key.clone(), place);
        self.ring.push_back(Link { entry, before });
        if self.ring.len() > self.capacity
            && let Some(dropped) = self.ring.pop_front()
        {
            if self.newest.get(&dropped.entry.key) == Some(&self.first) {
                self.newest.remove(&dropped.entry.key);
            }
            self.first += 1;
        }
    }

    fn at(&self, place: u64) -> Option<&Link> {
        self.ring.get(usize::try_from(place.checked_sub(self.first)?).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Sender;

    fn entry(id: &str, revision: u64) -> HistoryEntry {
        HistoryEntry {
            revision: Revision(revision),
            at: WallTime(revision),
            key: InstanceKey::new("orders", id),
            cause: Cause::Joined(Sender::default()),
            status: Some(Status::Up),
            address: None,
        }
    }

    fn revisions(history: &History, id: &str) -> Vec<u64> {
        history.of(&InstanceKey::new("ORDERS", id)).iter().map(|entry| entry.revision.0).collect()
    }

    #[test]
    fn an_instance_is_told_its_own_past_in_order() {
        let mut history = History::new(10);
        for (id, revision) in [("a", 1), ("b", 2), ("a", 3)] {
            history.push(entry(id, revision));
        }
        assert_eq!(revisions(&history, "a"), [1, 3]);
        assert_eq!(revisions(&history, "c"), [0; 0]);
    }

    #[test]
    fn everything_is_told_newest_first() {
        let mut history = History::new(3);
        for (id, revision) in [("a", 1), ("b", 2), ("a", 3), ("c", 4)] {
            history.push(entry(id, revision));
        }
        let told: Vec<_> = history.newest_first().map(|entry| entry.revision.0).collect();
        assert_eq!(told, [4, 3, 2]);
    }

    #[test]
    fn the_ring_forgets_the_oldest_and_nothing_else() {
        let mut history = History::new(2);
        for (id, revision) in [("a", 1), ("b", 2), ("b", 3), ("a", 4), ("c", 5)] {
            history.push(entry(id, revision));
        }
        assert_eq!((history.len(), revisions(&history, "b")), (2, vec![]));
        assert_eq!((revisions(&history, "a"), revisions(&history, "c")), (vec![4], vec![5]));
        assert_eq!(history.newest.len(), 2);
    }
}
