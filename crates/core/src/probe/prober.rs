//! [`Prober`]: registrations, suspicions and answers in; attempts out.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::candidates::Candidates;
use super::config::ProbeConfig;
use super::rate::Rate;
use super::rules::{may_try, target};
use crate::change::Suspicion;
use crate::lease::cell::LeaseState;
use crate::lease::{Lease, LeaseId};
use crate::model::Address;
use crate::tick::Tick;

/// After a connection closed, so many milliseconds pass before the address is tried. A process
/// that ends closes what it has open one by one, its listener perhaps last; and one that leaves
/// in good order, or goes on with another connection, has time to say so.
const SETTLING_MILLIS: u64 = 200;

/// A baseline that was refused is tried again after so many milliseconds each: some clients
/// register before they listen.
const BASELINE_AGAIN_MILLIS: [u64; 3] = [1_000, 10_000, 60_000];

/// Decides which addresses are tried, and when.
///
/// Whoever drives it: tells of each registration ([`registered`](Self::registered)) and of each
/// suspicion ([`suspect`](Self::suspect)); asks for attempts ([`next`](Self::next)) until there
/// is none, again after each event and when [`next_deadline`](Self::next_deadline) has come; and
/// tells how each attempt ended ([`answered`](Self::answered)). Nobody has to tell of leases
/// that ended: it reads that, and the last beat, from the lease itself.
///
/// Invariant: never more than `max_concurrent` attempts without an answer, `per_second` a
/// second, and two times `most_waiting` in wait; one attempt for a suspicion, and one at a time
/// for a lease.
#[derive(Debug)]
pub struct Prober {
    config: ProbeConfig,
    candidates: Candidates,
    suspects: Line,
    baselines: Line,
    /// Where both wait, they take turns: neither keeps the other out for ever.
    baselines_turn: bool,
    rate: Rate,
    running: usize,
    counts: Counts,
}

/// Those who wait, by the time from which they may be tried, then in order of arrival.
#[derive(Debug, Default)]
struct Line {
    waiting: BTreeMap<(Tick, u64), Waiting>,
    arrivals: u64,
}

#[derive(Debug)]
struct Waiting {
    lease: Arc<Lease>,
    address: SocketAddr,
    purpose: Purpose,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To learn whether it can be reached from here; tried so often before.
    Baseline { tries: usize },
    /// To learn whether it is gone.
    Suspected {
        suspicion: Suspicion,
        /// Its last beat then. A later one ends the suspicion.
        beat: Tick,
    },
}

/// An address to be tried now, once: a connection that sends nothing and is closed at once.
#[derive(Debug)]
pub struct Attempt {
    waiting: Waiting,
    asked_at: Tick,
}

/// What an attempt showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody listens there.
    Accepted,
    /// The machine answered that nobody does.
    Refused,
    /// Anything else.
    NoEvidence,
}

/// An address that accepted earlier refused a connection: for
/// [`Registry::refused`](crate::Registry::refused).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// Whose it is.
    pub lease: LeaseId,
    /// When it was tried. A beat since then speaks for the instance.
    pub asked_at: Tick,
    /// The address.
    pub address: SocketAddr,
    /// Why it was tried.
    pub suspicion: Suspicion,
}

/// What happened so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Attempts that were started, baselines and suspicions together.
    pub started: u64,
    /// Attempts that were accepted.
    pub accepted: u64,
    /// Attempts that were refused.
    pub refused: u64,
    /// Attempts without an answer, or with any other.
    pub no_evidence: u64,
    /// Registrations whose address may not be tried, or is none that could be.
    pub not_allowed: u64,
    /// Baselines and suspicions that were dropped because too many waited.
    pub dropped: u64,
}

impl Attempt {
    /// The address to be tried.
    pub fn address(&self) -> SocketAddr {
        self.waiting.address
    }
}

impl Prober {
    /// Nobody is known.
    pub fn new(config: ProbeConfig) -> Self {
        Self {
            candidates: Candidates::default(),
            suspects: Line::default(),
            baselines: Line::default(),
            baselines_turn: false,
            rate: Rate::new(config.per_second),
            running: 0,
            counts: Counts::default(),
            config,
        }
    }

    /// An instance registered, from the address `registrant`; it may be tried if the rules
    /// allow it. `is_own` says whether an address is one of this machine's own.
    pub fn registered(
        &mut self,
        now: Tick,
        lease: Arc<Lease>,
        address: &Address,
        registrant: Option<IpAddr>,
        is_own: impl FnOnce(IpAddr) -> bool,
    ) {
        if !self.config.enabled {
            return;
        }
        let allow = &self.config.allow;
        match target(address).filter(|target| may_try(target.ip(), registrant, allow, is_own)) {
            Some(address) => {
                self.candidates.admit(lease.id());
                self.wait(now, Waiting { lease, address, purpose: Purpose::Baseline { tries: 0 } });
            }
            None => self.counts.not_allowed += 1,
        }
    }

