//! Two readers, as consumers are: one follows the feed, one polls deltas. Both must know what a
//! full look would tell.

use std::collections::BTreeMap;
use std::sync::Arc;

use lubdub_core::delta::Action;
use lubdub_core::feed::{Changes, Filter};
use lubdub_core::model::{Instance, InstanceKey, StatusCounts};
use lubdub_core::view::Catalog;
use lubdub_core::{Revision, Snapshot, Tick};

use super::Scene;
use crate::figures::Figures;
use crate::sabotage::Sabotage;
use crate::violation::{Invariant, Violation, demand};

type Known = BTreeMap<InstanceKey, Arc<Instance>>;

#[derive(Debug, Default)]
pub(super) struct Readers {
    watched: Known,
    since: Revision,
    polled: Known,
    /// None: a full look is due.
    polled_at: Option<Tick>,
}

/// A consumer polls this often, in milliseconds.
const POLL_EVERY: u64 = 30_000;
/// One that did not poll for so long looks at everything.
const TOO_LONG: u64 = 170_000;

impl Readers {
    /// A delta is of one run of the registry; its version tells a consumer.
    pub(super) fn restarted(&mut self) {
        self.polled_at = None;
    }

    pub(super) fn read(&mut self, scene: &Scene<'_>, figures: &mut Figures) -> Result<(), Violation> {
        let server = scene.server;
        if !server.is_up || server.paused_until > scene.now {
            return Ok(());
        }
        let snapshot = server.registry.snapshot();
        self.follow(&snapshot, server.sabotage, figures);
        let now = server.tick(scene.now);
        if self.polled_at.is_none_or(|at| now.millis_since(at) >= POLL_EVERY) {
            self.poll(&snapshot, now, server.sabotage);
            let mut counts = StatusCounts::default();
            self.polled.values().for_each(|instance| counts.add(instance.effective_status()));
            demand(counts == *snapshot.catalog.counts(), Invariant::ReadersAgree, scene.now, || {
                let truth = snapshot.catalog.counts();
                format!("who polls deltas counts {counts:?}, there are {truth:?}")
            })?;
        }
        Ok(())
    }

    fn follow(&mut self, snapshot: &Snapshot, sabotage: Option<Sabotage>, figures: &mut Figures) {
        loop {
            match snapshot.changes(self.since, &Filter::ALL) {
                Changes::Snapshot(catalog) => {
                    figures.full_looks += 1;
                    self.watched = everything(&catalog);
                    self.since = catalog.revision();
                }
                Changes::Since { changes, upto } => {
                    let skipped = usize::from(sabotage == Some(Sabotage::SkipFeedEntry));
                    for entry in changes.iter().skip(skipped) {
                        match entry.change.instance() {
                            Some(instance) => {
                                drop(self.watched.insert(instance.key.clone(), Arc::clone(instance)));
                            }
                            None => drop(self.watched.remove(entry.change.key())),
                        }
                    }
                    self.since = upto;
                }
            }
            if self.since >= snapshot.catalog.revision() {
                return;
            }
        }
    }

    fn poll(&mut self, snapshot: &Snapshot, now: Tick, sabotage: Option<Sabotage>) {
        if self.polled_at.is_none_or(|at| now.millis_since(at) > TOO_LONG) {
            self.polled = everything(&snapshot.catalog);
        } else {
            for entry in snapshot.catalog.delta().iter() {
                let instance = &entry.listed.instance;
                match entry.listed.action {
                    Action::Added | Action::Modified => {
                        drop(self.polled.insert(instance.key.clone(), Arc::clone(instance)));
                    }
                    Action::Deleted if sabotage == Some(Sabotage::LoseTombstone) => {}
                    Action::Deleted => drop(self.polled.remove(&instance.key)),
                }
            }
        }
        self.polled_at = Some(now);
    }

    /// Both, right after they read, against everything.
    pub(super) fn compare(&mut self, scene: &Scene<'_>) -> Result<(), Violation> {
        let server = scene.server;
        if !server.is_up || server.paused_until > scene.now {
            return Ok(());
        }
        let snapshot = server.registry.snapshot();
        self.follow(&snapshot, server.sabotage, &mut Figures::default());
        self.poll(&snapshot, server.tick(scene.now), server.sabotage);
        let truth = everything(&snapshot.catalog);
        for (who, known) in [("who follows the feed", &self.watched), ("who polls deltas", &self.polled)] {
            demand(same(known, &truth), Invariant::ReadersAgree, scene.now, || {
                let of = |known: &Known| known.len();
                format!("{who} knows {} instances, there are {}: not the same", of(known), of(&truth))
            })?;
        }
        Ok(())
    }
}

/// Whether both know the same, seen by what each points to where that is one.
pub(super) fn same(left: &Known, right: &Known) -> bool {
    let agree = |one: &Arc<Instance>, other: &Arc<Instance>| Arc::ptr_eq(one, other) || one == other;
    left.len() == right.len()
        && left.iter().zip(right).all(|((key, one), (same, other))| key == same && agree(one, other))
}

pub(super) fn everything(catalog: &Catalog) -> Known {
    let listed = catalog.services().flat_map(|view| view.iter());
    listed.map(|row| (row.instance.key.clone(), Arc::clone(&row.instance))).collect()
}
