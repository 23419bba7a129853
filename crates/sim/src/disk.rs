//! [`Disk`] and [`Pipeline`]: what is written when, and what waits for it.
//!
//! The pipeline behaves as the runtime's: one batch is committed while the next is filled;
//! what the registry concluded is visible at once and written with the next batch; a commit
//! that fails or takes too long is given up, the registry goes on in memory, and what changed
//! meanwhile is written when the disk answers again. The disk outlives the process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lubdub_core::model::{Instance, InstanceKey};
use lubdub_core::{Change, Revision, WallTime};

use crate::chance::Chance;
use crate::plan::DiskTerms;
use crate::time::{SECOND, Time};

/// What one commit writes: each instance as it is, or that it is gone.
pub(crate) type Writes = Vec<(InstanceKey, Option<Arc<Instance>>)>;

/// What outlives the registry's process.
#[derive(Debug)]
pub(crate) struct Disk {
    terms: DiskTerms,
    pub(crate) table: BTreeMap<InstanceKey, Arc<Instance>>,
    pub(crate) revision: Revision,
    pub(crate) alive: Option<WallTime>,
    stalled_until: Time,
    failing_until: Time,
    /// The commit that is under way, by its number.
    under_way: Option<(u64, Writes, Revision)>,
    commits: u64,
}

impl Disk {
    pub(crate) fn new(terms: DiskTerms) -> Self {
        Self {
            terms,
            table: BTreeMap::new(),
            revision: Revision::ZERO,
            alive: None,
            stalled_until: Time::default(),
            failing_until: Time::default(),
            under_way: None,
            commits: 0,
        }
    }

    pub(crate) fn terms(&self) -> &DiskTerms {
        &self.terms
    }

    pub(crate) fn stall(&mut self, until: Time) {
        self.stalled_until = self.stalled_until.max(until);
    }

    pub(crate) fn fail(&mut self, until: Time) {
        self.failing_until = self.failing_until.max(until);
    }

    /// Begins a commit; when it is answered, and by which number.
    pub(crate) fn begin(
        &mut self,
        now: Time,
        writes: Writes,
        revision: Revision,
        chance: &mut Chance,
    ) -> (Time, u64) {
        self.commits += 1;
        self.under_way = Some((self.commits, writes, revision));
        let takes = self.terms.least + chance.below(2 * self.terms.mean + 1);
        (now.max(self.stalled_until).plus(takes), self.commits)
    }

    /// A commit is answered: whether it succeeded; none for one of a process that is gone.
    pub(crate) fn end(&mut self, now: Time, number: u64) -> Option<bool> {
        let (_, writes, revision) = self.under_way.take_if(|(under_way, ..)| *under_way == number)?;
        if now < self.failing_until {
            return Some(false);
        }
        self.write(writes, revision);
        Some(true)
    }

    /// The process ends: what was under way is on disk wholly or not at all.
    pub(crate) fn process_ended(&mut self, chance: &mut Chance) {
        if let Some((_, writes, revision)) = self.under_way.take()
            && chance.happens(0.5)
        {
            self.write(writes, revision);
        }
    }

    fn write(&mut self, writes: Writes, revision: Revision) {
        for (key, instance) in writes {
            match instance {
                Some(instance) => drop(self.table.insert(key, instance)),
                None => drop(self.table.remove(&key)),
            }
        }
        self.revision = self.revision.max(revision);
    }
}

/// Who is answered when a command's changes are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A provider's request.
    Provider { provider: usize, process: u32, attempt: u32 },
    /// A message on a session.
    Session { host: usize, connection: u64, attempt: u32 },
    /// An operator.
    Operator,
}

/// Commands that were decided, with who waits for them.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) changes: Vec<Change>,
    pub(crate) replies: Vec<Reply>,
}

impl Group {
    fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.replies.is_empty()
    }
}

/// What the driver is to do.
#[derive(Debug)]
pub(crate) enum Act {
    Append(Writes, Revision),
    Publish(Group),
}

#[derive(Debug)]
enum Lane {
    Idle,
    Writing { group: Group, beside: Vec<Change>, since: Time },
    Mending { keys: Vec<InstanceKey> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Memory,
    Durable,
    Unavailable { retry_at: Time },
}

/// What waits for the disk.
#[derive(Debug)]
pub(crate) struct Pipeline {
    state: State,
    patience: u64,
    forming: Group,
    concluded: Vec<Change>,
    lane: Lane,
    dirty: BTreeSet<InstanceKey>,
}

impl Pipeline {
    pub(crate) fn new(terms: &DiskTerms) -> Self {
        Self {
            state: if terms.present { State::Durable } else { State::Memory },
            patience: terms.patience,
            forming: Group::default(),
            concluded: Vec::new(),
            lane: Lane::Idle,
            dirty: BTreeSet::new(),
        }
    }

