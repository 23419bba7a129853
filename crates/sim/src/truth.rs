//! [`Truth`]: what the world knows of each listed lease, counted apart from the registry: when
//! it was last heard, when it may end at the earliest, when it must have ended at the latest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lubdub_core::Tick;
use lubdub_core::guard::{GuardConfig, MaxHold, Scope};
use lubdub_core::model::{ServiceName, SessionId};

/// What the world knows of a listed lease. Spans in milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct Lease {
    pub(crate) host: usize,
    pub(crate) zone: Arc<str>,
    pub(crate) service: ServiceName,
    /// The last beat that was answered "renewed", or the registration.
    pub(crate) beat: Tick,
    pub(crate) ttl: u64,
    pub(crate) interval: u64,
    /// Between what it is judged by what was learnt of it, where it is adaptive: the floor and the ceiling. Without them by its
    /// time-to-live.
    pub(crate) bounds: Option<(u64, u64)>,
    /// What is added until the first beat after a restart of the registry.
    pub(crate) grace: u64,
    /// Since when it is heard in this run of the registry.
    pub(crate) heard_since: Option<Tick>,
    pub(crate) held_since: Option<Tick>,
    /// Its address refused a connection, or its session's closed, since its last beat.
    pub(crate) refused: bool,
    /// The session that keeps it, where one of this run of the registry does.
    pub(crate) session: Option<SessionId>,
    /// Since when it is held because its connection closed with many others.
    pub(crate) suspect_since: Option<Tick>,
}

/// A stretch in which the registry could not hear.
#[derive(Debug, Clone, Copy)]
struct Deaf {
    from: Tick,
    /// When the cause was over.
    until: Option<Tick>,
    /// When an own beat that was sent after that was read.
    heard_again: Option<Tick>,
}

/// How many hosts a scope has, and how many of them are silent, at the least and at the most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) hosts: (usize, usize),
    pub(crate) silent: (usize, usize),
}

/// What the world knows of all leases that are listed.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) leases: BTreeMap<usize, Lease>,
    /// Whose leases are on which host.
    on_host: BTreeMap<usize, BTreeSet<usize>>,
    deaf: Vec<Deaf>,
    lost: Vec<Loss>,
}

/// A host that left a scope for its silence.
#[derive(Debug)]
struct Loss {
    scope: Scope,
    /// Until when that is lately.
    until: Tick,
    /// Whether the guard may have known already that another lease of the host is heard: then it is none.
    is_doubtful: bool,
}

/// An own beat may be so late, and a lease waits so long for it, in milliseconds.
const SLACK: u64 = 3_000;
/// The registry's idea of a deaf stretch may be so much longer than the stretch.
const DEAF_SLACK: u64 = 600;

impl Lease {
    /// A beat was answered "renewed".
    pub(crate) fn renew(&mut self, at: Tick) {
        self.beat = self.beat.max(at);
        self.heard_since = self.heard_since.or(Some(at));
        self.refused = false;
    }

    /// Whether the guard must know that it is heard: it is told of the first beat by the driver, a moment after that was answered.
    fn is_known_as_heard(&self, now: Tick) -> bool {
        self.heard_since.is_some_and(|since| now.millis_since(since) > SLACK)
    }

    fn patience(&self) -> Option<u64> {
        let patience = self.interval * 3 / 2;
        (self.bounds.is_some() || patience < self.ttl).then_some(patience)
    }

    /// The least silence that loses it, and the most that it can be allowed.
    fn allowances(&self) -> (u64, u64) {
        match self.bounds {
            bounds if self.heard_since.is_none() => {
                let first = self.ttl.max(bounds.map_or(0, |(floor, _)| floor)) + self.grace;
                (first, first)
            }
            None => (self.ttl, self.ttl),
            Some((floor, ceiling)) => (floor, ceiling),
        }
    }

    fn is_in(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Registry => true,
            Scope::Zone(zone) => *zone == self.zone,
            Scope::Service(name) => *name == self.service,
        }
    }

    pub(crate) fn scopes(&self) -> [Scope; 3] {
        [Scope::Registry, Scope::Zone(Arc::clone(&self.zone)), Scope::Service(self.service.clone())]
    }
}

