//! [`Chunk`]: up to 64 instances that are copied, rendered and cached together.

use std::sync::Arc;

use super::leases::LeasesOfOne;
use crate::delta::Action;
use crate::model::Instance;
use crate::revision::Revision;

/// The most instances of a chunk.
pub const CHUNK_SIZE: usize = 64;

/// Names the content of a chunk: two chunks with the same id hold the same. Unique within
/// a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChunkId(pub u64);

/// An instance as readers see it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The instance.
    pub instance: Arc<Instance>,
    /// Its leases, one for each of its checks and in their order. They go on living: what
    /// they say of the last beat is newer than the view.
    pub leases: LeasesOfOne,
    /// When it changed last.
    pub modified: Revision,
    /// What that change was.
    pub action: Action,
}

/// Up to [`CHUNK_SIZE`] instances of one service, ordered by id and node.
#[derive(Debug, Clone)]
pub struct Chunk {
    id: ChunkId,
    listed: Vec<Listed>,
}

impl Chunk {
    pub(super) fn new(id: ChunkId, listed: Vec<Listed>) -> Self {
        Self { id, listed }
    }

    /// The name of this content.
    pub fn id(&self) -> ChunkId {
        self.id
    }

    /// The instances.
    pub fn listed(&self) -> &[Listed] {
        &self.listed
    }

    pub(super) fn mark(&mut self, id: ChunkId) {
        self.id = id;
    }

    pub(super) fn listed_mut(&mut self) -> &mut Vec<Listed> {
        &mut self.listed
    }
}
