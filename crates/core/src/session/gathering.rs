//! [`Gathering`]: whether a connection closed alone, or with so many that something else did it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::guard::{Arithmetic, GuardConfig};
use crate::model::SessionId;
use crate::tick::Tick;

/// Closings within this many milliseconds belong together.
const WINDOW_MILLIS: u64 = 1_000;
/// So long a closing waits for company: a process or proxy that ends closes its connections microseconds
/// apart, and what lies unread by then waits for the proof that input is served.
const ALONE_MILLIS: u64 = 2;
/// So long after the last one, where there was another in the window.
const COMPANY_MILLIS: u64 = 100;

/// What is to become of closings that waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Whose connections they were, in the order of closing.
    pub(crate) sessions: Vec<SessionId>,
    /// The figures, where they are too many.
    pub(crate) mass: Option<Arithmetic>,
}

/// Connections that closed lately.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    /// When each closed, within the window; also of those that came back since.
    recent: BTreeMap<SessionId, Tick>,
    order: VecDeque<(Tick, SessionId)>,
    /// Those of them that did not come back.
    away: BTreeSet<SessionId>,
    /// What is to be decided.
    waiting: Vec<SessionId>,
    /// The figures, where too many had closed when one of those did: that stays so, however long it takes until input is proven to be served.
    mass: Option<Arithmetic>,
    first_at: Tick,
    decide_at: Tick,
    /// Whether it is time, and not proven yet that other closings would have been noticed.
    unproven: bool,
}

impl Gathering {
    /// A connection closed; `open` others with instances did not.
    pub(crate) fn closed(&mut self, now: Tick, session: SessionId, open: usize, rules: &GuardConfig) {
        self.forget_old(now);
        self.recent.insert(session, now);
        self.order.push_back((now, session));
        self.away.insert(session);
        if self.waiting.is_empty() {
            (self.first_at, self.mass) = (now, None);
        }
        self.waiting.push(session);
        self.unproven = false;
        let wait = if self.recent.len() > 1 { COMPANY_MILLIS } else { ALONE_MILLIS };
        self.decide_at = now.plus_millis(wait).min(self.first_at.plus_millis(WINDOW_MILLIS));
        self.mass = self.too_many(open, rules).or(self.mass);
        if !self.can_be_mass(open, rules) || self.mass.is_some() {
            self.decide_at = now;
        }
    }

    /// A session has a connection again: there is nothing to decide about it.
    pub(crate) fn came_back(&mut self, session: SessionId) {
        self.away.remove(&session);
        self.over(session);
    }

    /// A session is over: there is nothing to decide about it, but that it closed still counts.
    pub(crate) fn over(&mut self, session: SessionId) {
        self.waiting.retain(|waiting| *waiting != session);
    }

    /// What is decided now. Nothing as long as input was not proven to be served until then: the
    /// other closings of a mass may lie unread. So may the resumptions of one that is known.
    pub(crate) fn decide(
        &mut self,
        now: Tick,
        heard_until: Tick,
        open: usize,
        rules: &GuardConfig,
    ) -> Option<Decision> {
        if self.waiting.is_empty() || self.decide_at > now {
            return None;
        }
        self.unproven = self.can_be_mass(open, rules) && self.decide_at > heard_until;
        if self.unproven {
            return None;
        }
        self.forget_old(now);
        let mass = self.mass.take().or_else(|| self.too_many(open, rules));
        Some(Decision { sessions: std::mem::take(&mut self.waiting), mass })
    }

    /// When something is to be decided.
    pub(crate) fn next_deadline(&self) -> Option<Tick> {
        (!self.waiting.is_empty() && !self.unproven).then_some(self.decide_at)
    }

    /// Whether an own beat is to be sent: with its arrival something is decided.
    pub(crate) fn wants_own_beat(&self) -> bool {
        !self.waiting.is_empty() && self.unproven
    }

    fn too_many(&self, open: usize, rules: &GuardConfig) -> Option<Arithmetic> {
        let hosts = open + self.away.len();
        let figures = Arithmetic { hosts, silent: self.recent.len(), tolerated: rules.tolerated(hosts) };
        (self.can_be_mass(open, rules) && figures.silent > figures.tolerated).then_some(figures)
    }

    /// Whether there are enough sessions for any number of closings to be a mass.
    fn can_be_mass(&self, open: usize, rules: &GuardConfig) -> bool {
        rules.enabled && open + self.away.len() >= rules.min_hosts
    }

