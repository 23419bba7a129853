//! [`Uses`]: how often the cache had what was asked for, and what it let go to make room.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::Lifecycle;

use super::cache::{Entry, Key};

/// How often the cache had what was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheUses {
    /// It had it.
    pub hits: u64,
    /// It had to be rendered.
    pub misses: u64,
    /// It let something go to make room.
    pub evictions: u64,
}

/// Where that is counted; clones count together.
#[derive(Debug, Clone, Default)]
pub(super) struct Uses(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    hits: AtomicU64,
    misses: AtomicU64,
    evictions: AtomicU64,
}

impl Uses {
    /// Something was asked for, and was there unless it was `missing`.
    pub(super) fn note(&self, missing: bool) {
        let counter = if missing { &self.0.misses } else { &self.0.hits };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> CacheUses {
        CacheUses {
            hits: self.0.hits.load(Ordering::Relaxed),
            misses: self.0.misses.load(Ordering::Relaxed),
            evictions: self.0.evictions.load(Ordering::Relaxed),
        }
    }
}

impl Lifecycle<Key, Entry> for Uses {
    /// What was let go, so that it is dropped when the cache is not locked any more.
    type RequestState = Vec<Entry>;

    fn on_evict(&self, let_go: &mut Vec<Entry>, _: Key, entry: Entry) {
        self.0.evictions.fetch_add(1, Ordering::Relaxed);
        let_go.push(entry);
    }
}
