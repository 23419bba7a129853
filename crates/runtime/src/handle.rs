//! [`Handle`]: the only thing that crosses between faces and runtime.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::Duration;

use lubdub_core::damping::DampingReport;
use lubdub_core::feed::{Changes, Filter};
use lubdub_core::guard::{GuardReport, Released, Scope};
use lubdub_core::history::HistoryEntry;
use lubdub_core::lease::{LeaseRef, Renewal};
use lubdub_core::model::{Generation, InstanceKey};
use lubdub_core::view::{Catalog, ServiceView};
use lubdub_core::{Command, Moment, Reject, Revision, Sender, Snapshot, Tick};
use tokio::sync::oneshot;

use crate::condition::{Condition, DeafSpan};
use crate::counters::Counters;
use crate::input::Input;
use crate::prober::{CarriedBeat, ProbeCounters};
use crate::shared::Shared;

/// The registry, to everybody but its driver: cheap to clone, usable from any thread.
///
/// Faces hold no state beside it.
#[derive(Debug, Clone)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
    pub(crate) inputs: mpsc::Sender<Input>,
}

impl Handle {
    /// A beat for a lease: reads the clock, finds the lease and stamps it with one
    /// compare-and-swap. Takes no exclusive lock, allocates nothing, never waits. (The first
    /// beat after a silence, and each of an adaptive lease, is also told to the driver, which allocates.)
    pub fn renew(&self, lease: LeaseRef<'_>, generation: Option<Generation>) -> Renewal {
        let outcome = self.shared.leases.renew(self.shared.clock.tick(), lease, generation);
        self.shared.tally.renewal(outcome);
        if let Renewal::Renewed { lease, returned: true, .. } = outcome {
            // The driver is gone only when the process is about to end.
            drop(self.inputs.send(Input::Returned(lease)));
        }
        outcome
    }

    /// Asks for a change. Answers when it is durable (or, while the disk is unavailable, in
    /// memory) and visible to the next read.
    ///
    /// # Errors
    ///
    /// Why it was not carried out; then nothing changed. [`Reject::Busy`] where too many
    /// commands wait.
    ///
    /// # Cancel safety
    ///
    /// Once polled, the command is carried out even if this future is dropped.
    pub async fn submit(&self, command: Command, sender: Sender) -> Result<Revision, Reject> {
        let answer = self.ask(command, sender)?;
        answer.await.unwrap_or(Err(Reject::Stopping))
    }

    /// Puts a command into the driver's queue, at once; answered when it is carried out.
    pub(crate) fn ask(
        &self,
        command: Command,
        sender: Sender,
    ) -> Result<oneshot::Receiver<Result<Revision, Reject>>, Reject> {
        let shared = &self.shared;
        if shared.stopping.load(Ordering::Relaxed) {
            return Err(Reject::Stopping);
        }
        if shared.waiting.fetch_add(1, Ordering::Relaxed) >= shared.most_waiting {
            shared.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Reject::Busy);
        }
        let (reply, answer) = oneshot::channel();
        if self.inputs.send(Input::Command { command, sender, reply }).is_err() {
            shared.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Reject::Stopping);
        }
        Ok(answer)
    }

    /// The whole registry at one revision.
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.shared.snapshot.load().catalog)
    }

    /// A service by name, in any case; none if it has no instance.
    pub fn view(&self, service: &str) -> Option<Arc<ServiceView>> {
        self.shared.snapshot.load().catalog.service(service).cloned()
    }

    /// What a watcher at `since` has missed.
    pub fn changes(&self, since: Revision, filter: &Filter) -> Changes {
        self.shared.snapshot.load().changes(since, filter)
    }

    /// Waits until there is something after `since` that the filter passes; answers the
    /// revision up to which there is. At once where there is already, or where `since` is not
    /// held any more.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: a watcher holds its revision, and asks again with it.
    pub async fn changed(&self, since: Revision, filter: &Filter) -> Revision {
        let place = self.shared.waiters.place(filter);
        let mut bell = std::pin::pin!(place.bell().notified());
        // Listens before it looks, so that a change in between is not missed.
        bell.as_mut().enable();
        match self.changes(since, filter) {
            Changes::Snapshot(catalog) => catalog.revision(),
            Changes::Since { changes, upto } if !changes.is_empty() => upto,
            Changes::Since { .. } => {
                bell.await;
                self.shared.snapshot.load().catalog.revision()
            }
        }
    }

    /// What happened to an instance, oldest first, as far back as the history goes; also for
    /// one that left.
    pub fn history(&self, key: &InstanceKey) -> Vec<HistoryEntry> {
        self.shared.snapshot.load().history.of(key)
    }

    /// Everything that readers read, all of one revision.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.snapshot.load_full()
    }

    /// The time by which leases are judged; cheaper than [`now`](Self::now).
    pub fn tick(&self) -> Tick {
        self.shared.clock.tick()
    }

    /// The time by which leases are judged, and for display.
    pub fn now(&self) -> Moment {
        self.shared.clock.now()
    }

    /// How the registry itself is.
    pub fn condition(&self) -> Condition {
        let deaf = Duration::from_millis(self.shared.deaf_last_hour.load(Ordering::Relaxed));
        Condition { deaf_last_hour: deaf, ..self.shared.condition.lock().clone() }
    }

    /// What the guard does and why; at most a second old.
    pub fn guard(&self) -> Arc<GuardReport> {
        self.shared.guard.load_full()
    }

    /// An operator lets go what the guard holds in a scope: it leaves at once, and what comes due
    /// there is not held until the scope is quiet again.
    ///
    /// # Errors
    ///
    /// [`Reject::NothingToRelease`] where the guard does not hold the scope.
    pub async fn release_guard(&self, scope: Scope, sender: Sender) -> Result<Released, Reject> {
        let (reply, answer) = oneshot::channel();
        if self.inputs.send(Input::ReleaseGuard { scope, sender, reply }).is_err() {
            return Err(Reject::Stopping);
        }
        answer.await.unwrap_or(Err(Reject::Stopping))
    }

    /// Every instance with a penalty, ordered by service and id; at most a second old.
    pub fn damping(&self) -> Arc<Vec<DampingReport>> {
        self.shared.damping.load_full()
    }

    /// When the registry could not hear in the last hour, the newest last; at most a second old.
    pub fn deaf(&self) -> Arc<Vec<DeafSpan>> {
        self.shared.deaf.load_full()
    }

    /// What happened since the start.
    pub fn counters(&self) -> Counters {
        self.shared.tally.read()
    }

    /// A client's connection closed that had carried these beats: each lease that was heard of
    /// through no other since is suspected, and its address tried. Not for connections that the
    /// server closed, or that many instances share.
    pub fn connection_closed(&self, carried: Vec<CarriedBeat>) {
        if self.shared.probing && !carried.is_empty() {
            // Without a driver there is nobody to suspect.
            drop(self.inputs.send(Input::ConnectionClosed(carried)));
        }
    }

    /// What came of trying addresses since the start.
    pub fn probes(&self) -> ProbeCounters {
        self.shared.probes.read()
    }

    /// An own beat arrived: `token` says through which listener, `sent` when it was sent.
    /// Answers whether the token is one of ours.
    pub fn own_beat(&self, token: &str, sent: Tick) -> bool {
        let Some(ear) = self.shared.ears.by_token(token) else { return false };
        let arrived = self.shared.clock.tick();
        self.shared.tally.own_beats.fetch_add(1, Ordering::Relaxed);
        self.inputs.send(Input::OwnBeat { ear, sent, arrived }).is_ok()
    }
}