    fn forget_old(&mut self, now: Tick) {
        // What waits for the proof is not old: what lay unread until then may have closed with it.
        let is_undecided = |at: Tick| !self.waiting.is_empty() && at >= self.first_at;
        while let Some((at, session)) = self.order.front().copied()
            && now.millis_since(at) > WINDOW_MILLIS
            && !is_undecided(at)
        {
            self.order.pop_front();
            // It may have closed again since.
            if self.recent.get(&session) == Some(&at) {
                self.recent.remove(&session);
                self.away.remove(&session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(gathering: &mut Gathering, now: u64, open: usize) -> Option<(usize, bool)> {
        let decision = gathering.decide(Tick(now), Tick(now), open, &GuardConfig::default())?;
        Some((decision.sessions.len(), decision.mass.is_some()))
    }

    #[test]
    fn one_that_closes_alone_is_decided_in_two_milliseconds() {
        let mut gathering = Gathering::default();
        gathering.closed(Tick(10), SessionId(1), 99, &GuardConfig::default());
        assert_eq!(gathering.next_deadline(), Some(Tick(12)));
        assert_eq!(decided(&mut gathering, 11, 99), None);
        assert_eq!(decided(&mut gathering, 12, 99), Some((1, false)));
        assert_eq!(gathering.next_deadline(), None);
    }

    #[test]
    fn nothing_is_decided_until_it_is_proven_that_others_would_have_been_noticed() {
        let (mut gathering, rules) = (Gathering::default(), GuardConfig::default());
        gathering.closed(Tick(10), SessionId(1), 99, &rules);
        assert_eq!(gathering.decide(Tick(20), Tick(11), 99, &rules), None);
        assert!(gathering.wants_own_beat() && gathering.next_deadline().is_none());
        let decision = gathering.decide(Tick(21), Tick(20), 99, &rules);
        assert!(decision.is_some_and(|decision| decision.mass.is_none()));
        assert!(!gathering.wants_own_beat());
    }

    #[test]
    fn a_mass_stays_one_however_late_input_is_proven_to_be_served() {
        let (mut gathering, rules) = (Gathering::default(), GuardConfig::default());
        for number in 1..=20 {
            gathering.closed(Tick(10), SessionId(number), 100 - number as usize, &rules);
        }
        // Ten come back while nothing is proven, and others come that never closed.
        assert_eq!(gathering.decide(Tick(20), Tick(9), 80, &rules), None);
        for number in 1..=10 {
            gathering.came_back(SessionId(number));
        }
        assert_eq!(decided(&mut gathering, 2_010, 500), Some((10, true)));
    }

    #[test]
    fn closings_that_lay_unread_count_with_those_that_wait_for_them() {
        let (mut gathering, rules) = (Gathering::default(), GuardConfig::default());
        // Ten of a hundred are read, the other ten only when the registry gets round to it.
        for number in 1..=10 {
            gathering.closed(Tick(10), SessionId(number), 100 - number as usize, &rules);
        }
        assert_eq!(gathering.decide(Tick(200), Tick(9), 90, &rules), None);
        for number in 11..=20 {
            gathering.closed(Tick(2_010), SessionId(number), 100 - number as usize, &rules);
        }
        assert_eq!(decided(&mut gathering, 2_010, 80), Some((20, true)));
    }

    #[test]
    fn with_the_first_beyond_the_rule_all_that_wait_are_a_mass() {
        let (mut gathering, rules) = (Gathering::default(), GuardConfig::default());
        // Fifteen of a hundred are tolerated.
        for number in 1..=15 {
            gathering.closed(Tick(number), SessionId(number as u32), 100 - number as usize, &rules);
        }
        assert_eq!(decided(&mut gathering, 15, 85), None);
        gathering.closed(Tick(16), SessionId(16), 84, &rules);
        assert_eq!(decided(&mut gathering, 16, 84), Some((16, true)));
        // The next one need not wait to be told from a killed process.
        gathering.closed(Tick(17), SessionId(17), 83, &rules);
        assert_eq!(decided(&mut gathering, 17, 83), Some((1, true)));
        // A second after the last it is over.
        gathering.closed(Tick(1_018), SessionId(18), 82, &rules);
        assert_eq!(decided(&mut gathering, 1_019, 82), None);
        assert_eq!(decided(&mut gathering, 1_020, 82), Some((1, false)));
    }

    #[test]
    fn few_sessions_are_never_a_mass_and_wait_for_nothing() {
        let (mut gathering, rules) = (Gathering::default(), GuardConfig::default());
        for number in 1..=9 {
            gathering.closed(Tick(1), SessionId(number), 9 - number as usize, &rules);
        }
        // Not even for the proof that others would have been noticed.
        let decision = gathering.decide(Tick(1), Tick(0), 0, &rules);
        assert_eq!(decision.map(|it| (it.sessions.len(), it.mass)), Some((9, None)));
    }

    #[test]
    fn who_came_back_counts_as_a_closing_but_is_not_decided_about() {
        let (mut gathering, rules) = (Gathering::default(), GuardConfig::default());
        for number in 1..=3 {
            gathering.closed(Tick(1), SessionId(number), 20 - number as usize, &rules);
            gathering.came_back(SessionId(number));
        }
        assert_eq!(gathering.next_deadline(), None);
        gathering.closed(Tick(2), SessionId(4), 19, &rules);
        assert_eq!(decided(&mut gathering, 2, 19), Some((1, true)), "four of twenty are too many");
    }

    #[test]
    fn a_stream_of_closings_is_decided_within_a_second() {
        let rules = GuardConfig { tolerated_percent: 99, ..GuardConfig::default() };
        let mut gathering = Gathering::default();
        for number in 0..30 {
            gathering.closed(Tick(number * 50), SessionId(number as u32), 500, &rules);
        }
        assert_eq!(gathering.next_deadline(), Some(Tick(1_000)));
    }
}
