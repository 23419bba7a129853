//! [`Restoring`]: from what a journal tells to a registry.

use std::time::Duration;

use lubdub_core::hearing::HearingConfig;
use lubdub_core::{Config, Moment, Registry, Restoration, Revision, WallTime};

use crate::condition::Restored;
use crate::journal::{Loaded, Part};

/// Takes what a journal tells, in parts, and makes a registry of it.
pub(crate) struct Restoring {
    config: Config,
    hearing: HearingConfig,
    began: WallTime,
    restoration: Restoration,
}

impl Restoring {
    /// Of nothing yet.
    pub(crate) fn new(config: Config, hearing: HearingConfig, began: WallTime) -> Self {
        let restoration = begin(&config, &hearing, began, None);
        Self { config, hearing, began, restoration }
    }

    pub(crate) fn take(&mut self, part: Part) {
        match part {
            Part::Begin { revision } => {
                self.restoration = begin(&self.config, &self.hearing, self.began, revision);
            }
            Part::Instances(instances) => {
                for instance in instances {
                    self.restoration.take(instance);
                }
            }
        }
    }

    /// All of the instances were told; `rest` is what else there was. Leases start now.
    pub(crate) fn end(self, now: Moment, rest: Loaded) -> (Registry, Option<Restored>) {
        let instances = self.restoration.taken();
        let last_heard = rest.alive.unwrap_or(now.wall);
        let outage = Duration::from_millis(now.wall.0.saturating_sub(last_heard.0));
        let mut registry = self.restoration.end(now, outage);
        registry.restore_history(rest.history);
        if instances == 0 && rest.damaged.is_none() {
            return (registry, None);
        }
        let services = registry.catalog().service_count();
        (registry, Some(Restored { instances, services, last_heard, outage, damaged: rest.damaged }))
    }
}

fn begin(
    config: &Config,
    hearing: &HearingConfig,
    began: WallTime,
    revision: Option<Revision>,
) -> Restoration {
    let start = Revision::start(revision.unwrap_or_default(), began);
    Restoration::into(Registry::new(config.clone(), hearing.clone(), start))
}