    pub(crate) fn decided(&mut self, changes: Vec<Change>, reply: Reply) {
        self.forming.changes.extend(changes);
        self.forming.replies.push(reply);
    }

    pub(crate) fn concluded(&mut self, changes: &[Change]) {
        match self.state {
            State::Memory => {}
            State::Durable => self.concluded.extend(changes.iter().cloned()),
            State::Unavailable { .. } => self.mark_dirty(changes),
        }
    }

    /// The next thing to do, until there is none.
    pub(crate) fn next(
        &mut self,
        now: Time,
        revision: Revision,
        present: impl Fn(&InstanceKey) -> Option<Arc<Instance>>,
    ) -> Option<Act> {
        match self.state {
            State::Memory if self.forming.is_empty() => None,
            State::Memory => Some(Act::Publish(std::mem::take(&mut self.forming))),
            State::Durable => self.next_durable(now, revision),
            State::Unavailable { retry_at } => {
                if !self.forming.is_empty() {
                    let group = std::mem::take(&mut self.forming);
                    self.mark_dirty(&group.changes);
                    return Some(Act::Publish(group));
                }
                if !matches!(self.lane, Lane::Idle) || now < retry_at {
                    return None;
                }
                let keys: Vec<_> = std::mem::take(&mut self.dirty).into_iter().collect();
                let writes = keys.iter().map(|key| (key.clone(), present(key))).collect();
                self.lane = Lane::Mending { keys };
                Some(Act::Append(writes, revision))
            }
        }
    }

    fn next_durable(&mut self, now: Time, revision: Revision) -> Option<Act> {
        match &self.lane {
            Lane::Writing { since, .. } if now >= since.plus(self.patience) => {
                let lane = std::mem::replace(&mut self.lane, Lane::Mending { keys: Vec::new() });
                let Lane::Writing { group, beside, .. } = lane else { return None };
                self.lose_disk(now, &group, &beside);
                Some(Act::Publish(group))
            }
            Lane::Writing { .. } | Lane::Mending { .. } => None,
            Lane::Idle if self.forming.is_empty() && self.concluded.is_empty() => None,
            Lane::Idle if self.forming.changes.is_empty() && self.concluded.is_empty() => {
                Some(Act::Publish(std::mem::take(&mut self.forming)))
            }
            Lane::Idle => {
                let group = std::mem::take(&mut self.forming);
                let beside = std::mem::take(&mut self.concluded);
                let written = |change: &Change| (change.key().clone(), change.instance().cloned());
                let writes = beside.iter().chain(&group.changes).map(written).collect();
                self.lane = Lane::Writing { group, beside, since: now };
                Some(Act::Append(writes, revision.next()))
            }
        }
    }

    /// The disk answered for the batch that it was given last.
    pub(crate) fn answered(&mut self, now: Time, written: bool) -> Option<Act> {
        match std::mem::replace(&mut self.lane, Lane::Idle) {
            Lane::Idle => None,
            Lane::Writing { group, .. } if written => Some(Act::Publish(group)),
            Lane::Writing { group, beside, .. } => {
                self.lose_disk(now, &group, &beside);
                Some(Act::Publish(group))
            }
            Lane::Mending { .. } if written => {
                if self.dirty.is_empty() {
                    self.state = State::Durable;
                }
                None
            }
            Lane::Mending { keys } => {
                self.dirty.extend(keys);
                self.state = State::Unavailable { retry_at: now.plus(SECOND) };
                None
            }
        }
    }

    /// When there is something to do although nothing came in.
    pub(crate) fn deadline(&self) -> Option<Time> {
        match (&self.state, &self.lane) {
            (State::Durable, Lane::Writing { since, .. }) => Some(since.plus(self.patience)),
            (State::Unavailable { retry_at }, Lane::Idle) => Some(*retry_at),
            _ => None,
        }
    }

    /// Whether everything is on disk.
    pub(crate) fn is_settled(&self) -> bool {
        self.state == State::Durable
            && matches!(self.lane, Lane::Idle)
            && self.forming.is_empty()
            && self.concluded.is_empty()
    }

    /// Whether no command waits.
    pub(crate) fn nobody_waits(&self) -> bool {
        let writing = if let Lane::Writing { group, .. } = &self.lane { !group.is_empty() } else { false };
        self.forming.is_empty() && !writing
    }

    fn lose_disk(&mut self, now: Time, group: &Group, beside: &[Change]) {
        self.state = State::Unavailable { retry_at: now.plus(SECOND) };
        self.mark_dirty(&group.changes);
        self.mark_dirty(beside);
        let unwritten = std::mem::take(&mut self.concluded);
        self.mark_dirty(&unwritten);
    }

    fn mark_dirty(&mut self, changes: &[Change]) {
        self.dirty.extend(changes.iter().map(|change| change.key().clone()));
    }
}
