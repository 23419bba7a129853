//! Sessions: who keeps what on which, when a connection closed, and what may follow from that.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use lubdub_core::guard::Arithmetic;
use lubdub_core::model::SessionId;
use lubdub_core::{Change, ConnectionLoss, GuardWord, Tick};

use super::Scene;
use crate::fact::Fact;
use crate::truth::{Lease, Truth};
use crate::violation::{Invariant, Violation, demand};

/// What is known of a session.
#[derive(Debug)]
struct Known {
    token: u64,
    grace: u64,
    attachment: u32,
    heard: Tick,
    /// When its present connection closed.
    closed_at: Option<Tick>,
    /// How many sessions the rule about closings spoke of when it did, at the least and at the most.
    among: (usize, usize),
    /// Whoever closed since then had closed with it.
    together_since: Tick,
    is_suspect: bool,
}

#[derive(Debug, Default)]
pub(super) struct Sessions {
    known: BTreeMap<SessionId, Known>,
    tokens: BTreeMap<u64, SessionId>,
    /// Connections that closed lately.
    closings: VecDeque<(Tick, SessionId)>,
    /// Sessions that were lost by a closing lately, by when that was.
    lost: BTreeSet<(Tick, SessionId)>,
    /// When the first of those closed that may not be decided about yet.
    undecided_since: Option<Tick>,
}

/// Closings within so many milliseconds belong together, and none waits longer for others.
const WINDOW: u64 = 1_000;
/// So long a closing waits for others at least, where there are so many that they could be a mass.
const ALONE: u64 = 2;
/// And so long after the last of several at most, where input is proven to be served.
const COMPANY: u64 = 100;

impl Sessions {
    pub(super) fn restart(&mut self) {
        *self = Self::default();
    }

    /// What was sent before `heard_until` has been read: a closing that waited for that is decided about.
    pub(super) fn judged(&mut self, heard_until: Tick) {
        let last = self.closings.back().map(|(at, _)| at.plus_millis(COMPANY));
        self.undecided_since = self.undecided_since.filter(|_| last.is_some_and(|last| last > heard_until));
    }

    /// When a session was last heard.
    pub(super) fn heard(&self, session: SessionId) -> Option<Tick> {
        self.known.get(&session).map(|known| known.heard)
    }

