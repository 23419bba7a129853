//! The driver: the one thread that owns the registry.
//!
//! Each round: read what came in, then look at the time; publish; answer. Input before
//! time, so that what was sent in time counts however late the thread gets to run.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use lubdub_core::guard::Released;
use lubdub_core::hearing::Deaf;
use lubdub_core::lease::LeaseId;
use lubdub_core::model::ServiceName;
use lubdub_core::probe::Refused;
use lubdub_core::{Cause, Change, Command, Moment, Registry, Reject, Revision, Suspicion, Tick};
use tokio::sync::mpsc::UnboundedSender;

use crate::condition::{DeafSpan, JournalState};
use crate::input::{Input, ReleaseReply, Reply};
use crate::journal::pipeline::{Act, Disk, Pipeline};
use crate::journal::writer::Writer;
use crate::prober::Event;
use crate::sessions::SessionConnections;
use crate::shared::Shared;
use crate::tell;

pub(crate) struct Driver {
    pub(crate) registry: Registry,
    pub(crate) pipeline: Pipeline<Reply>,
    pub(crate) writer: Option<Writer>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) inputs: Receiver<Input>,
    pub(crate) beat_now: SyncSender<()>,
    /// Leases that are heard again, to be looked at in this round.
    pub(crate) returned: Vec<LeaseId>,
    /// Operators who let a scope go, to be answered in this round.
    pub(crate) released: Vec<(ReleaseReply, Result<Released, Reject>)>,
    /// Where sessions are told of what they lost.
    pub(crate) connections: SessionConnections,
    /// Who tries addresses, unless that is switched off.
    pub(crate) prober: Option<UnboundedSender<Event>>,
}

/// How many inputs one round takes in, so that answers do not wait for ever.
const INPUTS_A_ROUND: usize = 4096;
/// How many leases one tick judges: some twenty milliseconds where all of them leave, so that a mass expiry does not keep
/// commands waiting.
const TICK_BUDGET: usize = 2048;
/// The longest sleep: the last minute's counts are sampled at least this often.
const ROUND_AT_LEAST_EVERY: Duration = Duration::from_secs(1);
/// How long a stop waits for a journal that does not answer.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// What one round changed, to be published at its end.
#[derive(Default)]
pub(crate) struct Round {
    touched: Vec<ServiceName>,
    answers: Vec<Reply>,
}

impl Driver {
    pub(crate) fn run(mut self) {
        let mut stop_by: Option<Tick> = None;
        let mut sampled_at = Tick::START;
        let mut more = false;
        loop {
            let mut round = Round::default();
            if self.take_in(more) {
                let now = self.shared.clock.tick();
                stop_by.get_or_insert_with(|| now.after(STOP_PATIENCE));
            }
            more = self.look_at_the_time(&mut round);
            self.carry_out(&mut round);
            self.publish(round);
            let now = self.shared.clock.tick();
            if now.since(sampled_at) >= ROUND_AT_LEAST_EVERY {
                sampled_at = now;
                self.sample(now);
            }
            if let Some(deadline) = stop_by {
                let in_vain = !matches!(self.pipeline.disk(), Disk::Durable) || now >= deadline;
                if self.pipeline.is_settled() || in_vain {
                    break;
                }
            }
        }
        if let Some(writer) = self.writer.take() {
            // A writer that hangs in the disk is left behind: the process is about to end.
            if self.pipeline.is_settled() {
                writer.stop();
            }
        }
    }

    /// Waits for input, at most until something is due; takes in all that is there. Answers
    /// whether it is time to end.
    fn take_in(&mut self, more: bool) -> bool {
        let now = self.shared.clock.tick();
        let due = [self.registry.next_deadline(), self.pipeline.deadline()].into_iter().flatten().min();
        let sleep = due.map_or(ROUND_AT_LEAST_EVERY, |due| due.since(now)).min(ROUND_AT_LEAST_EVERY);
        let first = match self.inputs.recv_timeout(if more { Duration::ZERO } else { sleep }) {
            Ok(input) => input,
            Err(RecvTimeoutError::Timeout) => return false,
            Err(RecvTimeoutError::Disconnected) => return true,
        };
        let mut stop = self.accept(first);
        for _ in 1..INPUTS_A_ROUND {
            match self.inputs.try_recv() {
                Ok(input) => stop |= self.accept(input),
                Err(_) => break,
            }
        }
        stop
    }

