//! The fragments that were read lately, bounded in bytes.

use std::convert::Infallible;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;

use lubdub_core::view::ChunkId;
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use super::fragment::{Coding, Fragment};
use super::uses::{CacheUses, Uses};

/// What fragments were rendered from: same source, same content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A chunk of a view.
    Chunk(ChunkId),
    /// Anything else, by what tells its content apart: see
    /// [`Renderer::content`](super::Renderer::content).
    Content(u128),
}

/// Names rendered fragments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FragmentKey {
    /// What they were rendered from.
    pub source: Source,
    /// How: chosen by the face, which alone knows its forms. Two faces that share a renderer
    /// must not share forms.
    pub form: u16,
}

/// Fragments in order; sharing them costs a reference.
pub type Fragments = Arc<[Fragment]>;

/// What an entry is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Of(FragmentKey, Coding),
    Latest(u16, Coding),
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Of what is replaced by something newer: which version this is.
    stamp: Option<(u64, u64)>,
    fragments: Fragments,
}

/// What an entry costs beside its bytes: key, reference, and the cache's own bookkeeping.
const OVERHEAD: u64 = 192;

/// Weighs entries in bytes. What the latest list shares with entries of its own fragments is
/// weighed twice: it may outlive them.
#[derive(Debug, Clone)]
struct Bytewise;

impl Weighter<Key, Entry> for Bytewise {
    fn weight(&self, _: &Key, entry: &Entry) -> u64 {
        let fragments = entry.fragments.iter();
        let bytes = fragments.map(|fragment| size_of::<Fragment>() + fragment.bytes().len());
        OVERHEAD + bytes.sum::<usize>() as u64
    }
}

/// Fragments by key and coding. Plain and deflated forms are entries of their own, because
/// most readers take gzip: the plain form, several times as large, then soon makes room.
#[derive(Debug)]
pub(super) struct FragmentCache {
    entries: Cache<Key, Entry, Bytewise, DefaultHashBuilder, Uses>,
    uses: Uses,
    /// Two, for names of 128 bits; their keys are secret, so that nobody can choose contents
    /// that are taken for each other.
    naming: (RandomState, RandomState),
}

impl FragmentCache {
    /// Empty; holds at most `bytes`.
    pub(super) fn new(bytes: usize) -> Self {
        // An entry must fit into one shard, and a delta's list is one entry: few shards.
        let options = OptionsBuilder::new()
            .shards(4)
            .estimated_items_capacity((bytes / 16_384).max(64))
            .weight_capacity(bytes as u64)
            .build()
            .expect("invariant: both capacities are given");
        let (hasher, uses) = (DefaultHashBuilder::default(), Uses::default());
        let entries = Cache::with_options(options, Bytewise, hasher, uses.clone());
        Self { entries, uses, naming: (RandomState::new(), RandomState::new()) }
    }

    /// The fragments of a key, rendered by `render` if they are not held. Of several threads that
    /// ask at once, one renders and the others wait for it.
    pub(super) fn fragments(
        &self,
        key: FragmentKey,
        coding: Coding,
        render: impl FnOnce() -> Vec<Fragment>,
    ) -> Fragments {
        let mut made = false;
        let make = || -> Result<Entry, Infallible> {
            made = true;
            let fragments = match coding {
                Coding::Identity => render().into(),
                Coding::Gzip => match self.entries.get(&Key::Of(key, Coding::Identity)) {
                    Some(plain) => plain.fragments.iter().map(Fragment::deflated).collect(),
                    None => render().iter().map(Fragment::deflated).collect(),
                },
            };
            Ok(Entry { stamp: None, fragments })
        };
        let entry = match self.entries.get_or_insert_with(&Key::Of(key, coding), make) {
            Ok(entry) => entry,
            Err(never) => match never {},
        };
        self.uses.note(made);
        entry.fragments
    }

    /// The one list of fragments under a form, gathered by `gather` unless the one that is held
    /// has this very stamp; it takes that one's place.
    pub(super) fn latest(
        &self,
        form: u16,
        coding: Coding,
        stamp: (u64, u64),
        gather: impl FnOnce() -> Vec<Fragment>,
    ) -> Fragments {
        let key = Key::Latest(form, coding);
        let kept = self.entries.get(&key).filter(|entry| entry.stamp == Some(stamp));
        self.uses.note(kept.is_none());
        if let Some(entry) = kept {
            return entry.fragments;
        }
        let fragments: Fragments = gather().into();
        self.entries.insert(key, Entry { stamp: Some(stamp), fragments: Arc::clone(&fragments) });
        fragments
    }

    /// A name for a content.
    pub(super) fn name(&self, content: &impl Hash) -> u128 {
        let (first, second) = &self.naming;
        u128::from(first.hash_one(content)) << 64 | u128::from(second.hash_one(content))
    }

    /// How often it had what was asked for.
    pub(super) fn uses(&self) -> CacheUses {
        self.uses.read()
    }

    /// How many bytes are held, the cost of bookkeeping included.
    pub(super) fn held(&self) -> u64 {
        self.entries.weight()
    }
}
