//! [`Guard`]: whether a silent lease may leave.

use std::collections::{BTreeMap, VecDeque};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::holding::Holding;
use super::hosts::{HostKey, Hosts, Turn};
use super::listening::Sample;
use super::{
    Arithmetic, GuardConfig, GuardReport, MaxHold, PastEpisode, Released, Scope, ScopeReport, ScopeState,
};
use crate::change::{GuardWord, ReleaseReason};
use crate::command::Sender;
use crate::lease::{Lease, LeaseId, Standing};
use crate::model::Instance;
use crate::tick::{Moment, Tick};

/// Whether a silent lease may leave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// It may; what the guard says to it.
    Leave(GuardWord),
    /// It is held in this scope, for these figures.
    Hold(Scope, Arithmetic),
}

/// A lease that is held.
#[derive(Debug, Clone)]
struct HeldLease {
    scope: Scope,
    host: HostKey,
    since: Tick,
}

/// A scope that was held.
#[derive(Debug)]
struct Past {
    scope: Scope,
    until: Tick,
    holding: Holding,
}

/// How many episodes that are over are remembered.
const PAST: usize = 32;

/// The guard: counts hosts, and holds what is due in a scope where too many fell silent.
#[derive(Debug)]
pub(crate) struct Guard {
    rules: GuardConfig,
    seed: u64,
    hosts: Hosts,
    holdings: BTreeMap<Scope, Holding>,
    held: HashMap<LeaseId, HeldLease, FixedState>,
    past: VecDeque<Past>,
}

impl Guard {
    pub(crate) fn new(rules: GuardConfig, seed: u64) -> Self {
        Self {
            rules,
            seed,
            hosts: Hosts::new(seed),
            holdings: BTreeMap::new(),
            held: HashMap::with_hasher(FixedState::with_seed(seed)),
            past: VecDeque::new(),
        }
    }

    /// A lease is heard for the first time since the registry started, or anew.
    pub(crate) fn heard(&mut self, instance: &Instance) {
        self.turn(instance, Turn::Joined);
    }

    /// A beat of a lease that was heard is overdue.
    pub(crate) fn fell_silent(&mut self, instance: &Instance) {
        self.turn(instance, Turn::FellSilent);
    }

    /// A lease that was silent is heard again; for how long it was held, if it was.
    pub(crate) fn spoke(&mut self, now: Tick, lease: LeaseId, instance: &Instance) -> Option<u64> {
        self.turn(instance, Turn::Spoke);
        let held = self.held.remove(&lease)?;
        if let Some(holding) = self.holdings.get_mut(&held.scope) {
            holding.forget(held.host, lease);
            holding.returned += 1;
        }
        Some(now.millis_since(held.since))
    }

    /// A lease leaves. `lost`: for its silence, and the guard was not asked to let it go.
    pub(crate) fn left(&mut self, now: Tick, lease: &Lease, instance: &Instance, lost: bool) {
        if !self.rules.enabled {
            return;
        }
        let turn = match lease.standing() {
            Standing::Unheard => return,
            Standing::Heard => Turn::LeftHeard,
            Standing::Silent | Standing::Held => {
                Turn::LeftSilent(lost.then(|| now.after(lease.terms().ttl())))
            }
        };
        self.turn(instance, turn);
        if let Some(held) = self.held.remove(&lease.id())
            && let Some(holding) = self.holdings.get_mut(&held.scope)
        {
            holding.forget(held.host, lease.id());
            holding.left += 1;
        }
    }

    /// What a lease's instance says of itself changed, and so where the lease counts. One that is
    /// held stays held in the scope in which it was.
    pub(crate) fn moved(&mut self, lease: &Lease, before: &Instance, after: &Instance) {
        match lease.standing() {
            Standing::Unheard => {}
            Standing::Heard => {
                self.turn(before, Turn::LeftHeard);
                self.turn(after, Turn::Joined);
            }
            Standing::Silent | Standing::Held => {
                self.turn(before, Turn::LeftSilent(None));
                self.turn(after, Turn::Joined);
                self.turn(after, Turn::FellSilent);
            }
        }
    }

    fn turn(&mut self, instance: &Instance, turn: Turn) {
        if self.rules.enabled {
            let place = self.hosts.place(instance);
            self.hosts.turn(&place, turn);
        }
    }

