//! [`Profiles`]: each profile that instances share, kept once.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

use crate::model::Profile;

/// The profiles that instances share. Now and then those are dropped that fewer than two
/// instances have: to look for what is different everywhere would only cost memory.
#[derive(Debug)]
pub(super) struct Profiles {
    known: HashTable<Arc<Profile>>,
    hasher: FixedState,
    sweep_at: usize,
}

/// Below this many a sweep is not worth its while.
const FEW: usize = 1_024;

impl Profiles {
    /// Empty; `seed` is the key of its hash.
    pub(super) fn new(seed: u64) -> Self {
        Self { known: HashTable::new(), hasher: FixedState::with_seed(seed), sweep_at: FEW }
    }

    /// The profile that is known and equal, or else a new one.
    pub(super) fn shared(&self, profile: &Profile) -> Arc<Profile> {
        self.find(profile).cloned().unwrap_or_else(|| Arc::new(profile.clone()))
    }

    /// The profile that is known and equal, or else this one.
    pub(super) fn known_or(&self, profile: &Arc<Profile>) -> Arc<Profile> {
        Arc::clone(self.find(profile).unwrap_or(profile))
    }

    fn find(&self, profile: &Profile) -> Option<&Arc<Profile>> {
        self.known.find(self.hasher.hash_one(profile), |known| **known == *profile)
    }

    /// Knows it, for those that come after it.
    pub(super) fn note(&mut self, profile: &Arc<Profile>) {
        let Self { known, hasher, sweep_at } = self;
        let hash = |profile: &Arc<Profile>| hasher.hash_one(profile);
        if known.len() >= *sweep_at {
            // One holder is this table, and one is an instance.
            known.retain(|profile| Arc::strong_count(profile) > 2);
            *sweep_at = (2 * known.len()).max(FEW);
            known.shrink_to(*sweep_at, hash);
        }
        known.entry(hash(profile), |known| known == profile, hash).or_insert_with(|| Arc::clone(profile));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metadata;

    fn profile(name: &str) -> Profile {
        Profile { metadata: Metadata::new([("name", name)]), ..Profile::default() }
    }

    #[test]
    fn equal_profiles_become_one() {
        let mut profiles = Profiles::new(1);
        let first = Arc::new(profile("a"));
        profiles.note(&first);
        assert!(Arc::ptr_eq(&profiles.shared(&profile("a")), &first));
        assert_eq!(*profiles.shared(&profile("b")), profile("b"));
        profiles.note(&Arc::new(profile("a")));
        assert_eq!(profiles.known.len(), 1);
    }

    #[test]
    fn what_fewer_than_two_have_is_dropped_and_what_is_shared_is_kept() {
        let mut profiles = Profiles::new(1);
        let shared: Vec<_> = (0..10).map(|number| Arc::new(profile(&format!("shared {number}")))).collect();
        let by_others = shared.clone();
        for one in &shared {
            profiles.note(one);
        }
        let alone: Vec<_> =
            (0..10 * FEW).map(|number| Arc::new(profile(&format!("alone {number}")))).collect();
        for one in &alone {
            profiles.note(one);
        }
        assert!(profiles.known.len() <= FEW, "{} are kept", profiles.known.len());
        for one in &by_others {
            assert!(Arc::ptr_eq(&profiles.shared(&Profile::clone(one)), one));
        }
    }
}