    fn accept(&mut self, input: Input) -> bool {
        match input {
            Input::Command { command, sender, reply } => {
                self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
                let now = self.shared.clock.now();
                match self.registry.decide(now, &command, &sender) {
                    Ok(changes) => {
                        warn_of_concerns(&command, &changes);
                        self.registry.stage(&changes);
                        if let Command::EndSession { session } = command {
                            self.registry.session_over(session);
                        }
                        self.pipeline.decided(changes, reply);
                    }
                    // Whoever asked may have gone away; that changes nothing.
                    Err(reject) => drop(reply.send(Err(reject))),
                }
            }
            Input::Committed(outcome) => {
                let now = self.shared.clock.now();
                if let Err(error) = &outcome {
                    tracing::error!(%error, "the journal could not write; the registry goes on in memory");
                }
                if let Some(act) = self.pipeline.answered(now, outcome) {
                    let mut round = Round::default();
                    self.act(act, &mut round);
                    self.publish(round);
                }
            }
            Input::Returned(lease) => self.returned.push(lease),
            Input::ReleaseGuard { scope, sender, reply } => {
                // Answered when what follows is visible.
                self.released.push((reply, self.registry.release(&scope, &sender)));
            }
            Input::OwnBeat { ear, sent, arrived } => self.registry.hearing_mut().own_beat(ear, sent, arrived),
            Input::AddEar(answer) => {
                let now = self.shared.clock.tick();
                // Nobody waits only where the server gave up at once.
                let _ = answer.send(self.registry.hearing_mut().add_ear(now));
            }
            Input::Paused { from, to } => {
                tracing::warn!(
                    millis = to.millis_since(from),
                    "the process did not run; that time counts against nobody"
                );
                self.registry.hearing_mut().paused(from, to);
            }
            Input::ConnectionClosed(carried) => {
                for beat in carried {
                    // Whoever was heard of elsewhere since has another connection.
                    self.suspect(beat.lease, Suspicion::ConnectionClosed, |newest| newest <= beat.at);
                }
            }
            Input::Refused(Refused { lease, asked_at, address, suspicion }) => {
                let now = self.shared.clock.now();
                let changes = self.registry.refused(now.tick, lease, asked_at, address, suspicion);
                let mut round = Round::default();
                self.conclude(now, changes, &mut round);
                self.publish(round);
            }
            Input::Session(input) => self.session(input),
            Input::Stop => return true,
        }
        false
    }

    fn look_at_the_time(&mut self, round: &mut Round) -> bool {
        let now = self.shared.clock.now();
        let mut concluded = Vec::new();
        for lease in std::mem::take(&mut self.returned) {
            concluded.extend(self.registry.returned(now.tick, lease));
        }
        self.conclude(now, concluded, round);
        let ticked = self.registry.tick(now.tick, TICK_BUDGET);
        if ticked.wants_own_beat {
            // One wish is enough, and the pacer ends after the driver.
            let _ = self.beat_now.try_send(());
        }
        for lease in ticked.overdue {
            self.suspect(lease, Suspicion::BeatLate, |_| true);
        }
        self.conclude(now, ticked.changes, round);
        ticked.more
    }

    /// What the registry concluded itself is visible at once, and written with the next batch.
    pub(crate) fn conclude(&mut self, now: Moment, changes: Vec<Change>, round: &mut Round) {
        if !changes.is_empty() {
            let revision = self.registry.catalog().revision().next();
            self.make_true(revision, &changes, round);
            self.pipeline.concluded(now, revision, changes);
        }
    }

    /// Has an instance's address tried, if its last beat is as it should be for that.
    fn suspect(&self, lease: LeaseId, suspicion: Suspicion, holds: impl FnOnce(Tick) -> bool) {
        let Some(prober) = &self.prober else { return };
        if let Some(suspect) = self.registry.suspect(lease).filter(|suspect| holds(suspect.beat)) {
            // Without the prober, leases end when they are due.
            drop(prober.send(Event::Suspected { suspect, suspicion }));
        }
    }

    fn carry_out(&mut self, round: &mut Round) {
        loop {
            let now = self.shared.clock.now();
            let before = self.pipeline.disk().clone();
            let (registry, pipeline) = (&self.registry, &mut self.pipeline);
            let act = pipeline.next(now, registry.catalog().revision(), |key| {
                registry.catalog().listed(key).map(|listed| Arc::clone(&listed.instance))
            });
            if *self.pipeline.disk() != before {
                tracing::error!(disk = ?self.pipeline.disk(), "the journal does not answer; the registry goes on in memory");
            }
            match act {
                Some(act) => self.act(act, round),
                None => return,
            }
        }
    }

