//! [`Tallies`]: the leases of each host in each scope, and the silent ones among them.

use foldhash::fast::FixedState;
use hashbrown::hash_table::Entry;
use hashbrown::{HashMap, HashTable};

/// A host within a scope, by a keyed hash of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct HostInScope(pub(super) u64);

/// The leases of one host in one scope.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) leases: u32,
    pub(super) silent: u32,
}

impl Tally {
    pub(super) fn is_silent(self) -> bool {
        self.leases > 0 && self.silent == self.leases
    }
}

/// The tallies of all hosts in all scopes.
// Most hosts have one lease in a scope, and each lease is in up to three: so those take one word each,
// and only the others a tally.
#[derive(Debug)]
pub(super) struct Tallies {
    alone: HashTable<Alone>,
    others: HashMap<HostInScope, Tally, FixedState>,
}

impl Tallies {
    pub(super) fn new(hasher: FixedState) -> Self {
        Self { alone: HashTable::new(), others: HashMap::with_hasher(hasher) }
    }

    /// Changes the tally of a host; answers what it was and what it is.
    pub(super) fn change(&mut self, host: HostInScope, change: impl FnOnce(&mut Tally)) -> (Tally, Tally) {
        let changed = |before: Tally| {
            let mut after = before;
            change(&mut after);
            (before, after)
        };
        match self.alone.entry(Alone::hash_of(host), |known| known.is_of(host), |known| known.hash()) {
            Entry::Occupied(mut entry) => {
                let (before, after) = changed(entry.get().tally());
                if let Some(alone) = Alone::of(host, after) {
                    *entry.get_mut() = alone;
                } else {
                    entry.remove();
                    if after.leases > 0 {
                        self.others.insert(host, after);
                    }
                }
                (before, after)
            }
            Entry::Vacant(entry) => {
                let (before, after) = changed(self.others.get(&host).copied().unwrap_or_default());
                if after.leases > 1 {
                    self.others.insert(host, after);
                } else if before.leases > 0 {
                    self.others.remove(&host);
                }
                if let Some(alone) = Alone::of(host, after) {
                    entry.insert(alone);
                }
                (before, after)
            }
        }
    }
}

/// A host with one lease in a scope: its hash, but for one bit that says whether the lease is silent.
#[derive(Debug, Clone, Copy)]
struct Alone(u64);

/// A bit that the table does not look at: it goes by the lowest and the highest ones.
const SILENT: u64 = 1 << 48;

impl Alone {
    fn of(host: HostInScope, tally: Tally) -> Option<Self> {
        let silent = if tally.silent > 0 { SILENT } else { 0 };
        (tally.leases == 1).then(|| Self(Self::hash_of(host) | silent))
    }

    fn hash_of(host: HostInScope) -> u64 {
        host.0 & !SILENT
    }

    fn hash(self) -> u64 {
        self.0 & !SILENT
    }

    fn is_of(self, host: HostInScope) -> bool {
        self.hash() == Self::hash_of(host)
    }

    fn tally(self) -> Tally {
        Tally { leases: 1, silent: u32::from(self.0 & SILENT != 0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_is_what_was_added_whether_a_host_has_one_lease_or_more() {
        let mut tallies = Tallies::new(FixedState::with_seed(1));
        let host = HostInScope(u64::MAX);
        let mut expected = Tally::default();
        // Joined, fell silent, two more joined, one spoke, two left, the last fell silent and left.
        for (leases, silent) in [(1, 0), (0, 1), (1, 0), (1, 0), (0, -1), (-1, 0), (-1, 0), (0, 1), (-1, -1)]
        {
            let (before, after) = tallies.change(host, |tally| {
                tally.leases = tally.leases.saturating_add_signed(leases);
                tally.silent = tally.silent.saturating_add_signed(silent);
            });
            assert_eq!(before, expected);
            expected = Tally {
                leases: before.leases.saturating_add_signed(leases),
                silent: before.silent.saturating_add_signed(silent),
            };
            assert_eq!(after, expected);
            assert_eq!(tallies.alone.len(), usize::from(after.leases == 1));
            assert_eq!(tallies.others.len(), usize::from(after.leases > 1));
        }
        assert_eq!(expected, Tally::default());
    }

    #[test]
    fn hosts_are_counted_apart() {
        let mut tallies = Tallies::new(FixedState::with_seed(1));
        for host in 0..1_000 {
            let (before, _) = tallies.change(HostInScope(host), |tally| tally.leases += 1);
            assert_eq!(before, Tally::default());
        }
        let (before, after) = tallies.change(HostInScope(7), |tally| tally.silent += 1);
        assert_eq!((before.silent, after.silent, after.is_silent()), (0, 1, true));
        assert_eq!(tallies.change(HostInScope(8), |_| {}).1, Tally { leases: 1, silent: 0 });
    }
}
