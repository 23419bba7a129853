//! Who leaves, when, and for which silence.

use std::sync::Arc;
use std::time::Duration;

use lubdub_core::adaptive::AdaptiveConfig;
use lubdub_core::model::Instance;
use lubdub_core::{Cause, Change, GuardWord, Moment, Silence, Tick};

use super::Scene;
use super::sessions::Sessions;
use crate::figures::Figures;
use crate::plan::ProviderPlan;
use crate::server::Request;
use crate::truth::{Lease, Truth};
use crate::violation::{Invariant, Violation, demand};

#[derive(Debug, Default)]
pub(super) struct Leases {
    heard_until: Tick,
}

impl Leases {
    pub(super) fn restored(
        &mut self,
        truth: &mut Truth,
        restored: &[Arc<Instance>],
        outage: Duration,
        scene: &Scene<'_>,
    ) {
        self.heard_until = Tick::START;
        let outage = u64::try_from(outage.as_millis()).unwrap_or(u64::MAX);
        for instance in restored {
            let Some(provider) = scene.keys.get(&instance.key).copied() else { continue };
            let Some(mut lease) = lease(provider, Tick::START, scene) else { continue };
            let by_session = instance.checks.iter().any(|check| check.lease.session().is_some());
            // Whoever has a session comes back within its timeout.
            lease.grace = if by_session { 0 } else { outage.min(10 * lease.interval) };
            lease.heard_since = None;
            truth.granted(provider, lease);
        }
    }

    /// What was sent before `heard_until` has been read.
    pub(super) fn judged(&mut self, heard_until: Tick, scene: &Scene<'_>) -> Result<(), Violation> {
        self.heard_until = heard_until;
        let oldest = scene.server.queue.front().map(|waiting| scene.server.tick(waiting.arrived));
        demand(
            oldest.is_none_or(|oldest| oldest >= heard_until),
            Invariant::NothingIsJudgedUnheard,
            scene.now,
            || format!("leases are judged up to {heard_until}, and what arrived at {oldest:?} is unread"),
        )
    }

    #[expect(clippy::too_many_arguments, reason = "what happened, to whom, and where to look and to note")]
    pub(super) fn changed(
        &mut self,
        now: Moment,
        provider: usize,
        change: &Change,
        concluded: bool,
        truth: &mut Truth,
        sessions: &mut Sessions,
        scene: &Scene<'_>,
        figures: &mut Figures,
    ) -> Result<(), Violation> {
        match (change, change.cause()) {
            (Change::Registered { instance, .. }, _) => {
                let session = instance.checks.first().and_then(|check| check.lease.session());
                // One word speaks for all that a session keeps: the registration is one of many.
                let heard = session.and_then(|session| sessions.heard(session));
                let beat = heard.unwrap_or_else(|| {
                    truth.leases.get(&provider).map_or(now.tick, |known| known.beat.max(now.tick))
                });
                if let Some(mut lease) = lease(provider, beat, scene) {
                    lease.session = session.filter(|_| heard.is_some());
                    truth.granted(provider, lease);
                }
            }
            (Change::Updated { .. }, Cause::Held { .. }) => {
                figures.held += 1;
                if let Some(lease) = truth.leases.get_mut(&provider) {
                    lease.held_since = Some(now.tick);
                }
            }
            (Change::Updated { .. }, Cause::Suspected(figures_of)) => {
                figures.suspected += 1;
                let session = truth.leases.get(&provider).and_then(|lease| lease.session);
                sessions.suspected(now.tick, change, session, *figures_of, truth, scene)?;
            }
            (Change::Updated { .. }, Cause::Returned { .. }) => {
                figures.returned += 1;
                let lease = truth.leases.get_mut(&provider);
                let heard = lease.as_ref().is_some_and(|lease| {
                    lease.held_since.or(lease.suspect_since).is_some_and(|held| lease.beat >= held)
                });
                demand(heard, Invariant::EachChangeHasAReason, scene.now, || {
                    format!("{} returned from a hold without a beat", change.key())
                })?;
                if let Some(lease) = lease {
                    (lease.held_since, lease.suspect_since) = (None, None);
                }
            }
            (Change::Updated { .. }, _) => {}
            (Change::Removed { .. }, Cause::Expired(silence)) => {
                let Some(lease) = truth.leases.get(&provider) else {
                    // A second check of the same instance, or a stale conclusion: nothing happens.
                    return demand(!concluded, Invariant::EachChangeHasAReason, scene.now, || {
                        format!("{} is ended twice", change.key())
                    });
                };
                let closed_at = sessions.closed_at(lease);
                check_silence(now.tick, change, silence, lease, closed_at, truth, scene)?;
                self.check_unread(provider, change, scene)?;
                note_end(provider, scene, figures);
                let lost = !matches!(silence.guard, GuardWord::Released { .. });
                truth.left(now.tick, provider, lost);
            }
            (Change::Removed { .. }, Cause::ConnectionLost(loss)) => {
                let session = truth.leases.get(&provider).and_then(|lease| lease.session);
                sessions.lost(now.tick, change, loss, session, truth, scene)?;
                self.check_unread(provider, change, scene)?;
                figures.connections_lost += 1;
                note_end(provider, scene, figures);
                let lost = !matches!(loss.guard, GuardWord::Released { .. });
                truth.left(now.tick, provider, lost);
            }
            (Change::Removed { .. }, Cause::Refused(_)) => {
                let was_dead = scene.providers.get(provider).is_some_and(|it| !it.is_alive || it.process > 1);
                demand(was_dead, Invariant::TheLivingStay, scene.now, || {
                    format!("{} left for a refused connection, and never died", change.key())
                })?;
                figures.refused += 1;
                note_end(provider, scene, figures);
                truth.left(now.tick, provider, true);
            }
            (Change::Removed { .. }, _) => {
                let said = scene.providers.get(provider).is_some_and(|it| it.left);
                demand(said, Invariant::EachChangeHasAReason, scene.now, || {
                    format!("{} was removed, and never said that it leaves", change.key())
                })?;
                truth.left(now.tick, provider, false);
            }
        }
        Ok(())
    }

