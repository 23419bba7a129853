//! [`ServiceView`]: the instances of one service, in chunks.

use std::cmp::Ordering;
use std::sync::Arc;

use imbl::Vector;

use super::chunk::{CHUNK_SIZE, Chunk, ChunkId, Listed};
use super::marks::Marks;
use crate::model::{InstanceKey, ServiceName, StatusCounts};
use crate::revision::Revision;

/// The instances of one service, in chunks. Never empty: a service without instances is
/// not listed.
#[derive(Debug, Clone)]
pub struct ServiceView {
    name: ServiceName,
    modified: Revision,
    // Persistent: of a service with half a million instances, each change would copy a list of ten
    // thousand chunks.
    chunks: Vector<Arc<Chunk>>,
    counts: StatusCounts,
    marks: Marks,
}

impl ServiceView {
    pub(super) fn new(name: ServiceName) -> Self {
        Self {
            name,
            modified: Revision::ZERO,
            chunks: Vector::new(),
            counts: StatusCounts::default(),
            marks: Marks::default(),
        }
    }

    /// Of chunks that were filled already.
    pub(super) fn of(
        name: ServiceName,
        modified: Revision,
        chunks: Vec<Arc<Chunk>>,
        counts: StatusCounts,
        marks: Marks,
    ) -> Self {
        Self { name, modified, chunks: chunks.into(), counts, marks }
    }

    /// The name, in the form in which it was first given.
    pub fn name(&self) -> &ServiceName {
        &self.name
    }

    /// When anything in it changed last.
    pub fn modified(&self) -> Revision {
        self.modified
    }

    /// The chunks, in the order of their instances.
    pub fn chunks(&self) -> impl ExactSizeIterator<Item = &Arc<Chunk>> {
        self.chunks.iter()
    }

    /// How many instances have each status.
    pub fn counts(&self) -> &StatusCounts {
        &self.counts
    }

    /// How many instances stand out, and by what.
    pub fn marks(&self) -> Marks {
        self.marks
    }

    /// The instances, ordered by id and node.
    pub fn iter(&self) -> impl Iterator<Item = &Listed> {
        self.chunks.iter().flat_map(|chunk| chunk.listed())
    }

    /// The number of instances.
    pub fn len(&self) -> usize {
        self.counts.total()
    }

    /// Whether there is none; never so for a service that is listed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An instance by id and node (mostly the empty node).
    pub fn get(&self, id: &str, node: &str) -> Option<&Listed> {
        let chunk = self.chunks.get(self.chunk_of(id, node)?)?;
        let place = chunk.listed().binary_search_by(|listed| compare(listed, id, node)).ok()?;
        chunk.listed().get(place)
    }

    /// The only chunk that may hold an instance.
    fn chunk_of(&self, id: &str, node: &str) -> Option<usize> {
        let begins_after = |chunk: &Arc<Chunk>| {
            let begins_by_then = chunk.listed().first().is_some_and(|first| compare(first, id, node).is_le());
            if begins_by_then { Ordering::Less } else { Ordering::Greater }
        };
        // Never found as such: what is answered is where the first that begins later stands.
        let (Ok(after) | Err(after)) = self.chunks.binary_search_by(begins_after);
        after.checked_sub(1)
    }

    /// Puts an instance in its place; answers what was there.
    pub(super) fn put(&mut self, listed: Listed, ids: &mut ChunkId) -> Option<Listed> {
        self.modified = listed.modified;
        self.counts.add(listed.instance.effective_status());
        self.marks.add(&listed.instance);
        let key = listed.instance.key.clone();
        let at = self.chunk_of(key.id(), key.node()).unwrap_or(0);
        let Some(chunk) = self.chunks.get_mut(at) else {
            self.chunks.push_back(Arc::new(Chunk::new(next(ids), vec![listed])));
            return None;
        };
        let chunk = Arc::make_mut(chunk);
        chunk.mark(next(ids));
        let rows = chunk.listed_mut();
        match rows.binary_search_by(|row| compare(row, key.id(), key.node())) {
            Ok(place) => {
                let old = std::mem::replace(rows.get_mut(place)?, listed);
                self.counts.remove(old.instance.effective_status());
                self.marks.remove(&old.instance);
                Some(old)
            }
            Err(place) => {
                // By no more than one: there are many chunks, and few of them full.
                rows.reserve_exact(1);
                rows.insert(place, listed);
                if rows.len() > CHUNK_SIZE {
                    let upper = rows.split_off(STAYS_BEHIND);
                    self.chunks.insert(at + 1, Arc::new(Chunk::new(next(ids), upper)));
                }
                None
            }
        }
    }

    /// Takes an instance out; answers what was there.
    pub(super) fn take(&mut self, key: &InstanceKey, at: Revision, ids: &mut ChunkId) -> Option<Listed> {
        let index = self.chunk_of(key.id(), key.node())?;
        let shared = self.chunks.get_mut(index)?;
        let place = shared.listed().binary_search_by(|row| compare(row, key.id(), key.node())).ok()?;
        let chunk = Arc::make_mut(shared);
        chunk.mark(next(ids));
        let old = chunk.listed_mut().remove(place);
        self.counts.remove(old.instance.effective_status());
        self.marks.remove(&old.instance);
        self.modified = at;
        self.mend(index, ids);
        Some(old)
    }

    /// Drops a chunk that became empty, and joins one that became small with its neighbour,
    /// so that a service that shrank is not a list of crumbs.
    fn mend(&mut self, index: usize, ids: &mut ChunkId) {
        let length = |at: usize| self.chunks.get(at).map_or(0, |chunk| chunk.listed().len());
        let (own, following) = (length(index), length(index + 1));
        if own == 0 {
            self.chunks.remove(index);
        } else if following > 0 && own + following <= CHUNK_SIZE / 2 {
            let joined = self.chunks.remove(index + 1);
            if let Some(chunk) = self.chunks.get_mut(index) {
                let chunk = Arc::make_mut(chunk);
                chunk.listed_mut().extend(joined.listed().iter().cloned());
                chunk.mark(next(ids));
            }
        }
    }
}

/// Where a chunk that is too full is split. Names mostly grow, so the fuller part stays behind and
/// rarely splits again.
pub(super) const STAYS_BEHIND: usize = CHUNK_SIZE * 3 / 4;

pub(super) fn next(ids: &mut ChunkId) -> ChunkId {
    ids.0 += 1;
    *ids
}

fn compare(listed: &Listed, id: &str, node: &str) -> Ordering {
    listed.instance.key.compare_within_service(id, node)
}
