//! [`Keeping`]: the snapshot file follows what is known, and nobody waits for the disk.
//!
//! One write at a time, on a thread for that; what comes up meanwhile is written after it, the newest only.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::spawn_blocking;

use crate::endpoint::Endpoint;
use crate::snapshot::SnapshotFile;

/// What is to stand in a file. The last of it is written also after this is dropped.
pub(super) struct Keeping {
    newest: watch::Sender<Option<Vec<Endpoint>>>,
}

impl Keeping {
    /// Begins to write a file, on the thread that this is called on.
    pub(super) fn start(file: SnapshotFile) -> Self {
        let (newest, mut changed) = watch::channel(None);
        let file = Arc::new(file);
        tokio::spawn(async move {
            while changed.changed().await.is_ok() {
                let Some(endpoints): Option<Vec<_>> = changed.borrow_and_update().clone() else { continue };
                let file = file.clone();
                // A write that panicked is as good as one that failed: the next change tries again.
                drop(spawn_blocking(move || file.write(&endpoints)).await);
            }
        });
        Self { newest }
    }

    /// This is what is known now.
    pub(super) fn keep(&self, endpoints: &[Endpoint]) {
        self.newest.send_if_modified(|known| {
            let is_news = known.as_deref() != Some(endpoints);
            if is_news {
                *known = Some(endpoints.to_vec());
            }
            is_news
        });
    }
}
