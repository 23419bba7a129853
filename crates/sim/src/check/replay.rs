//! A second registry that is told only what was applied, and the disk: both must hold what the
//! first one does.

use std::sync::Arc;
use std::time::Duration;

use lubdub_core::hearing::HearingConfig;
use lubdub_core::model::Instance;
use lubdub_core::{Change, Config, Moment, Registry, Revision};

use super::Scene;
use super::readers::{everything, same};
use crate::plan::Plan;
use crate::violation::{Invariant, Violation, demand};

#[derive(Debug)]
pub(super) struct Replay {
    config: Config,
    second: Registry,
}

impl Replay {
    pub(super) fn new(plan: &Plan) -> Self {
        let config = plan.config.clone();
        let second = Registry::new(config.clone(), HearingConfig::default(), Revision::ZERO);
        Self { config, second }
    }

    pub(super) fn started(
        &mut self,
        restored: &[Arc<Instance>],
        outage: Duration,
        at: Revision,
        scene: &Scene<'_>,
    ) {
        self.second = Registry::new(self.config.clone(), HearingConfig::default(), at);
        for instance in restored {
            self.second.restore(scene.server.moment(scene.now), Arc::clone(instance), outage);
        }
    }

    pub(super) fn applied(&mut self, now: Moment, revision: Revision, changes: &[Change]) {
        self.second.apply(now, revision, changes);
    }

    pub(super) fn compare(&self, scene: &Scene<'_>) -> Result<(), Violation> {
        let server = scene.server;
        if !server.is_up {
            return Ok(());
        }
        let live = everything(server.registry.catalog());
        let replayed = everything(self.second.catalog());
        let revisions = (server.registry.catalog().revision(), self.second.catalog().revision());
        let agree = same(&live, &replayed) && revisions.0 == revisions.1;
        demand(agree, Invariant::ReplayEqualsLive, scene.now, || {
            let (live, replayed) = (live.len(), replayed.len());
            format!("{live} instances are listed, {replayed} after a replay; revisions {revisions:?}")
        })?;
        if server.pipeline.is_settled() {
            let disk = &server.disk.table;
            demand(same(disk, &live), Invariant::TheDiskHoldsWhatIsTrue, scene.now, || {
                format!("{} instances are on disk, {} are listed: not the same", disk.len(), live.len())
            })?;
        }
        Ok(())
    }
}