    /// Whether a lease that is due may leave. One that was not heard since the registry started
    /// always may: it proves nothing about how well we hear.
    pub(crate) fn judge(&mut self, now: Tick, lease: &Lease, instance: &Instance) -> Judgement {
        if !self.rules.enabled {
            return Judgement::Leave(GuardWord::Off);
        }
        if lease.standing() == Standing::Unheard {
            return Judgement::Leave(GuardWord::Unheard);
        }
        let place = self.hosts.place(instance);
        for scope in place.scopes() {
            if let Some(by) = self.holdings.get(scope).and_then(Holding::released_by) {
                let reason = ReleaseReason::ByHand(by.clone());
                return Judgement::Leave(GuardWord::Released { scope: scope.clone(), held: 0, reason });
            }
        }
        // The widest scope first: it has the most hosts to listen to.
        for scope in place.scopes() {
            let arithmetic = self.count(scope, now);
            if self.holdings.contains_key(scope) || self.is_too_much(arithmetic) {
                return Judgement::Hold(scope.clone(), arithmetic);
            }
        }
        let registry = self.count(&Scope::Registry, now);
        Judgement::Leave(if registry.hosts < self.rules.min_hosts {
            GuardWord::TooFewHosts { hosts: registry.hosts }
        } else {
            GuardWord::Open(registry)
        })
    }

    /// Holds a lease, as judged.
    pub(crate) fn hold(
        &mut self,
        now: Tick,
        lease: &Lease,
        instance: &Instance,
        scope: &Scope,
        entered: Arithmetic,
    ) {
        let host = self.hosts.place(instance).host();
        let seed = self.seed;
        let holding = self.holdings.entry(scope.clone()).or_insert_with(|| Holding::new(now, entered, seed));
        holding.hold(host, lease.id(), lease.terms().ttl());
        self.held.insert(lease.id(), HeldLease { scope: scope.clone(), host, since: now });
    }

    /// When a held lease leaves at the latest, and what is said of it then.
    pub(crate) fn longest_hold(&self, lease: &Lease) -> Option<Tick> {
        let held = self.held.get(&lease.id())?;
        match self.rules.max_hold {
            MaxHold::LeaseTimes(times) => Some(held.since.after(lease.terms().ttl().saturating_mul(times))),
            MaxHold::Forever => None,
        }
    }

    /// What is said of a held lease that leaves.
    pub(crate) fn word_to(&self, now: Tick, lease: LeaseId, reason: ReleaseReason) -> GuardWord {
        match self.held.get(&lease) {
            Some(held) => {
                let held_for = now.millis_since(held.since);
                GuardWord::Released { scope: held.scope.clone(), held: held_for, reason }
            }
            None => GuardWord::Off,
        }
    }

    /// Ends what has nothing left to hold, where no more than tolerated are silent.
    pub(crate) fn end_what_is_over(&mut self, now: Tick) {
        let empty: Vec<Scope> = self
            .holdings
            .iter()
            .filter(|(_, holding)| holding.is_empty())
            .map(|(scope, _)| scope.clone())
            .collect();
        for scope in empty {
            let arithmetic = self.count(&scope, now);
            if self.is_too_much(arithmetic) {
                continue;
            }
            if let Some(holding) = self.holdings.remove(&scope) {
                self.past.push_front(Past { scope, until: now, holding });
                self.past.truncate(PAST);
            }
        }
    }

    /// The scopes whose window of listening is over at `now`, or has not begun.
    pub(crate) fn scopes_to_listen_to(&self, now: Tick) -> Vec<Scope> {
        let wanting = self.holdings.iter().filter(|(_, holding)| holding.wants_sample(now));
        wanting.map(|(scope, _)| scope.clone()).collect()
    }