impl Truth {
    /// The registry started anew: it heard nobody yet, and was never deaf.
    pub(crate) fn restart(&mut self) {
        self.leases.clear();
        self.on_host.clear();
        self.deaf.clear();
        self.lost.clear();
    }

    pub(crate) fn deaf_from(&mut self, tick: Tick) {
        match self.deaf.last_mut() {
            Some(last) if last.heard_again.is_none() => last.until = None,
            _ => self.deaf.push(Deaf { from: tick, until: None, heard_again: None }),
        }
    }

    pub(crate) fn deaf_until(&mut self, tick: Tick) {
        if let Some(last) = self.deaf.last_mut() {
            last.until = last.until.or(Some(tick));
        }
    }

    /// An own beat that was sent at `sent` was read.
    pub(crate) fn heard(&mut self, sent: Tick, now: Tick) {
        if let Some(last) = self.deaf.last_mut()
            && last.until.is_some_and(|until| until <= sent)
        {
            last.heard_again = last.heard_again.or(Some(now));
        }
    }

    pub(crate) fn renewed(&mut self, provider: usize, at: Tick) {
        if let Some(lease) = self.leases.get_mut(&provider) {
            lease.renew(at);
        }
    }

    /// What a session keeps.
    pub(crate) fn of_session(&mut self, session: SessionId) -> impl Iterator<Item = &mut Lease> {
        self.leases.values_mut().filter(move |lease| lease.session == Some(session))
    }

    /// When a lease may end at the earliest: by what was really deaf, as documented.
    pub(crate) fn earliest(&self, now: Tick, lease: &Lease) -> Tick {
        let (least, _) = lease.allowances();
        let mut grace = least.min(lease.ttl);
        let mut at = lease.beat.plus_millis(least);
        for deaf in &self.deaf {
            let (from, to) = (deaf.from.max(lease.beat), deaf.until.unwrap_or(now));
            if to <= lease.beat || to.millis_since(from) < 500 {
                continue;
            }
            if from >= at {
                break;
            }
            at = at.plus_millis(to.millis_since(from));
            let lacking = to.plus_millis(lease.interval).millis_since(at).min(grace);
            at = at.plus_millis(lacking);
            grace -= lacking;
        }
        at
    }

    /// By when a span that began with the lease's last beat is over at the latest.
    fn latest_of(&self, now: Tick, lease: &Lease, span: u64) -> Tick {
        let excused = self.deaf.iter().any(|deaf| deaf.heard_again.unwrap_or(now) > lease.beat);
        self.heard_by(now, lease.beat, span).plus_millis(if excused {
            lease.allowances().1.min(lease.ttl)
        } else {
            0
        })
    }

    /// By when a span is over at the latest in which the registry must hear.
    pub(crate) fn heard_by(&self, now: Tick, from: Tick, span: u64) -> Tick {
        let mut at = from.plus_millis(span + SLACK);
        for deaf in &self.deaf {
            let to = deaf.heard_again.unwrap_or(now);
            if to > from {
                at = at.plus_millis(to.millis_since(deaf.from.max(from)) + DEAF_SLACK);
            }
        }
        at
    }

    /// When a lease that nobody keeps must have ended, or be held.
    pub(crate) fn due_by(&self, now: Tick, lease: &Lease) -> Tick {
        self.latest_of(now, lease, lease.allowances().1)
    }

    /// When a lease that nobody keeps must have ended.
    pub(crate) fn latest(&self, now: Tick, lease: &Lease, guard: &GuardConfig) -> Option<Tick> {
        let hold = match guard.max_hold {
            _ if !guard.enabled || lease.heard_since.is_none() => 0,
            MaxHold::LeaseTimes(times) => lease.ttl * u64::from(times),
            MaxHold::Forever => return None,
        };
        Some(self.latest_of(now, lease, lease.allowances().1 + hold))
    }

