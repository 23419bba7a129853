//! What readers read: immutable views of the registry, each of one revision.
//!
//! A [`Catalog`] holds a [`ServiceView`] for each service, which is a list of
//! [`Chunk`]s of up to [`CHUNK_SIZE`] instances. A change copies one chunk and the list
//! that leads to it; everything else is shared with the view before, so readers never
//! wait for writers, and a face that rendered a chunk need not render it again until its
//! [`ChunkId`] differs.

mod catalog;
mod chunk;
mod gathering;
mod leases;
mod marks;
mod service;

pub use catalog::Catalog;
pub use chunk::{CHUNK_SIZE, Chunk, ChunkId, Listed};
pub(crate) use gathering::Gathering;
pub use leases::LeasesOfOne;
pub use marks::Marks;
pub use service::ServiceView;
