//! [`Snapshot`]: everything that readers read, at one revision.

use std::sync::Arc;

use crate::feed::{Changes, Feed, FeedEntry, Filter};
use crate::history::History;
use crate::model::InstanceKey;
use crate::revision::Revision;
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
    /// What a watcher at `since` has missed; the catalog where the feed cannot tell. About a
    /// thousand changes at a time, whole transactions always: `upto` says where to go on.
    pub fn changes(&self, since: Revision, filter: &Filter) -> Changes {
        self.changes_of(since, |key| filter.passes(key))
    }

    /// The same, for a watcher who wants the changes of these instances.
    pub fn changes_of(&self, since: Revision, wanted: impl Fn(&InstanceKey) -> bool) -> Changes {
        let newest = self.catalog.revision();
        // A revision that is still to come was made by another registry: nothing can be told
        // of what lies in between.
        let held = if since > newest { None } else { self.feed.since(since) };
        let Some(entries) = held else { return Changes::Snapshot(Arc::clone(&self.catalog)) };
        let mut changes: Vec<FeedEntry> = Vec::new();
        for entry in entries.filter(|entry| wanted(entry.change.key())) {
            if let Some(last) = changes.last()
                && changes.len() >= CHANGES_AT_ONCE
                && last.revision < entry.revision
            {
                let upto = last.revision;
                return Changes::Since { changes, upto };
            }
            changes.push(entry.clone());
        }
        Changes::Since { changes, upto: newest }
    }
}

/// So that a watcher who is far behind does not copy the whole feed for each piece it takes.
const CHANGES_AT_ONCE: usize = 1024;
