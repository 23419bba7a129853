//! [`Hosts`]: how many hosts each scope has, and how many of them are silent.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::Scope;
use super::tallies::{HostInScope, Tallies};
use crate::model::{Instance, ServiceName};
use crate::tick::Tick;

/// A host, by a keyed hash of its address: two hosts of a registry share one with a chance of
/// less than one in ten million, and then count as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct HostKey(u64);

/// Where a lease counts.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    host: HostKey,
    scopes: [Option<(Scope, HostInScope)>; 3],
}

/// The hosts of one scope.
#[derive(Debug, Default)]
struct ScopeHosts {
    hosts: usize,
    silent: usize,
    /// Hosts that left for their silence, by when that is no longer lately.
    lost: BTreeMap<Tick, usize>,
    lost_lately: usize,
}

/// What becomes of a lease in the tallies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is heard for the first time.
    Joined,
    /// It fell silent.
    FellSilent,
    /// It is heard again.
    Spoke,
    /// It left while it was heard.
    LeftHeard,
    /// It left while it was silent; if that was for its silence, until when that is lately.
    LeftSilent(Option<Tick>),
}

/// How many hosts each scope has, and how many of them are silent: those all of whose leases
/// in that scope are. Every turn of a lease costs three look-ups; nothing is ever searched.
#[derive(Debug)]
pub(super) struct Hosts {
    hasher: FixedState,
    tallies: Tallies,
    scopes: HashMap<Scope, ScopeHosts, FixedState>,
}

impl Hosts {
    pub(super) fn new(seed: u64) -> Self {
        let hasher = FixedState::with_seed(seed);
        Self { tallies: Tallies::new(hasher.clone()), scopes: HashMap::with_hasher(hasher.clone()), hasher }
    }

    /// Where the leases of an instance count.
    pub(super) fn place(&self, instance: &Instance) -> Place {
        let host = &instance.address.host;
        let within = |scope: Scope| {
            let place = self.hash(&scope, host);
            Some((scope, HostInScope(place)))
        };
        let service: &ServiceName = instance.key.service();
        Place {
            host: HostKey(self.hash(&Scope::Registry, host)),
            scopes: [
                within(Scope::Registry),
                instance.profile.zone.clone().and_then(|zone| within(Scope::Zone(zone))),
                within(Scope::Service(service.clone())),
            ],
        }
    }

    pub(super) fn turn(&mut self, place: &Place, turn: Turn) {
        for (scope, host) in place.scopes.iter().flatten() {
            let (before, after) = self.tallies.change(*host, |tally| match turn {
                Turn::Joined => tally.leases += 1,
                Turn::FellSilent => tally.silent += 1,
                Turn::Spoke => tally.silent = tally.silent.saturating_sub(1),
                Turn::LeftHeard => tally.leases = tally.leases.saturating_sub(1),
                Turn::LeftSilent(_) => {
                    tally.leases = tally.leases.saturating_sub(1);
                    tally.silent = tally.silent.saturating_sub(1);
                }
            });
            if !self.scopes.contains_key(scope) {
                self.scopes.insert(scope.clone(), ScopeHosts::default());
            }
            let Some(hosts) = self.scopes.get_mut(scope) else { continue };
            hosts.hosts = hosts.hosts + usize::from(after.leases > 0) - usize::from(before.leases > 0);
            hosts.silent = hosts.silent + usize::from(after.is_silent()) - usize::from(before.is_silent());
            if let Turn::LeftSilent(Some(until)) = turn
                && after.leases == 0
            {
                *hosts.lost.entry(until).or_default() += 1;
                hosts.lost_lately += 1;
            }
            if hosts.hosts == 0 && hosts.lost_lately == 0 {
                self.scopes.remove(scope);
            }
        }
    }

    /// Losses are counted for one lease time.
    fn forget_old_losses(&mut self, scope: &Scope, now: Tick) {
        let Some(hosts) = self.scopes.get_mut(scope) else { return };
        while let Some(oldest) = hosts.lost.first_entry()
            && *oldest.key() <= now
        {
            hosts.lost_lately -= oldest.remove();
        }
        if hosts.hosts == 0 && hosts.lost_lately == 0 {
            self.scopes.remove(scope);
        }
    }

    /// Hosts of a scope with those that were lost lately, and the silent among them.
    pub(super) fn count(&mut self, scope: &Scope, now: Tick) -> (usize, usize) {
        self.forget_old_losses(scope, now);
        let Some(hosts) = self.scopes.get(scope) else { return (0, 0) };
        (hosts.hosts + hosts.lost_lately, hosts.silent + hosts.lost_lately)
    }

    fn hash(&self, scope: &Scope, host: &str) -> u64 {
        let mut state = self.hasher.build_hasher();
        match scope {
            Scope::Registry => state.write_u8(0),
            Scope::Zone(zone) => (1_u8, zone).hash(&mut state),
            Scope::Service(name) => (2_u8, name).hash(&mut state),
        }
        host.hash(&mut state);
        state.finish()
    }

    /// Scopes, hosts in scopes, leases in the registry's tallies: for invariants.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn registry_hosts(&self) -> (usize, usize) {
        self.scopes.get(&Scope::Registry).map_or((0, 0), |hosts| (hosts.hosts, hosts.silent))
    }
}

impl Place {
    /// Which host.
    pub(super) fn host(&self) -> HostKey {
        self.host
    }

    /// The scopes, the widest first.
    pub(super) fn scopes(&self) -> impl Iterator<Item = &Scope> {
        self.scopes.iter().flatten().map(|(scope, _)| scope)
    }
}
