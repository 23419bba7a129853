//! [`Census`]: counts for which every instance must be looked at.
//!
//! A service that did not change since the last time is not counted again, so that a large
//! registry is not read through at every scrape.

use std::collections::BTreeMap;

use lubdub_core::Revision;
use lubdub_core::model::{CheckState, ServiceName};
use lubdub_core::view::{Catalog, ServiceView};

/// How many instances are how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Census {
    pub(super) passing: usize,
    pub(super) warning: usize,
    pub(super) critical: usize,
    /// Leases that are due and held by the guard.
    pub(super) held_leases: usize,
    /// Leases that are judged by what is learnt of their beats.
    pub(super) adaptive_leases: usize,
    /// Instances that damping keeps out.
    pub(super) damped: usize,
}

/// What was counted last, by service.
#[derive(Debug, Default)]
pub(super) struct Counted(BTreeMap<ServiceName, (Revision, Census)>);

impl Counted {
    /// Counts what changed, and adds up.
    pub(super) fn census(&mut self, catalog: &Catalog) -> Census {
        let mut sum = Census::default();
        let mut counted = BTreeMap::new();
        for view in catalog.services() {
            let known = self.0.get(view.name()).filter(|(modified, _)| *modified == view.modified());
            let census = known.map_or_else(|| count(view), |(_, census)| *census);
            sum.add(census);
            counted.insert(view.name().clone(), (view.modified(), census));
        }
        self.0 = counted;
        sum
    }
}

impl Census {
    fn add(&mut self, other: Self) {
        let Self { passing, warning, critical, held_leases, adaptive_leases, damped } = other;
        self.passing += passing;
        self.warning += warning;
        self.critical += critical;
        self.held_leases += held_leases;
        self.adaptive_leases += adaptive_leases;
        self.damped += damped;
    }
}

fn count(view: &ServiceView) -> Census {
    let mut census = Census::default();
    for listed in view.iter() {
        let instance = &listed.instance;
        match instance.health() {
            CheckState::Passing => census.passing += 1,
            CheckState::Warning => census.warning += 1,
            CheckState::Critical => census.critical += 1,
        }
        census.damped += usize::from(instance.damped);
        let adaptive = listed.leases.iter().filter(|lease| lease.terms().phi().is_some());
        census.adaptive_leases += adaptive.count();
        if instance.held {
            census.held_leases += listed.leases.iter().filter(|lease| lease.is_held()).count();
        }
    }
    census
}
