//! [`Sessions`]: what there is of each session.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Gathering, SessionTerms};
use crate::adaptive::{AdaptiveConfig, Arrivals, Levels};
use crate::command::Sender;
use crate::lease::cell::LeaseCell;
use crate::lease::{Lease, LeaseId, Standing};
use crate::model::{InstanceKey, SessionId};
use crate::registry::Lost;
use crate::tick::Tick;

/// How a session is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It is.
    Attached,
    /// It is not, by the registry's own doing: silence decides.
    Detached,
    /// Its connection closed, and it is not decided yet whether alone.
    Closed {
        /// When.
        at: Tick,
    },
    /// Its connection closed alone, and its grace runs.
    Leaving {
        /// When it closed.
        closed_at: Tick,
        /// When its instances leave.
        at: Tick,
    },
    /// Its connection closed in a mass: silence decides.
    Suspect {
        /// When it closed.
        closed_at: Tick,
    },
    /// It said goodbye.
    Over,
}

/// One session.
#[derive(Debug)]
pub(crate) struct Session {
    /// What its messages stamp.
    pub(crate) heart: Arc<LeaseCell>,
    pub(crate) terms: SessionTerms,
    /// Who opened it: what this sender asks for is its own word.
    pub(crate) sender: Sender,
    /// Counts its connections, so that the end of an earlier one is told apart.
    pub(crate) attachment: u32,
    pub(crate) phase: Phase,
    /// How much it keeps, for its connection to read.
    pub(crate) kept: Arc<AtomicUsize>,
    /// What it keeps.
    pub(crate) leases: BTreeMap<InstanceKey, LeaseId>,
    /// Those of them that are not heard, which the next message is news to. Mostly none: so a message costs the same however
    /// many a session keeps.
    pub(crate) silent: BTreeMap<InstanceKey, LeaseId>,
    /// What is remembered of its messages, where it is judged by that.
    pub(crate) arrivals: Option<Box<Arrivals>>,
}

impl Session {
    /// What its leases are allowed where that is learnt. Without a connection nothing is to be expected: its timeout is for coming
    /// back, no more and no less.
    pub(crate) fn allowance(&self) -> Option<Duration> {
        let arrivals = self.arrivals.as_ref()?;
        Some(if self.phase == Phase::Attached { arrivals.allowance() } else { self.terms.timeout })
    }

    /// Whether its closing would say something.
    fn counts(&self) -> bool {
        self.phase == Phase::Attached && !self.leases.is_empty()
    }
}

/// All sessions that are open or may be resumed.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    by_id: BTreeMap<SessionId, Session>,
    last: u32,
    /// Those whose grace ends, by when.
    leaving: BTreeSet<(Tick, SessionId)>,
    /// Those that are attached and keep something.
    open: usize,
    pub(crate) gathering: Gathering,
    levels: Levels,
    /// Instances that sessions lost, not told yet.
    pub(crate) lost: Vec<Lost>,
    /// Sessions that are no more, not told yet.
    pub(crate) ended: Vec<SessionId>,
}

impl Sessions {
    pub(crate) fn open(
        &mut self,
        now: Tick,
        terms: SessionTerms,
        sender: Sender,
        config: &AdaptiveConfig,
    ) -> SessionId {
        self.last = self.last.wrapping_add(1).max(1);
        let id = SessionId(self.last);
        let heart = Arc::new(LeaseCell::new(now, false));
        let arrivals = Arrivals::of(terms.of_lease(id), config, &mut self.levels).map(Box::new);
        if arrivals.is_some() {
            // Always watched, as an adaptive lease is.
            let _ = heart.watch(heart.load());
        }
        let session = Session {
            heart,
            terms,
            sender,
            attachment: 1,
            phase: Phase::Attached,
            kept: Arc::default(),
            leases: BTreeMap::new(),
            silent: BTreeMap::new(),
            arrivals,
        };
        self.by_id.insert(id, session);
        id
    }

    pub(crate) fn find(&self, id: SessionId) -> Option<&Session> {
        self.by_id.get(&id)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// How many are attached and keep something.
    pub(crate) fn open_with_instances(&self) -> usize {
        self.open
    }

    /// Changes a session; none where there is no such.
    pub(crate) fn change<T>(&mut self, id: SessionId, change: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let session = self.by_id.get_mut(&id)?;
        let before = (session.counts(), session.phase);
        let answer = change(session);
        // Read by beats for display; what was applied is published after this.
        session.kept.store(session.leases.len(), Ordering::Relaxed);
        self.open = self.open + usize::from(session.counts()) - usize::from(before.0);
        if let Phase::Leaving { at, .. } = before.1 {
            self.leaving.remove(&(at, id));
        }
        if let Phase::Leaving { at, .. } = session.phase {
            self.leaving.insert((at, id));
        }
        Some(answer)
    }

    /// Notes with its session whether a lease is heard.
    pub(crate) fn note_standing(&mut self, lease: &Lease) {
        let Some(session) = lease.terms().session().and_then(|id| self.by_id.get_mut(&id)) else { return };
        if lease.standing() == Standing::Heard {
            session.silent.remove(lease.key());
        } else {
            session.silent.insert(lease.key().clone(), lease.id());
        }
    }

    /// Forgets a session that keeps nothing any more; its messages are answered as unknown.
    pub(crate) fn forget(&mut self, id: SessionId) {
        self.change(id, |session| session.phase = Phase::Over);
        if let Some(session) = self.by_id.remove(&id) {
            session.heart.retire();
            self.ended.push(id);
            self.gathering.over(id);
        }
    }

    /// The next session whose grace is over.
    pub(crate) fn next_leaving(&self, now: Tick) -> Option<SessionId> {
        self.leaving.first().filter(|(at, _)| *at <= now).map(|(_, id)| *id)
    }

    /// When there is something to do.
    pub(crate) fn next_deadline(&self) -> Option<Tick> {
        let leaving = self.leaving.first().map(|(at, _)| *at);
        [leaving, self.gathering.next_deadline()].into_iter().flatten().min()
    }

    /// How many are judged by what is learnt of them.
    pub(crate) fn adaptive(&self) -> usize {
        self.by_id.values().filter(|session| session.arrivals.is_some()).count()
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.by_id.iter().map(|(id, session)| (*id, session))
    }

    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn check_invariants(&self) {
        let open = self.by_id.values().filter(|session| session.counts()).count();
        assert_eq!(self.open, open, "open sessions are counted as they are");
        let leaving = self.by_id.values().filter(|session| matches!(session.phase, Phase::Leaving { .. }));
        assert_eq!(self.leaving.len(), leaving.count(), "each session that leaves has its time");
    }
}