    fn check_unread(&self, provider: usize, change: &Change, scene: &Scene<'_>) -> Result<(), Violation> {
        let server = scene.server;
        let host = scene.providers.get(provider).map(|it| it.host);
        let is_its = |what: &Request| match what {
            Request::Renew { provider: whose, .. } => *whose == provider,
            Request::Said(message) => {
                Some(message.host) == host
                    && scene.hosts.get(message.host).is_some_and(|host| host.session.is_some())
            }
            _ => false,
        };
        let unread = server
            .queue
            .iter()
            .find(|waiting| is_its(&waiting.what) && server.tick(waiting.arrived) < self.heard_until);
        demand(unread.is_none(), Invariant::NothingIsJudgedUnheard, scene.now, || {
            format!("{} left while a beat for it lay unread", change.key())
        })
    }

    /// Whoever is dead is gone in time.
    pub(super) fn look(truth: &Truth, scene: &Scene<'_>) -> Result<(), Violation> {
        if !scene.server.is_up || scene.server.paused_until > scene.now {
            return Ok(());
        }
        let now = scene.server.tick(scene.now);
        for (provider, lease) in &truth.leases {
            let Some(it) = scene.providers.get(*provider).filter(|it| !it.is_alive) else { continue };
            let latest = truth.latest(now, lease, &scene.plan.config.guard);
            demand(latest.is_none_or(|latest| now <= latest), Invariant::TheDeadGo, scene.now, || {
                format!(
                    "{} is dead, was last heard at {}, and is still listed at {now}: {lease:?}",
                    it.key, lease.beat
                )
            })?;
        }
        Ok(())
    }

    /// The living are listed, unheld, and nobody else is.
    pub(super) fn end(truth: &Truth, scene: &Scene<'_>) -> Result<(), Violation> {
        let held =
            truth.leases.values().filter(|lease| lease.held_since.or(lease.suspect_since).is_some()).count();
        demand(held == 0, Invariant::AllIsWellAtTheEnd, scene.now, || {
            format!("{held} leases are still held")
        })?;
        for (index, it) in scene.providers.iter().enumerate() {
            let listed = scene.server.registry.catalog().listed(&it.key).is_some();
            demand(listed == it.is_alive, Invariant::AllIsWellAtTheEnd, scene.now, || {
                let state = if it.is_alive { "lives, and is not listed" } else { "is dead, and is listed" };
                format!("{} {state}; {:?}", it.key, truth.leases.get(&index))
            })?;
        }
        Ok(())
    }
}

/// What ends a lease is the silence since its last beat, and not before its deadline; a lease that
/// the guard held since its connection closed may leave when the guard lets it go.
fn check_silence(
    now: Tick,
    change: &Change,
    silence: &Silence,
    lease: &Lease,
    closed_at: Option<Tick>,
    truth: &Truth,
    scene: &Scene<'_>,
) -> Result<(), Violation> {
    let key = change.key();
    let since = now.millis_since(lease.beat);
    // Where many closed at once, its peer was there until then.
    let since_closing = closed_at.map(|closed_at| now.millis_since(closed_at.max(lease.beat)));
    let silent = silence.silent;
    demand(
        silent == since || Some(silent) == since_closing,
        Invariant::RenewedMeansRenewed,
        scene.now,
        || format!("{key} left for a silence of {silent} ms, but was answered \"renewed\" {since} ms ago"),
    )?;
    let let_go = matches!(silence.guard, GuardWord::Released { .. });
    let earliest = match closed_at {
        Some(closed_at) if let_go => closed_at,
        _ => truth.earliest(now, lease),
    };
    demand(now >= earliest, Invariant::TheLivingStay, scene.now, || {
        let early = earliest.millis_since(now);
        format!("{key} left {early} ms before its deadline: {:?}", change.cause())
    })
}

/// A lease as it is granted by a registration.
fn lease(provider: usize, beat: Tick, scene: &Scene<'_>) -> Option<Lease> {
    let it = scene.providers.get(provider)?;
    let host = scene.hosts.get(it.host)?;
    // Where a session keeps it, that is judged as a whole.
    let asked = host.session.as_ref().map_or(it.plan.phi, |session| session.phi);
    Some(Lease {
        host: it.host,
        zone: host.zone.into(),
        service: it.key.service().clone(),
        beat,
        ttl: it.plan.ttl / 1_000,
        interval: it.plan.interval / 1_000,
        bounds: asked.and_then(|_| bounds(&it.plan, &scene.plan.config.adaptive)),
        grace: 0,
        heard_since: Some(beat),
        held_since: None,
        refused: false,
        session: None,
        suspect_since: None,
    })
}

/// As documented: so many intervals, so many times-to-live; fixed where these are less.
fn bounds(plan: &ProviderPlan, adaptive: &AdaptiveConfig) -> Option<(u64, u64)> {
    let floor = plan.interval / 1_000 * u64::from(adaptive.floor.0) / 100;
    let ceiling = plan.ttl / 1_000 * u64::from(adaptive.ceiling);
    (floor <= ceiling).then_some((floor, ceiling))
}

fn note_end(provider: usize, scene: &Scene<'_>, figures: &mut Figures) {
    let Some(it) = scene.providers.get(provider) else { return };
    match it.died_at {
        Some(died) => figures.detection.push(scene.now.since(died)),
        None => figures.living_evicted += 1,
    }
}