    fn act(&mut self, act: Act<Reply>, round: &mut Round) {
        match act {
            Act::Append(batch) => {
                self.writer.as_ref().expect("only a pipeline with a disk appends").append(batch);
            }
            Act::Publish { changes, replies } => {
                let revision = self.registry.catalog().revision().next();
                self.registry.unstage(&changes);
                self.make_true(revision, &changes, round);
                round.answers.extend(replies);
            }
        }
    }

    fn make_true(&mut self, revision: Revision, changes: &[Change], round: &mut Round) {
        if changes.is_empty() {
            return;
        }
        self.registry.apply(self.shared.clock.now(), revision, changes);
        for change in changes {
            self.shared.tally.change(change);
            tell::change(change, revision);
            self.tell_prober(change);
            round.touched.push(change.key().service().clone());
        }
    }

    /// Whose address may be tried, and what came of it.
    fn tell_prober(&self, change: &Change) {
        if matches!(change.cause(), Cause::Refused(_)) {
            self.shared.probes.eviction();
        }
        if let (Some(prober), Change::Registered { instance, cause }) = (&self.prober, change)
            && let Some(suspect) = self.registry.registrant(&instance.key)
        {
            let registrant = cause.sender().and_then(|sender| sender.address);
            drop(prober.send(Event::Registered { suspect, registrant }));
        }
    }

    /// Shows readers the new state, then wakes and answers: who was answered sees what it did.
    pub(crate) fn publish(&mut self, round: Round) {
        if !round.touched.is_empty() {
            self.shared.snapshot.store(Arc::new(self.registry.snapshot()));
            self.shared.waiters.wake(round.touched.iter());
        }
        if !round.touched.is_empty() || !self.released.is_empty() {
            self.tell_guard();
        }
        for (reply, released) in self.released.drain(..) {
            // Whoever asked may have gone away; that changes nothing.
            drop(reply.send(released));
        }
        self.tell_sessions();
        self.tell_condition();
        let revision = self.registry.catalog().revision();
        for reply in round.answers {
            drop(reply.send(Ok(revision)));
        }
    }

    fn tell_condition(&self) {
        let state = match self.pipeline.disk() {
            Disk::Absent => JournalState::Memory,
            Disk::Durable => JournalState::Durable,
            Disk::Unavailable { since, reason } => JournalState::Unavailable {
                since: *since,
                reason: reason.clone(),
                unwritten: self.pipeline.unwritten(),
            },
        };
        let mut condition = self.shared.condition.lock();
        if condition.journal != state {
            if state == JournalState::Durable {
                tracing::info!("the journal answers again; everything is written");
            }
            condition.journal = state;
        }
    }

    fn tell_guard(&mut self) {
        let guard = Arc::new(self.registry.guard_report(self.shared.clock.now()));
        tell::guard(&self.shared.guard.load(), &guard);
        self.shared.guard.store(guard);
    }

    fn tell_protections(&mut self) {
        self.tell_guard();
        let now = self.shared.clock.now();
        self.shared.damping.store(Arc::new(self.registry.damping_report(now)));
        let hour_ago = Tick(now.tick.0.saturating_sub(3_600_000));
        let recent = self.registry.hearing().intervals().filter(|deaf| deaf.to > hour_ago);
        let shown =
            |deaf: &Deaf| DeafSpan { from: now.wall_at(deaf.from.max(hour_ago)), to: now.wall_at(deaf.to) };
        self.shared.deaf.store(Arc::new(recent.map(shown).collect()));
    }

    fn sample(&mut self, now: Tick) {
        self.shared.tally.sample(now);
        self.tell_protections();
        let hour_ago = Tick(now.0.saturating_sub(3_600_000));
        let deaf = self.registry.hearing().deaf_between(hour_ago, now);
        self.shared.deaf_last_hour.store(deaf, Ordering::Relaxed);
        let ever = self.registry.hearing().deaf_between(Tick::START, now);
        self.shared.tally.deaf_millis.fetch_max(ever, Ordering::Relaxed);
    }
}

/// Tells the operator of leases that one lost beat ends; once for each instance that joins.
fn warn_of_concerns(command: &Command, changes: &[Change]) {
    if let Command::Register(asked) = command
        && changes.iter().any(|change| matches!(change.cause(), Cause::Joined(_)))
    {
        for concern in asked.checks.iter().filter_map(lubdub_core::CheckTerms::concern) {
            let (service, instance) = (asked.key.service().as_str(), asked.key.id());
            tracing::warn!(service, instance, "{concern}");
        }
    }
}
