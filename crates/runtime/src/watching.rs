//! [`Wanted`]: a watch of several services, or of all.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

use lubdub_core::Revision;
use lubdub_core::feed::{Changes, Filter};
use lubdub_core::model::{InstanceKey, ServiceName};

use crate::handle::Handle;
use crate::shared::Shared;

/// What a watcher wants to be told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Everything.
    All,
    /// The instances of these services, which need not exist yet.
    Services(BTreeSet<ServiceName>),
}

impl Wanted {
    /// Whether it is told of this instance.
    pub fn has(&self, key: &InstanceKey) -> bool {
        match self {
            Self::All => true,
            Self::Services(names) => names.contains(key.service()),
        }
    }

    /// One for each bell that rings for it.
    fn filters(&self) -> Vec<Filter> {
        match self {
            Self::All => vec![Filter::ALL],
            Self::Services(names) => names.iter().map(|name| Filter::service(name.as_str())).collect(),
        }
    }
}

/// A watch that is counted as open, until this is dropped.
#[derive(Debug)]
pub struct OpenWatch(Arc<Shared>);

impl Drop for OpenWatch {
    fn drop(&mut self) {
        self.0.watches.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Handle {
    /// Counts a watch as open.
    pub fn open_watch(&self) -> OpenWatch {
        self.shared.watches.fetch_add(1, Ordering::Relaxed);
        OpenWatch(Arc::clone(&self.shared))
    }

    /// What a watcher at `since` has missed.
    pub fn changes_of(&self, since: Revision, wanted: &Wanted) -> Changes {
        self.snapshot().changes_of(since, |key| wanted.has(key))
    }

    /// Waits until there is something after `since` that is wanted; at once where there is
    /// already, or where `since` is not held any more.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: a watcher holds its revision, and asks again with it.
    pub async fn changed_of(&self, since: Revision, wanted: &Wanted) {
        let places: Vec<_> =
            wanted.filters().iter().map(|filter| self.shared.waiters.place(filter)).collect();
        let mut bells: Vec<_> = places.iter().map(|place| Box::pin(place.bell().notified())).collect();
        // Listens before it looks, so that a change in between is not missed.
        for bell in &mut bells {
            bell.as_mut().enable();
        }
        match self.changes_of(since, wanted) {
            Changes::Since { changes, .. } if changes.is_empty() => {}
            _ => return,
        }
        poll_fn(|context| {
            let rung = bells.iter_mut().any(|bell| bell.as_mut().poll(context).is_ready());
            if rung { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