    /// Something speaks against an instance whose last beat was `beat`.
    pub fn suspect(
        &mut self,
        now: Tick,
        lease: Arc<Lease>,
        address: &Address,
        beat: Tick,
        suspicion: Suspicion,
    ) {
        let Some(candidate) = self.candidates.of(lease.id()) else { return };
        let Some(address) = target(address).filter(|_| !candidate.waits) else { return };
        // One that was never reached is tried all the same: if it accepts, that is a baseline.
        let purpose = if candidate.is_reached() {
            Purpose::Suspected { suspicion, beat }
        } else {
            Purpose::Baseline { tries: BASELINE_AGAIN_MILLIS.len() }
        };
        let from = match suspicion {
            Suspicion::ConnectionClosed => now.plus_millis(SETTLING_MILLIS),
            Suspicion::BeatLate => now,
        };
        self.wait(from, Waiting { lease, address, purpose });
    }

    /// An address to be tried now, if there is one.
    pub fn next(&mut self, now: Tick) -> Option<Attempt> {
        while self.running < self.config.max_concurrent && self.rate.next_at(now) <= now {
            let waiting = self.pop(now)?;
            if waiting.is_settled() {
                if let Some(candidate) = self.candidates.of(waiting.lease.id()) {
                    candidate.waits = false;
                }
                continue;
            }
            self.rate.take(now);
            self.running += 1;
            self.counts.started += 1;
            return Some(Attempt { waiting, asked_at: now });
        }
        None
    }

    /// When [`next`](Self::next) may have something, unless an answer comes earlier; none while
    /// nobody waits, or as many attempts are on their way as may be.
    pub fn next_deadline(&mut self, now: Tick) -> Option<Tick> {
        if self.running >= self.config.max_concurrent {
            return None;
        }
        let first = [self.suspects.first(), self.baselines.first()].into_iter().flatten().min()?;
        Some(first.max(self.rate.next_at(now)))
    }

    /// How an attempt ended; what the registry is to be told, if anything.
    pub fn answered(&mut self, now: Tick, attempt: Attempt, outcome: Outcome) -> Option<Refused> {
        self.running = self.running.saturating_sub(1);
        let count = match outcome {
            Outcome::Accepted => &mut self.counts.accepted,
            Outcome::Refused => &mut self.counts.refused,
            Outcome::NoEvidence => &mut self.counts.no_evidence,
        };
        *count += 1;
        let Attempt { waiting: Waiting { lease, address, purpose }, asked_at } = attempt;
        // Its lease may have ended meanwhile, and another be in its slot.
        let candidate = self.candidates.of(lease.id())?;
        candidate.waits = false;
        if lease.read().state() == LeaseState::Gone {
            return None;
        }
        match (outcome, purpose) {
            (Outcome::Accepted, _) => {
                candidate.reach();
                None
            }
            (Outcome::Refused, Purpose::Suspected { suspicion, .. }) => {
                Some(Refused { lease: lease.id(), asked_at, address, suspicion })
            }
            (Outcome::Refused, Purpose::Baseline { tries }) => {
                let after = BASELINE_AGAIN_MILLIS.get(tries)?;
                let again = Purpose::Baseline { tries: tries + 1 };
                self.wait(now.plus_millis(*after), Waiting { lease, address, purpose: again });
                None
            }
            (Outcome::NoEvidence, _) => None,
        }
    }

    /// What happened so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// How many wait for their turn.
    pub fn waiting(&self) -> usize {
        self.suspects.waiting.len() + self.baselines.waiting.len()
    }

    fn wait(&mut self, from: Tick, waiting: Waiting) {
        let line = match waiting.purpose {
            Purpose::Baseline { .. } => &mut self.baselines,
            Purpose::Suspected { .. } => &mut self.suspects,
        };
        if line.waiting.len() >= self.config.most_waiting {
            self.counts.dropped += 1;
            return;
        }
        if let Some(candidate) = self.candidates.of(waiting.lease.id()) {
            candidate.waits = true;
        }
        line.arrivals += 1;
        line.waiting.insert((from, line.arrivals), waiting);
    }

    /// Takes the first that may be tried; of both kinds in turn.
    fn pop(&mut self, now: Tick) -> Option<Waiting> {
        let due = |line: &Line| line.first().is_some_and(|from| from <= now);
        let line = match (due(&self.suspects), due(&self.baselines)) {
            (false, false) => return None,
            (true, true) if self.baselines_turn => &mut self.baselines,
            (true, _) => &mut self.suspects,
            (false, true) => &mut self.baselines,
        };
        self.baselines_turn = !self.baselines_turn;
        line.waiting.pop_first().map(|(_, waiting)| waiting)
    }
}

impl Line {
    fn first(&self) -> Option<Tick> {
        self.waiting.first_key_value().map(|((from, _), _)| *from)
    }
}

impl Waiting {
    /// Whether there is nothing to learn any more: the lease is over, or was heard of since.
    fn is_settled(&self) -> bool {
        let word = self.lease.read();
        let heard = matches!(self.purpose, Purpose::Suspected { beat, .. } if word.beat() > beat);
        heard || word.state() == LeaseState::Gone
    }
}
