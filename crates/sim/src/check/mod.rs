//! [`Checks`]: what must hold throughout, checked fact by fact.
//!
//! | module | what it follows |
//! | --- | --- |
//! | `leases` | who leaves, when, and for which silence |
//! | `guard` | who is held, and how that ends |
//! | `damping` | who is kept out, and for how long |
//! | `readers` | those who follow the feed, and those who poll deltas |
//! | `replay` | a second registry, and the disk |
//! | `sessions` | connections that close, and who is taken up again |

mod damping;
mod guard;
mod leases;
mod readers;
mod replay;
mod sessions;

use std::collections::BTreeMap;

use lubdub_core::model::InstanceKey;
use lubdub_core::{Change, Moment};

use crate::driver::TICK_BUDGET;
use crate::fact::Fact;
use crate::figures::Figures;
use crate::host::{Host, Provider};
use crate::plan::Plan;
use crate::server::Server;
use crate::time::Time;
use crate::truth::Truth;
use crate::violation::{Invariant, Violation, demand};

/// What a check may look at.
pub(crate) struct Scene<'a> {
    pub(crate) now: Time,
    pub(crate) plan: &'a Plan,
    pub(crate) hosts: &'a [Host],
    pub(crate) providers: &'a [Provider],
    pub(crate) keys: &'a BTreeMap<InstanceKey, usize>,
    pub(crate) server: &'a Server,
}

/// Everything that is checked.
#[derive(Debug)]
pub(crate) struct Checks {
    pub(crate) truth: Truth,
    leases: leases::Leases,
    guard: guard::Guard,
    damping: damping::Damping,
    readers: readers::Readers,
    replay: replay::Replay,
    sessions: sessions::Sessions,
    revision: lubdub_core::Revision,
}

impl Checks {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            truth: Truth::default(),
            leases: leases::Leases::default(),
            guard: guard::Guard::default(),
            damping: damping::Damping::default(),
            readers: readers::Readers::default(),
            replay: replay::Replay::new(plan),
            sessions: sessions::Sessions::default(),
            revision: lubdub_core::Revision::ZERO,
        }
    }

    /// Something happened.
    pub(crate) fn see(
        &mut self,
        fact: &Fact,
        scene: &Scene<'_>,
        figures: &mut Figures,
    ) -> Result<(), Violation> {
        match fact {
            Fact::Started { restored, outage, revision } => {
                demand(*revision >= self.revision, Invariant::RevisionsNeverFall, scene.now, || {
                    format!("a restart goes on from {revision}, {} was given out before", self.revision)
                })?;
                self.revision = *revision;
                self.truth.restart();
                self.guard.restart();
                self.damping.restart();
                self.sessions.restart();
                self.leases.restored(&mut self.truth, restored, *outage, scene);
                self.replay.started(restored, *outage, *revision, scene);
                self.readers.restarted();
            }
            Fact::Ended => figures.deaf_millis += self.truth.deaf_millis(scene.server.tick(scene.now)),
            Fact::Renewed { provider, at } => self.truth.renewed(*provider, *at),
            Fact::Unknown { provider } => self.damping.knocked(*provider),
            Fact::Released => self.guard.released_by_hand(),
            Fact::SessionOpened { .. }
            | Fact::SessionResumed { .. }
            | Fact::SessionHeard { .. }
            | Fact::SessionClosed { .. }
            | Fact::SessionOver { .. } => self.sessions.see(fact, &mut self.truth, scene)?,
            Fact::Refusal { provider, asked_at } => {
                if let Some(lease) = self.truth.leases.get_mut(provider)
                    && lease.beat < *asked_at
                {
                    lease.refused = true;
                }
            }
            Fact::Judged { now, heard_until, concluded, overdue } => {
                figures.most_concluded = figures.most_concluded.max(*concluded);
                demand(
                    concluded + overdue <= TICK_BUDGET + 64,
                    Invariant::ATickKeepsItsBudget,
                    scene.now,
                    || {
                        format!(
                            "{concluded} leases were concluded and {overdue} noticed in one tick of {TICK_BUDGET}"
                        )
                    },
                )?;
                self.sessions.judged(*heard_until);
                self.leases.judged(*heard_until, scene)?;
                self.guard.judged(*now, &self.truth, scene);
            }
            Fact::Applied { now, revision, changes, concluded } => {
                demand(*revision > self.revision, Invariant::RevisionsNeverFall, scene.now, || {
                    format!("{revision} was given out after {}", self.revision)
                })?;
                self.revision = *revision;
                self.guard.before(*now, changes, &self.truth, scene)?;
                for change in changes {
                    self.apply(*now, change, *concluded, scene, figures)?;
                }
                self.replay.applied(*now, *revision, changes);
            }
            Fact::Answered { promised, visible } => {
                demand(visible >= promised, Invariant::AnsweredMeansVisible, scene.now, || {
                    format!("an answer promised {promised}, readers see {visible}")
                })?;
            }
        }
        Ok(())
    }

    fn apply(
        &mut self,
        now: Moment,
        change: &Change,
        concluded: bool,
        scene: &Scene<'_>,
        figures: &mut Figures,
    ) -> Result<(), Violation> {
        let key = change.key();
        let provider = scene.keys.get(key).copied();
        let Some(provider) = provider else {
            return demand(false, Invariant::EachChangeHasAReason, scene.now, || format!("nobody is {key}"));
        };
        self.damping.changed(now, provider, change, &self.truth, scene, figures)?;
        self.guard.changed(now, provider, change, &self.truth, scene, figures)?;
        let (truth, sessions) = (&mut self.truth, &mut self.sessions);
        self.leases.changed(now, provider, change, concluded, truth, sessions, scene, figures)
    }

    /// Ten seconds passed.
    pub(crate) fn look(&mut self, scene: &Scene<'_>, figures: &mut Figures) -> Result<(), Violation> {
        self.truth.forget(scene.server.tick(scene.now));
        leases::Leases::look(&self.truth, scene)?;
        self.sessions.look(&self.truth, scene)?;
        self.damping.look(scene)?;
        self.readers.read(scene, figures)
    }

    /// A minute passed: everything is compared.
    pub(crate) fn compare(&mut self, scene: &Scene<'_>, figures: &mut Figures) -> Result<(), Violation> {
        figures.most_held_hosts = figures.most_held_hosts.max(self.truth.held_hosts());
        self.readers.compare(scene)?;
        self.replay.compare(scene)
    }

    /// The end, after everything was as it should be for a while.
    pub(crate) fn end(&mut self, scene: &Scene<'_>, figures: &mut Figures) -> Result<(), Violation> {
        figures.deaf_millis += self.truth.deaf_millis(scene.server.tick(scene.now));
        leases::Leases::end(&self.truth, scene)?;
        sessions::Sessions::end(scene)?;
        self.compare(scene, figures)
    }
}
