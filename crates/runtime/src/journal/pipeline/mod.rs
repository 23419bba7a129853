//! [`Pipeline`]: which changes wait for the disk, and what happens when it does not answer.
//!
//! A pure state machine: time comes in, acts come out; the driver carries them out.
//!
//! | state | a command's changes | what the registry concluded | the disk |
//! | --- | --- | --- | --- |
//! | memory | published at once | published at once | there is none |
//! | durable | published when their batch is committed | published at once, written with the next batch | commits one batch while the next is filled |
//! | unavailable | published at once | published at once | is tried again; then gets the present state of every instance that changed meanwhile |
//!
//! Durable becomes unavailable when a commit fails or takes longer than the patience, and
//! durable again when all that changed meanwhile is written.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use lubdub_core::history::HistoryEntry;
use lubdub_core::model::{Instance, InstanceKey};
use lubdub_core::{Change, Moment, Revision, Tick, WallTime};

use super::batch::{Batch, JournalError, Write};

/// What the driver is to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Act<R> {
    /// Hand a batch to the writer. There is never a second before the first was answered.
    Append(Batch),
    /// Make staged changes the truth, then answer those who asked for them.
    Publish { changes: Vec<Change>, replies: Vec<R> },
}

/// Whether the disk answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Disk {
    /// There is none.
    Absent,
    /// It answers.
    Durable,
    /// It does not, since then and for this reason.
    Unavailable { since: WallTime, reason: String },
}

#[derive(Debug)]
pub(crate) struct Pipeline<R> {
    disk: Disk,
    patience: Duration,
    /// Decided and staged, not yet handed to the writer.
    forming: Group<R>,
    /// Concluded and published, not yet handed to the writer.
    concluded: Vec<Concluded>,
    lane: Lane<R>,
    /// What changed while the disk was unavailable.
    dirty: BTreeSet<InstanceKey>,
    retry_at: Tick,
}

type Concluded = (Revision, WallTime, Change);

#[derive(Debug)]
struct Group<R> {
    changes: Vec<Change>,
    replies: Vec<R>,
}

impl<R> Group<R> {
    fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.replies.is_empty()
    }

    fn take(&mut self) -> Self {
        std::mem::replace(self, Self { changes: Vec::new(), replies: Vec::new() })
    }
}

/// What the writer is at.
#[derive(Debug)]
enum Lane<R> {
    Idle,
    /// A batch of staged changes, and what was concluded beside them.
    Writing {
        group: Group<R>,
        beside: Vec<Concluded>,
        since: Tick,
    },
    /// The present state of instances that changed while the disk was unavailable; or a batch
    /// that was given up on.
    Mending {
        keys: Vec<InstanceKey>,
    },
}

/// How long to wait before a failed disk is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How many instances one mending batch writes, so that none takes long.
const MEND_AT_ONCE: usize = 4096;

impl<R> Pipeline<R> {
    /// Without a disk.
    pub(crate) fn memory() -> Self {
        Self::new(Disk::Absent, Duration::ZERO)
    }

    /// With one that may take this long for a commit.
    pub(crate) fn durable(patience: Duration) -> Self {
        Self::new(Disk::Durable, patience)
    }

    fn new(disk: Disk, patience: Duration) -> Self {
        Self {
            disk,
            patience,
            forming: Group { changes: Vec::new(), replies: Vec::new() },
            concluded: Vec::new(),
            lane: Lane::Idle,
            dirty: BTreeSet::new(),
            retry_at: Tick::START,
        }
    }

    /// A command was decided and its changes staged; `reply` is to be answered once they are
    /// published.
    pub(crate) fn decided(&mut self, changes: Vec<Change>, reply: R) {
        self.forming.changes.extend(changes);
        self.forming.replies.push(reply);
    }

    /// Something was concluded and published already.
    pub(crate) fn concluded(&mut self, now: Moment, revision: Revision, changes: Vec<Change>) {
        match self.disk {
            Disk::Absent => {}
            Disk::Durable => {
                self.concluded.extend(changes.into_iter().map(|change| (revision, now.wall, change)));
            }
            Disk::Unavailable { .. } => self.mark_dirty(&changes),
        }
    }

    /// The next thing to do, until there is none. `revision` is the last one given out;
    /// `present` tells an instance's published state.
    pub(crate) fn next(
        &mut self,
        now: Moment,
        revision: Revision,
        present: impl Fn(&InstanceKey) -> Option<Arc<Instance>>,
    ) -> Option<Act<R>> {
        match &self.disk {
            Disk::Absent if self.forming.is_empty() => None,
            Disk::Absent => Some(publish(self.forming.take())),
            Disk::Durable => self.next_durable(now, revision),
            Disk::Unavailable { .. } => self.next_unavailable(now, revision, present),
        }
    }

