//! [`Peers`]: many peers, each with a detector of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::detector::{Detector, Unnumbered};
use crate::tick::Tick;

/// Many peers, each with a detector of its own: tell what was received, check now and then.
///
/// A beat and a check cost as much as looking into a sorted map. Each peer is kept until it is
/// [forgotten](Self::forget): bound their number where ids come from strangers.
#[derive(Debug, Clone)]
pub struct Peers<Id, D> {
    /// What each peer's detector is at first.
    fresh: D,
    known: BTreeMap<Id, Peer<D>>,
    /// The deadlines of those who are trusted.
    due: BTreeSet<(Tick, Id)>,
}

#[derive(Debug, Clone)]
struct Peer<D> {
    detector: D,
    /// Beats that were received without a number.
    counted: u64,
    suspected: bool,
    /// Its place among those who are due.
    due_at: Option<Tick>,
}

/// What a beat says of its peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It was not known before.
    First,
    /// It was trusted, and still is.
    InTime,
    /// It was told of as suspected, and is trusted again.
    Returned,
    /// It is suspected all the same: the beat is older than one that was received before, or too late.
    StillSuspected,
}

impl<Id: Ord + Clone, D: Detector + Clone> Peers<Id, D> {
    /// Nobody yet. Each peer that is received for the first time gets a copy of this detector.
    pub fn new(fresh: D) -> Self {
        Self { fresh, known: BTreeMap::new(), due: BTreeSet::new() }
    }

    /// Beat number `sequence` of a peer was received.
    pub fn received_numbered(&mut self, id: Id, sequence: u64, now: Tick) -> Received {
        self.hear(id, now, |_| sequence)
    }

    /// Who is suspected from now on, and was not told before, in the order of their deadlines.
    pub fn check(&mut self, now: Tick) -> Vec<Id> {
        let mut suspected = Vec::new();
        while let Some((deadline, _)) = self.due.first()
            && *deadline <= now
            && let Some((_, id)) = self.due.pop_first()
        {
            if let Some(peer) = self.known.get_mut(&id) {
                (peer.suspected, peer.due_at) = (true, None);
            }
            suspected.push(id);
        }
        suspected
    }

    /// When the next check can tell something.
    pub fn next_deadline(&self) -> Option<Tick> {
        self.due.first().map(|(deadline, _)| *deadline)
    }

    /// Whether a peer is suspected, also where no check told it yet; none where nobody knows it.
    pub fn suspects(&self, id: &Id, now: Tick) -> Option<bool> {
        self.known.get(id).map(|peer| peer.detector.suspects(now))
    }

    /// A peer's detector, for what it tells beyond yes and no.
    pub fn detector(&self, id: &Id) -> Option<&D> {
        self.known.get(id).map(|peer| &peer.detector)
    }

    /// Forgets a peer, who is new when it is received again. Whether it was known.
    pub fn forget(&mut self, id: &Id) -> bool {
        let Some(peer) = self.known.remove(id) else { return false };
        if let Some(due_at) = peer.due_at {
            self.due.remove(&(due_at, id.clone()));
        }
        true
    }

    /// How many are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    fn hear(&mut self, id: Id, now: Tick, number: impl FnOnce(&mut u64) -> u64) -> Received {
        let known = self.known.contains_key(&id);
        let peer = self.known.entry(id.clone()).or_insert_with(|| Peer {
            detector: self.fresh.clone(),
            counted: 0,
            suspected: false,
            due_at: None,
        });
        let sequence = number(&mut peer.counted);
        peer.detector.heard(now, sequence);
        let deadline = peer.detector.deadline();
        let trusted = deadline.is_none_or(|deadline| now < deadline);
        let received = match (known, peer.suspected) {
            (false, _) => Received::First,
            (true, false) => Received::InTime,
            (true, true) if trusted => Received::Returned,
            (true, true) => return Received::StillSuspected,
        };
        peer.suspected = false;
        if peer.due_at != deadline {
            if let Some(before) = peer.due_at {
                self.due.remove(&(before, id.clone()));
            }
            peer.due_at = deadline;
            if let Some(deadline) = deadline {
                self.due.insert((deadline, id));
            }
        }
        received
    }
}

impl<Id: Ord + Clone, D: Unnumbered + Clone> Peers<Id, D> {
    /// A beat of a peer was received. For detectors that need no numbers: the beats that arrive are counted in their
    /// place.
    pub fn received(&mut self, id: Id, now: Tick) -> Received {
        self.hear(id, now, |counted| {
            *counted += 1;
            *counted
        })
    }
}
