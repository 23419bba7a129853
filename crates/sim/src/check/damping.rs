//! Who is kept out for its losses, for which penalty, and for how long.

use std::collections::{BTreeMap, BTreeSet};

use lubdub_core::damping::FlapOutcome;
use lubdub_core::model::Status;
use lubdub_core::{Cause, Change, Moment, Tick};

use super::Scene;
use crate::figures::Figures;
use crate::truth::Truth;
use crate::violation::{Invariant, Violation, demand};

#[derive(Debug, Default)]
pub(super) struct Damping {
    /// Who was lost, and when.
    lost: BTreeMap<usize, Tick>,
    /// Who beat for a lease that was lost.
    knocked: BTreeSet<usize>,
    /// Each penalty as it was last counted.
    penalties: BTreeMap<usize, (f64, Tick)>,
    kept_out: BTreeMap<usize, Tick>,
}

impl Damping {
    pub(super) fn restart(&mut self) {
        *self = Self::default();
    }

    pub(super) fn knocked(&mut self, provider: usize) {
        if self.lost.contains_key(&provider) {
            self.knocked.insert(provider);
        }
    }

    pub(super) fn changed(
        &mut self,
        now: Moment,
        provider: usize,
        change: &Change,
        truth: &Truth,
        scene: &Scene<'_>,
        figures: &mut Figures,
    ) -> Result<(), Violation> {
        let rules = scene.plan.config.damping.of(change.key().service());
        if !rules.enabled {
            return Ok(());
        }
        match change.cause() {
            Cause::Expired(_) | Cause::Refused(_) if truth.leases.contains_key(&provider) => {
                self.lost.insert(provider, now.tick);
                self.knocked.remove(&provider);
                self.kept_out.remove(&provider);
            }
            Cause::Joined(_) => {
                self.lost.remove(&provider);
                self.knocked.remove(&provider);
            }
            Cause::CameBack { flap, .. } => {
                let was_lost = self.lost.remove(&provider).is_some();
                let knocked = self.knocked.remove(&provider);
                demand(was_lost && knocked, Invariant::DampingIsBounded, scene.now, || {
                    format!("{} came back: lost: {was_lost}, beat for what was lost: {knocked}", change.key())
                })?;
                let expected = self.penalties.get(&provider).map_or(0.0, |(penalty, at)| {
                    let half_lives = now.tick.millis_since(*at) as f64 / rules.half_life.as_millis() as f64;
                    penalty * (-half_lives).exp2()
                }) + 1_000.0;
                let ceiling = f64::from(rules.reuse)
                    * (rules.longest.as_secs_f64() / rules.half_life.as_secs_f64()).exp2();
                let expected = expected.min(ceiling.max(f64::from(rules.suppress)));
                // Decided a moment before it is applied, and rounded down each time.
                let agrees = (f64::from(flap.penalty) - expected).abs() < 0.03 * expected;
                demand(agrees, Invariant::DampingIsBounded, scene.now, || {
                    format!("{} has a penalty of {}, not {expected}", change.key(), flap.penalty)
                })?;
                self.penalties.insert(provider, (f64::from(flap.penalty), now.tick));
                figures.flaps += 1;
                if let FlapOutcome::KeptOut { .. } = flap.outcome {
                    figures.kept_out += 1;
                    self.kept_out.insert(provider, now.tick);
                }
            }
            Cause::Undamped(_) | Cause::Deregistered(_) => drop(self.kept_out.remove(&provider)),
            _ => {}
        }
        Ok(())
    }

    /// Nobody is kept out for too long, and never more than half of a service.
    pub(super) fn look(&self, scene: &Scene<'_>) -> Result<(), Violation> {
        let server = scene.server;
        if self.kept_out.is_empty()
            || !server.is_up
            || server.paused_until > scene.now
            || !server.pipeline.nobody_waits()
        {
            return Ok(());
        }
        let now = server.tick(scene.now);
        for (provider, since) in &self.kept_out {
            let Some(it) = scene.providers.get(*provider) else { continue };
            let longest = scene.plan.config.damping.of(it.key.service()).longest;
            let most = since.after(longest).plus_millis(3_000);
            demand(now <= most, Invariant::DampingIsBounded, scene.now, || {
                format!("{} is kept out since {since}, for more than {longest:?}", it.key)
            })?;
        }
        for view in server.registry.catalog().services() {
            let up = view.iter().filter(|row| row.instance.status == Status::Up);
            let (up, out) =
                up.fold((0, 0), |(up, out), row| (up + 1, out + usize::from(row.instance.damped)));
            demand(out * 2 <= up || out == 0, Invariant::DampingIsBounded, scene.now, || {
                format!("{out} of {up} instances of {} are kept out", view.name())
            })?;
        }
        Ok(())
    }
}