    pub(super) fn see(&mut self, fact: &Fact, truth: &mut Truth, scene: &Scene<'_>) -> Result<(), Violation> {
        match *fact {
            Fact::SessionOpened { session, token, grace, at } => {
                let known = Known {
                    token,
                    grace,
                    attachment: 1,
                    heard: at,
                    closed_at: None,
                    among: (0, 0),
                    together_since: Tick::START,
                    is_suspect: false,
                };
                let is_new = self.known.insert(session, known).is_none();
                let is_new = is_new && self.tokens.insert(token, session).is_none();
                return demand(is_new, Invariant::ATokenIsOneSession, scene.now, || {
                    format!("session {session} is opened, and its token {token} given out, twice")
                });
            }
            Fact::SessionResumed { host, session, token, attachment, at } => {
                let of_token = self.tokens.get(&token).copied();
                demand(of_token == Some(session), Invariant::ATokenIsOneSession, scene.now, || {
                    format!("machine {host} resumed session {session} by the token of {of_token:?}")
                })?;
                if let Some(known) = self.known.get_mut(&session) {
                    (known.attachment, known.closed_at, known.is_suspect) = (attachment, None, false);
                }
                self.hear(session, at, truth);
            }
            Fact::SessionHeard { session, at } => self.hear(session, at, truth),
            Fact::SessionClosed { session, attachment, at } => {
                let keeps = truth.of_session(session).count() > 0;
                // What waits until input is proven to be served does not grow old.
                let first = self.undecided_since.unwrap_or(at);
                let since = Tick(first.0.saturating_sub(WINDOW));
                let among = self.among(at, since, truth);
                if let Some(known) = self.known.get_mut(&session)
                    && known.attachment == attachment
                    && known.closed_at.is_none()
                {
                    (known.closed_at, known.among, known.together_since) = (Some(at), among, since);
                    // One that keeps nothing tells nothing.
                    if keeps {
                        self.closings.push_back((at, session));
                        self.undecided_since = Some(first);
                    }
                    // From now on it may count as silent.
                    truth.of_session(session).for_each(|lease| lease.refused = true);
                }
            }
            Fact::SessionOver { session } => {
                if let Some(known) = self.known.remove(&session) {
                    self.tokens.remove(&known.token);
                }
                let kept = truth.of_session(session).count();
                return demand(kept == 0, Invariant::ASessionEndsAsDocumented, scene.now, || {
                    format!("session {session} is forgotten, and keeps {kept} instances")
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn closed_since(&self, since: Tick) -> impl Iterator<Item = SessionId> {
        self.closings.iter().filter(move |(at, _)| *at >= since).map(|(_, session)| *session)
    }

    /// How many sessions the rule about closings speaks of, at the least and at the most: those that have a connection and keep
    /// something, and those whose connections closed together, also such as are over since.
    fn among(&self, at: Tick, since: Tick, truth: &Truth) -> (usize, usize) {
        let keeping = truth.leases.values().filter_map(|lease| lease.session);
        let counts = |session: &SessionId| {
            let closed_at = self.known.get(session).map(|known| known.closed_at);
            closed_at.is_some_and(|closed_at| closed_at.is_none_or(|it| at.millis_since(it) <= WINDOW))
        };
        let mut all: BTreeSet<SessionId> = keeping.filter(counts).collect();
        let least = all.len();
        all.extend(self.closed_since(since));
        (least, all.len())
    }

    fn hear(&mut self, session: SessionId, at: Tick, truth: &mut Truth) {
        let Some(known) = self.known.get_mut(&session) else { return };
        known.heard = known.heard.max(at);
        truth.of_session(session).for_each(|lease| lease.renew(at));
    }

    /// When the connection of a lease's session closed, if it did not come back since: then a lease
    /// that the guard held for that closing may leave before its deadline.
    pub(super) fn closed_at(&self, lease: &Lease) -> Option<Tick> {
        self.known.get(&lease.session?)?.closed_at
    }

    /// An instance is held because its connection closed with many others.
    pub(super) fn suspected(
        &mut self,
        now: Tick,
        change: &Change,
        session: Option<SessionId>,
        figures: Arithmetic,
        truth: &mut Truth,
        scene: &Scene<'_>,
    ) -> Result<(), Violation> {
        let rules = &scene.plan.config.guard;
        let closed =
            session.and_then(|session| Some((session, self.known.get_mut(&session)?))).and_then(|it| {
                let closed_at = it.1.closed_at?;
                it.1.is_suspect = true;
                Some((it.0, closed_at, it.1.together_since))
            });
        let Some((session, closed_at, since)) = closed else {
            return demand(false, Invariant::EachChangeHasAReason, scene.now, || {
                format!("{} is suspect, and its connection did not close", change.key())
            });
        };
        let others: BTreeSet<SessionId> = self.closed_since(since).collect();
        let is_a_mass = figures.silent > rules.tolerated(figures.hosts) && figures.silent <= others.len();
        demand(is_a_mass, Invariant::AReloadLosesNobody, scene.now, || {
            format!("{} is suspect for {figures:?}, but {} connections closed", change.key(), others.len())
        })?;
        // Its timeout runs from the closing.
        for lease in truth.of_session(session) {
            lease.beat = lease.beat.max(closed_at);
            lease.suspect_since = lease.suspect_since.or(Some(now));
        }
        if let Some(known) = self.known.get_mut(&session) {
            known.heard = known.heard.max(closed_at);
        }
        Ok(())
    }

    /// An instance left because its connection closed.
    pub(super) fn lost(
        &mut self,
        now: Tick,
        change: &Change,
        loss: &ConnectionLoss,
        session: Option<SessionId>,
        truth: &Truth,
        scene: &Scene<'_>,
    ) -> Result<(), Violation> {
        let known = session.and_then(|session| Some((session, self.known.get(&session)?)));
        let closed = known.and_then(|(session, known)| Some((session, known, known.closed_at?)));
        let Some((session, known, closed_at)) = closed else {
            return demand(false, Invariant::TheLivingStay, scene.now, || {
                format!("{} left for a connection that did not close, or came back", change.key())
            });
        };
        let waited = now.millis_since(closed_at);
        // The last of several is decided about with the first.
        let before = |at: &Tick| *at <= closed_at && closed_at.millis_since(*at) <= WINDOW;
        let is_alone = self.closings.iter().filter(|(at, _)| before(at)).count() == 1;
        let rules = &scene.plan.config.guard;
        let waits = is_alone && rules.enabled && known.among.0 >= rules.min_hosts;
        let in_time = waited >= known.grace.max(if waits { ALONE } else { 0 })
            && now <= truth.heard_by(now, closed_at, known.grace.max(WINDOW));
        demand(in_time && !known.is_suspect, Invariant::ASessionEndsAsDocumented, scene.now, || {
            let suspect = known.is_suspect;
            format!(
                "{} left {waited} ms after its connection closed, suspect: {suspect}: {loss:?}",
                change.key()
            )
        })?;
        // What the guard held before is none of a mass.
        if matches!(loss.guard, GuardWord::Released { .. }) {
            return Ok(());
        }
        self.lost.insert((closed_at, session));
        let together = |(at, _): &&(Tick, SessionId)| {
            closed_at.millis_since(*at).max(at.millis_since(closed_at)) <= WINDOW
        };
        let lost = self.lost.iter().filter(|(at, _)| *at <= closed_at).filter(together).count();
        // Those that left since count: whoever has no grace is gone while others have theirs.
        let (least, sessions) = known.among;
        let few = !rules.enabled || least < rules.min_hosts || lost <= rules.tolerated(sessions);
        demand(few, Invariant::AReloadLosesNobody, scene.now, || {
            format!("{lost} of {sessions} sessions were lost whose connections closed within a second")
        })
    }

    /// Whoever closed or fell silent is gone in time, or held.
    pub(super) fn look(&mut self, truth: &Truth, scene: &Scene<'_>) -> Result<(), Violation> {
        if !scene.server.is_up || scene.server.paused_until > scene.now {
            return Ok(());
        }
        let now = scene.server.tick(scene.now);
        self.closings.retain(|(at, _)| now.millis_since(*at) < 600_000);
        self.lost.retain(|(at, _)| now.millis_since(*at) < 600_000);
        for (provider, lease) in &truth.leases {
            let Some(session) = lease.session.filter(|_| lease.held_since.is_none()) else { continue };
            let known = self.known.get(&session);
            let closed =
                known.filter(|known| !known.is_suspect).and_then(|known| Some((known, known.closed_at?)));
            let by_closing = closed.map(|(known, at)| truth.heard_by(now, at, known.grace.max(WINDOW)));
            let by_silence = truth.due_by(now, lease);
            let latest = by_closing.map_or(by_silence, |by_closing| by_closing.min(by_silence));
            demand(now <= latest, Invariant::ASessionEndsAsDocumented, scene.now, || {
                format!("provider {provider} of session {session} is still listed: {lease:?}, {known:?}")
            })?;
        }
        Ok(())
    }

    /// Each process that lives has one session, and nobody else has any.
    pub(super) fn end(scene: &Scene<'_>) -> Result<(), Violation> {
        let is_alive = |provider: &usize| scene.providers.get(*provider).is_some_and(|it| it.is_alive);
        let alive =
            scene.hosts.iter().filter(|host| host.session.is_some() && host.providers.iter().any(is_alive));
        let (alive, known) = (alive.count(), scene.server.registry.session_count());
        let counts = scene.server.connections.counts();
        demand(known == alive && counts == (alive, alive), Invariant::AllIsWellAtTheEnd, scene.now, || {
            format!(
                "{alive} processes have a session, the registry {known}; connections and tokens: {counts:?}"
            )
        })
    }
}