    /// Hosts of a scope, as the guard is to count them, with those that were lost lately.
    pub(crate) fn count(&self, scope: &Scope, now: Tick) -> Count {
        // For each host: whether it counts for sure, may be silent, must be silent.
        let mut hosts: BTreeMap<usize, (bool, bool, bool)> = BTreeMap::new();
        for lease in self.leases.values().filter(|lease| lease.is_in(scope)) {
            if lease.heard_since.is_none() {
                continue;
            }
            let host = hosts.entry(lease.host).or_insert((false, true, true));
            host.0 |= lease.is_known_as_heard(now);
            let noticed = lease.patience().unwrap_or(lease.ttl);
            let may = lease.refused || lease.held_since.is_some() || now.millis_since(lease.beat) >= noticed;
            host.1 &= may;
            host.2 &= lease.patience().is_some() && now > self.latest_of(now, lease, noticed);
        }
        let lost = self.lost.iter().filter(|loss| loss.scope == *scope && loss.until > now);
        let (doubtful, lost): (Vec<_>, Vec<_>) = lost.partition(|loss| loss.is_doubtful);
        let (least, most) = (lost.len(), lost.len() + doubtful.len());
        let number =
            |which: fn(&(bool, bool, bool)) -> bool| hosts.values().filter(|host| which(host)).count();
        Count {
            hosts: (number(|host| host.0) + least, hosts.len() + most),
            silent: (number(|host| host.2) + least, number(|host| host.1) + most),
        }
    }

    /// Which scopes hold anything.
    pub(crate) fn holds_in(&self, scope: &Scope) -> bool {
        self.leases.values().any(|lease| lease.held_since.is_some() && lease.is_in(scope))
    }

    /// A lease left. `lost`: for its silence, and unheld.
    pub(crate) fn left(&mut self, now: Tick, provider: usize, lost: bool) {
        let Some(gone) = self.leases.remove(&provider) else { return };
        let on_host = self.on_host.entry(gone.host).or_default();
        on_host.remove(&provider);
        if !lost || gone.heard_since.is_none() {
            return;
        }
        for scope in gone.scopes() {
            let others = on_host.iter().filter_map(|other| self.leases.get(other));
            let heard = others.filter(|lease| lease.heard_since.is_some() && lease.is_in(&scope));
            let known: Vec<bool> = heard.map(|lease| lease.is_known_as_heard(now)).collect();
            if !known.contains(&true) {
                self.lost.push(Loss {
                    scope,
                    until: now.plus_millis(gone.ttl),
                    is_doubtful: !known.is_empty(),
                });
            }
        }
    }

    /// A lease is granted.
    pub(crate) fn granted(&mut self, provider: usize, lease: Lease) {
        self.on_host.entry(lease.host).or_default().insert(provider);
        self.leases.insert(provider, lease);
    }

    /// What was lost is lately no more.
    pub(crate) fn forget(&mut self, now: Tick) {
        self.lost.retain(|loss| loss.until > now);
    }

    /// Deaf time so far, in milliseconds.
    pub(crate) fn deaf_millis(&self, now: Tick) -> u64 {
        self.deaf.iter().map(|deaf| deaf.until.unwrap_or(now).millis_since(deaf.from)).sum()
    }

    /// How many hosts have a lease that is held.
    pub(crate) fn held_hosts(&self) -> usize {
        let held = self.leases.values().filter(|lease| lease.held_since.is_some());
        held.map(|lease| lease.host).collect::<BTreeSet<_>>().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lease of one host, heard since then.
    fn lease(heard_since: u64) -> Lease {
        Lease {
            host: 0,
            zone: "a".into(),
            service: ServiceName::new("orders"),
            beat: Tick(heard_since),
            ttl: 30_000,
            interval: 10_000,
            bounds: None,
            grace: 0,
            heard_since: Some(Tick(heard_since)),
            held_since: None,
            refused: false,
            session: None,
            suspect_since: None,
        }
    }

    /// How many hosts may be silent when one lease of a host left for its silence, and another is heard since then.
    fn silent(now: u64, heard_since: Option<u64>) -> (usize, usize) {
        let mut truth = Truth::default();
        truth.granted(0, lease(1));
        let other = heard_since.map_or_else(|| Lease { heard_since: None, ..lease(1) }, lease);
        truth.granted(1, other);
        truth.left(Tick(now), 0, true);
        truth.count(&Scope::Registry, Tick(now)).silent
    }

    #[test]
    fn a_host_is_lost_with_the_last_lease_that_the_guard_knows_as_heard() {
        assert_eq!(silent(20_000, None), (1, 1), "the other one was not heard since the registry started");
        assert_eq!(silent(20_000, Some(20_000)), (0, 1), "the guard may not have been told yet");
        assert_eq!(silent(20_000, Some(10_000)), (0, 0));
    }
}