    fn next_durable(&mut self, now: Moment, revision: Revision) -> Option<Act<R>> {
        match &self.lane {
            Lane::Writing { since, .. } if now.tick >= since.after(self.patience) => {
                let Lane::Writing { group, beside, .. } =
                    std::mem::replace(&mut self.lane, Lane::Mending { keys: Vec::new() })
                else {
                    return None;
                };
                let reason = format!("a commit has taken longer than {:?}", self.patience);
                self.lose_disk(now, reason, &group, beside);
                Some(publish(group))
            }
            Lane::Writing { .. } | Lane::Mending { .. } => None,
            Lane::Idle if self.forming.is_empty() && self.concluded.is_empty() => None,
            // Nothing to write, and nothing before it that still is being written.
            Lane::Idle if self.forming.changes.is_empty() && self.concluded.is_empty() => {
                Some(publish(self.forming.take()))
            }
            Lane::Idle => {
                let group = self.forming.take();
                let beside = std::mem::take(&mut self.concluded);
                // One revision is kept for the group; what it is published with may be later.
                let sealed = revision.next();
                let mut writes = Vec::with_capacity(2 * (group.changes.len() + beside.len()));
                for (revision, at, change) in &beside {
                    push_writes(&mut writes, *revision, *at, change);
                }
                for change in &group.changes {
                    push_writes(&mut writes, sealed, now.wall, change);
                }
                self.lane = Lane::Writing { group, beside, since: now.tick };
                Some(Act::Append(Batch { revision: sealed, at: now.wall, writes }))
            }
        }
    }

    fn next_unavailable(
        &mut self,
        now: Moment,
        revision: Revision,
        present: impl Fn(&InstanceKey) -> Option<Arc<Instance>>,
    ) -> Option<Act<R>> {
        if !self.forming.is_empty() {
            let group = self.forming.take();
            self.mark_dirty(&group.changes);
            return Some(publish(group));
        }
        if !matches!(self.lane, Lane::Idle) || now.tick < self.retry_at {
            return None;
        }
        let keys: Vec<_> = self.dirty.iter().take(MEND_AT_ONCE).cloned().collect();
        for key in &keys {
            self.dirty.remove(key);
        }
        let writes = keys
            .iter()
            .map(|key| present(key).map_or_else(|| Write::Gone(key.clone()), Write::Instance))
            .collect();
        self.lane = Lane::Mending { keys };
        Some(Act::Append(Batch { revision, at: now.wall, writes }))
    }

    /// The writer answered for the batch that it was given last.
    pub(crate) fn answered(&mut self, now: Moment, outcome: Result<(), JournalError>) -> Option<Act<R>> {
        match (std::mem::replace(&mut self.lane, Lane::Idle), outcome) {
            (Lane::Idle, _) => None,
            (Lane::Writing { group, .. }, Ok(())) => Some(publish(group)),
            (Lane::Writing { group, beside, .. }, Err(error)) => {
                self.lose_disk(now, error.0, &group, beside);
                self.retry_at = now.tick.after(RETRY_AFTER);
                Some(publish(group))
            }
            (Lane::Mending { .. }, Ok(())) => {
                // A batch that was given up on is answered after all: all it held is dirty, so an
                // empty set means that nothing is missing.
                if self.dirty.is_empty() {
                    self.disk = Disk::Durable;
                }
                None
            }
            (Lane::Mending { keys }, Err(error)) => {
                self.dirty.extend(keys);
                self.retry_at = now.tick.after(RETRY_AFTER);
                if let Disk::Unavailable { reason, .. } = &mut self.disk {
                    *reason = error.0;
                }
                None
            }
        }
    }

    /// When [`next`](Self::next) has something to do although nothing came in.
    pub(crate) fn deadline(&self) -> Option<Tick> {
        match (&self.disk, &self.lane) {
            (Disk::Durable, Lane::Writing { since, .. }) => Some(since.after(self.patience)),
            (Disk::Unavailable { .. }, Lane::Idle) => Some(self.retry_at),
            _ => None,
        }
    }

    pub(crate) fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Whether everything that was decided or concluded is written.
    pub(crate) fn is_settled(&self) -> bool {
        self.forming.is_empty() && self.concluded.is_empty() && matches!(self.lane, Lane::Idle)
    }

    /// How many instances changed while the disk was unavailable.
    pub(crate) fn unwritten(&self) -> usize {
        let mending = if let Lane::Mending { keys } = &self.lane { keys.len() } else { 0 };
        self.dirty.len() + mending
    }

    fn lose_disk(&mut self, now: Moment, reason: String, group: &Group<R>, beside: Vec<Concluded>) {
        self.disk = Disk::Unavailable { since: now.wall, reason };
        self.mark_dirty(&group.changes);
        let unwritten: Vec<_> = beside
            .into_iter()
            .chain(std::mem::take(&mut self.concluded))
            .map(|(_, _, change)| change)
            .collect();
        self.mark_dirty(&unwritten);
    }

    fn mark_dirty(&mut self, changes: &[Change]) {
        self.dirty.extend(changes.iter().map(|change| change.key().clone()));
    }
}

fn publish<R>(group: Group<R>) -> Act<R> {
    Act::Publish { changes: group.changes, replies: group.replies }
}

fn push_writes(writes: &mut Vec<Write>, revision: Revision, at: WallTime, change: &Change) {
    let instance = change.instance();
    writes.push(match instance {
        Some(instance) => Write::Instance(Arc::clone(instance)),
        None => Write::Gone(change.key().clone()),
    });
    writes.push(Write::History(Box::new(HistoryEntry {
        revision,
        at,
        key: change.key().clone(),
        cause: change.cause().clone(),
        status: instance.map(|instance| instance.effective_status()),
        address: instance.map(|instance| instance.address.clone()),
    })));
}

#[cfg(test)]
mod tests;
