//! [`Snapshot`]: everything that readers read, at one revision.

use std::sync::Arc;

use crate::feed::{Changes, Feed, Filter};
use crate::history::History;
use crate::view::Catalog;

/// Everything that readers read, at one revision. Cloning it costs a few references.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What there is.
    pub catalog: Arc<Catalog>,
    /// What changed lately, for watchers.
    pub feed: Feed,
    /// What happened and why.
    pub history: History,
}

impl Snapshot {
    /// What a watcher at `since` has missed; the catalog where the feed cannot tell.
    pub fn changes(&self, since: crate::Revision, filter: &Filter) -> Changes {
        let upto = self.catalog.revision();
        // A revision that is still to come was made by another registry: nothing can be told
        // of what lies in between.
        let held = if since > upto { None } else { self.feed.since(since) };
        match held {
            None => Changes::Snapshot(Arc::clone(&self.catalog)),
            Some(entries) => Changes::Since {
                changes: entries.filter(|entry| filter.passes(entry.change.key())).cloned().collect(),
                upto,
            },
        }
    }
}
