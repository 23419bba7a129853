//! The consumer's side: the handle, its stream of changes, and the task that follows the registry.

mod changes;
mod follow;
mod handle;
mod keeping;

pub use changes::Changes;
pub use handle::Consumer;

pub(crate) use handle::begin;
