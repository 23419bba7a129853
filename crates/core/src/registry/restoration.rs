//! [`Restoration`]: takes the instances of an earlier run in the order of their keys.
//!
//! What comes in order is not looked for: the end of the lists is where it belongs. What does
//! not is restored one by one, when the rest is in its place.

use std::sync::Arc;
use std::time::Duration;

use super::apply::{first_look, grace_after, parts};
use super::state::Registry;
use crate::delta::Action;
use crate::lease::{Lease, LeaseParts};
use crate::model::{Instance, Profile};
use crate::tick::{Moment, Tick};
use crate::view::{Gathering, Listed};

/// Takes the instances of an earlier run, and ends as the same registry as one to which each was
/// given by [`Registry::restore`]; much faster where they come ordered by service, id and node.
///
/// All leases start when it is over: the time that it takes counts against nobody.
#[derive(Debug)]
pub struct Restoration {
    registry: Registry,
    gathering: Gathering,
    /// The profile that came last, as it was given and as it is kept.
    profile: Option<(Arc<Profile>, Arc<Profile>)>,
    /// What is restored one by one.
    strays: Vec<Arc<Instance>>,
    taken: usize,
}

impl Restoration {
    /// Into a registry that nobody has yet; into one that lists anything already, one by one.
    pub fn into(registry: Registry) -> Self {
        let gathering = Gathering::new(&registry.catalog);
        Self { registry, gathering, profile: None, strays: Vec::new(), taken: 0 }
    }

    /// How many instances were taken.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Takes an instance.
    pub fn take(&mut self, mut instance: Instance) {
        self.taken += 1;
        if !self.gathering.is_next(&instance.key) || self.registry.catalog.service_count() > 0 {
            self.strays.push(Arc::new(instance));
            return;
        }
        instance.profile = self.shared(instance.profile);
        let service = self.gathering.spelling(instance.key.service());
        if !service.is_same(instance.key.service()) {
            instance.key = instance.key.spelled(service);
        }
        let prepare = |check| {
            let lease = self.registry.leases.prepare(|id| {
                let parts = LeaseParts { unconfirmed: true, ..parts(id, &instance, check) };
                Lease::new(parts, Tick::START, None)
            });
            if instance.ask_again {
                lease.cell().set_refused(true);
            }
            lease
        };
        let leases = instance.checks.iter().map(prepare).collect();
        let modified = self.registry.catalog.revision();
        self.gathering.push(Listed { instance: Arc::new(instance), leases, modified, action: Action::Added });
    }

    /// All were taken. Their leases start now, as [`Registry::restore`] says.
    pub fn end(self, now: Moment, outage: Duration) -> Registry {
        let Self { mut registry, gathering, strays, .. } = self;
        if !gathering.is_empty() {
            let adaptive = &registry.config.adaptive;
            registry.leases.begin(|lease| {
                let (first, grace) =
                    (adaptive.allowed_at_first(lease.terms()), grace_after(outage, lease.terms()));
                lease.postpone(now.tick, first.saturating_add(grace));
                first_look(now.tick, lease.terms())
            });
            gathering.put_into(&mut registry.catalog);
        }
        for stray in strays {
            registry.restore(now, stray, outage);
        }
        registry
    }

    /// The one of all profiles that are equal to this one. Mostly it is that of the instance
    /// before, which needs no look-up.
    fn shared(&mut self, given: Arc<Profile>) -> Arc<Profile> {
        if let Some((last, kept)) = &self.profile
            && Arc::ptr_eq(last, &given)
        {
            return Arc::clone(kept);
        }
        let kept = self.registry.profiles.known_or(&given);
        self.registry.profiles.note(&kept);
        self.profile = Some((given, Arc::clone(&kept)));
        kept
    }
}
