//! What a consumer knew last, in a file: so it can go on after a restart of its own while the registry
//! is gone.

mod file;
mod format;

pub(crate) use file::SnapshotFile;