    /// Draws the conclusion from a window that is over, and begins another with `sample`.
    pub(crate) fn listen<'a>(
        &mut self,
        now: Tick,
        scope: &Scope,
        sample: Sample,
        find: impl Fn(LeaseId) -> Option<&'a Lease>,
    ) {
        let hosts = self.count(scope, now).hosts;
        if let Some(holding) = self.holdings.get_mut(scope) {
            let kept = holding.sample().and_then(|sample| sample.kept_percent(now, find));
            holding.listen(now, kept, hosts, &self.rules, sample);
        }
    }

    /// The held leases of the next host that may leave now: its scope, and why.
    pub(crate) fn leaving(&mut self, now: Tick) -> Option<(Scope, HostKey, Vec<LeaseId>, ReleaseReason)> {
        self.holdings.iter_mut().find_map(|(scope, holding)| {
            let (host, leases, reason) = holding.leaving(now)?;
            Some((scope.clone(), host, leases, reason))
        })
    }

    /// A host that could not leave now is tried again.
    pub(crate) fn put_back(&mut self, scope: &Scope, host: HostKey) {
        if let Some(holding) = self.holdings.get_mut(scope) {
            holding.put_back(host);
        }
    }

    /// An operator lets a scope go; none where it is not held.
    pub(crate) fn release(&mut self, scope: &Scope, by: &Sender) -> Option<Released> {
        let holding = self.holdings.get_mut(scope).filter(|holding| holding.released_by().is_none())?;
        holding.release(by);
        Some(Released { hosts: holding.hosts(), leases: holding.leases() })
    }

    /// When there is something to do, at the latest.
    pub(crate) fn next_deadline(&self, now: Tick) -> Option<Tick> {
        self.holdings.values().filter_map(|holding| holding.next_deadline(now)).min()
    }

    /// The arithmetic of the registry and of every scope that is held.
    pub(crate) fn report(&mut self, now: Moment, promised_per_minute: u64) -> GuardReport {
        let held = self.holdings.keys().filter(|scope| **scope != Scope::Registry).cloned();
        let scopes: Vec<Scope> = std::iter::once(Scope::Registry).chain(held).collect();
        let shown = |past: &Past| PastEpisode {
            scope: past.scope.clone(),
            since: now.wall_at(past.holding.since),
            until: now.wall_at(past.until),
            entered: past.holding.entered,
            returned: past.holding.returned,
            left: past.holding.left,
        };
        GuardReport {
            rules: self.rules.clone(),
            scopes: scopes.into_iter().map(|scope| self.scope(scope, now)).collect(),
            past: self.past.iter().map(shown).collect(),
            promised_per_minute,
        }
    }

    fn scope(&mut self, scope: Scope, now: Moment) -> ScopeReport {
        let arithmetic = self.count(&scope, now.tick);
        let state = match self.holdings.get(&scope) {
            _ if !self.rules.enabled => ScopeState::Off,
            Some(holding) => ScopeState::Holding(holding.report(now)),
            None if arithmetic.hosts < self.rules.min_hosts => ScopeState::TooFewHosts,
            None => ScopeState::Open,
        };
        ScopeReport { scope, arithmetic, state }
    }

    fn is_too_much(&self, arithmetic: Arithmetic) -> bool {
        arithmetic.hosts >= self.rules.min_hosts && arithmetic.silent > arithmetic.tolerated
    }

    fn count(&mut self, scope: &Scope, now: Tick) -> Arithmetic {
        let (hosts, silent) = self.hosts.count(scope, now);
        Arithmetic { hosts, silent, tolerated: self.rules.tolerated(hosts) }
    }

    /// Checks the tallies against what is listed.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn check_invariants<'a>(&self, leases: impl Iterator<Item = (&'a Lease, &'a Instance)>) {
        use std::collections::BTreeMap;
        let mut hosts: BTreeMap<&str, bool> = BTreeMap::new();
        let mut held = 0;
        for (lease, instance) in leases {
            let silent = matches!(lease.standing(), Standing::Silent | Standing::Held);
            if lease.standing() == Standing::Held {
                held += 1;
                assert!(self.held.contains_key(&lease.id()), "a held lease is in the list of its scope");
                assert!(instance.held, "an instance with a held lease is marked");
            }
            if lease.standing() != Standing::Unheard {
                *hosts.entry(&instance.address.host).or_insert(true) &= silent;
            }
        }
        assert_eq!(self.held.len(), held, "only held leases are in the lists");
        assert_eq!(self.holdings.values().map(Holding::leases).sum::<usize>(), held);
        if self.rules.enabled {
            let silent = hosts.values().filter(|silent| **silent).count();
            assert_eq!(self.hosts.registry_hosts(), (hosts.len(), silent), "hosts are counted as they are");
        }
    }
}
