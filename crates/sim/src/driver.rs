//! The driver's rounds, as the runtime makes them: read what came in, then look at the time; what
//! is concluded is true at once, what was commanded when it is on disk; publish; answer.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use lubdub_core::model::{Instance, Profile};
use lubdub_core::{Cause, Change, Command, GuardWord, Revision, Silence, Suspicion, Tick};

use crate::client::Outcome;
use crate::disk::{Act, Group, Reply};
use crate::fact::Fact;
use crate::sabotage::Sabotage;
use crate::server::{Effect, Input, Later, Server};
use crate::tally::Tally;
use crate::time::{MILLI, SECOND, Time};

/// How many leases one tick judges.
pub(crate) const TICK_BUDGET: usize = 2_048;
/// What a tick that spent its budget takes.
const SPENT_TICK: u64 = 20 * MILLI;

impl Server {
    /// One round of the driver.
    pub(crate) fn round(&mut self, now: Time, tally: &mut Tally) {
        self.round_at = None;
        let mut returned = Vec::new();
        for input in std::mem::take(&mut self.inputs) {
            match input {
                Input::Returned(lease) => returned.push(lease),
                input => self.accept(now, input, tally),
            }
        }
        let tick = self.tick(now);
        for lease in returned {
            let changes = self.registry.returned(tick, lease);
            self.conclude(now, changes);
        }
        let more = self.look_at_the_time(now, tally);
        self.carry_out(now);
        self.forget_sessions();
        if self.pipeline.is_settled() && self.pipeline.nobody_waits() {
            self.disk.alive = Some(self.moment(now).wall);
        }
        let due = self.registry.next_deadline().map(|tick| self.time_of(tick));
        let stale = self.stale.iter().map(|(tick, _)| self.time_of(*tick)).min();
        let next = [due, stale, self.pipeline.deadline(), Some(now.plus(SECOND))];
        let next = next.into_iter().flatten().min().unwrap_or(now);
        self.round_by(if more { now.plus(SPENT_TICK) } else { next.max(now.plus(MILLI)) });
    }

    fn accept(&mut self, now: Time, input: Input, tally: &mut Tally) {
        let moment = self.moment(now);
        match input {
            Input::OwnBeat { sent, arrived } => {
                let ear = self.ear();
                self.registry.hearing_mut().own_beat(ear, sent, arrived);
            }
            Input::Paused { from, to } => {
                tally.count("pause noticed");
                if self.sabotage != Some(Sabotage::ForgetExcuse) {
                    self.registry.hearing_mut().paused(from, to);
                }
            }
            Input::Command { command, reply } => {
                let command = self.sabotaged(command);
                match self.registry.decide(moment, &command, &Self::sender()) {
                    Ok(changes) => {
                        self.registry.stage(&changes);
                        if let Command::EndSession { session } = command {
                            self.registry.session_over(session);
                        }
                        self.pipeline.decided(changes, reply);
                        if self.sabotage == Some(Sabotage::AnswerEarly) {
                            self.tell_answer(self.registry.catalog().revision().next());
                        }
                    }
                    Err(_) => self.effects.push(Effect::Answer(reply, Outcome::Unknown)),
                }
            }
            Input::Committed(written) => {
                if let Some(act) = self.pipeline.answered(now, written) {
                    self.act(now, act);
                }
            }
            Input::Refused { lease, asked_at } => {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
                let why = Suspicion::ConnectionClosed;
                let changes = self.registry.refused(moment.tick, lease, asked_at, address, why);
                self.conclude(now, changes);
            }
            Input::Release(scope) => {
                if self.registry.release(&scope, &Self::sender()).is_ok() {
                    tally.count("guard let go by hand");
                }
                self.facts.push(Fact::Released);
            }
            Input::Declare { connection, host, token, terms, reply } => {
                self.declare(now, (connection, host), token, terms, reply);
            }
            Input::SessionReturned(session) => {
                let changes = self.registry.session_returned(moment.tick, session);
                self.conclude(now, changes);
            }
            Input::SessionEnded { attached, by_registry } => self.end_session(now, &attached, by_registry),
            Input::Returned(_) => {}
        }
    }

    fn look_at_the_time(&mut self, now: Time, tally: &mut Tally) -> bool {
        let tick = self.tick(now);
        if self.sabotage == Some(Sabotage::JudgeWithoutProof) {
            let ear = self.ear();
            self.registry.hearing_mut().own_beat(ear, tick, tick);
        }
        let budget = if self.sabotage == Some(Sabotage::IgnoreBudget) { usize::MAX } else { TICK_BUDGET };
        let ticked = self.registry.tick(tick, budget);
        let heard_until = self.registry.hearing().heard_until(tick);
        let (concluded, overdue) = (ticked.changes.len(), ticked.overdue.len());
        if self.sabotage == Some(Sabotage::JudgeAStaleBeat) {
            self.judge_stale_beats(now, &ticked.overdue);
        }
        self.facts.push(Fact::Judged { now: tick, heard_until, concluded, overdue });
        if ticked.wants_own_beat {
            tally.count("own beat wanted");
            self.want_own_beat(now);
        }
        self.conclude(now, ticked.changes);
        ticked.more
    }

    pub(crate) fn conclude(&mut self, now: Time, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        if self.sabotage != Some(Sabotage::ForgetToWrite) {
            self.pipeline.concluded(&changes);
        }
        let revision = self.registry.catalog().revision().next();
        self.make_true(now, revision, changes, true);
    }

    fn make_true(&mut self, now: Time, revision: Revision, changes: Vec<Change>, concluded: bool) {
        if changes.is_empty() {
            return;
        }
        let now = self.moment(now);
        self.registry.apply(now, revision, &changes);
        if self.sabotage == Some(Sabotage::ChangeInSecret) && concluded {
            let first = self.registry.catalog().services().next().and_then(|view| view.iter().next());
            if let Some(mut instance) = first.map(|row| Instance::clone(&row.instance)) {
                instance.profile = Arc::new(Profile { weight: Some(7), ..Profile::clone(&instance.profile) });
                let (instance, cause) = (Arc::new(instance), Cause::MetadataAdded(Self::sender()));
                self.registry.apply(now, revision, &[Change::Updated { instance, cause }]);
            }
        }
        self.facts.push(Fact::Applied { now, revision, changes, concluded });
    }

    fn carry_out(&mut self, now: Time) {
        loop {
            let (registry, pipeline) = (&self.registry, &mut self.pipeline);
            let revision = registry.catalog().revision();
            let present = |key: &_| registry.catalog().listed(key).map(|listed| Arc::clone(&listed.instance));
            match pipeline.next(now, revision, present) {
                Some(act) => self.act(now, act),
                None => return,
            }
        }
    }

    fn act(&mut self, now: Time, act: Act) {
        match act {
            Act::Append(writes, revision) => {
                let (at, number) = self.disk.begin(now, writes, revision, &mut self.chance);
                self.later(at, Later::Committed(number));
            }
            Act::Publish(Group { changes, replies }) => {
                let revision = self.registry.catalog().revision().next();
                self.registry.unstage(&changes);
                let promised = if changes.is_empty() { self.registry.catalog().revision() } else { revision };
                self.make_true(now, revision, changes, false);
                self.tell_answer(promised);
                self.effects.extend(replies.into_iter().map(|reply| Effect::Answer(reply, Outcome::Done)));
            }
        }
    }

    fn tell_answer(&mut self, promised: Revision) {
        let visible = self.registry.snapshot().catalog.revision();
        self.facts.push(Fact::Answered { promised, visible });
    }

    /// A command as it is decided, where the registry counts instances instead of hosts.
    fn sabotaged(&self, command: Command) -> Command {
        match command {
            Command::Register(mut asked) if self.sabotage == Some(Sabotage::CountInstances) => {
                asked.address.host = asked.key.id().into();
                Command::Register(asked)
            }
            command => command,
        }
    }

    /// Ends leases that were overdue once, whatever came since.
    fn judge_stale_beats(&mut self, now: Time, overdue: &[lubdub_core::lease::LeaseId]) {
        let tick = self.tick(now);
        for lease in overdue {
            let Some(suspect) = self.registry.suspect(*lease) else { continue };
            let terms = suspect.lease.terms();
            let lease = suspect.lease;
            let due = suspect.beat.after(terms.ttl());
            let silence = Silence {
                check: lease.check().clone(),
                ttl: due.millis_since(suspect.beat),
                interval: Tick::START.after(terms.interval()).0,
                silent: due.millis_since(suspect.beat),
                excused: 0,
                intervals: Vec::new(),
                unconfirmed: false,
                learnt: None,
                guard: GuardWord::Off,
            };
            let cause = Cause::Expired(silence.into());
            let key = lease.key().clone();
            self.stale.push((due, Change::Removed { key, generation: lease.generation(), cause }));
        }
        let (due, waiting) = std::mem::take(&mut self.stale).into_iter().partition(|(due, _)| *due <= tick);
        self.stale = waiting;
        let due: Vec<(Tick, Change)> = due;
        self.conclude(now, due.into_iter().map(|(_, change)| change).collect());
    }
}

/// Whether a reply is for a provider.
impl Reply {
    pub(crate) fn provider(self) -> Option<(usize, u32, u32)> {
        match self {
            Self::Provider { provider, process, attempt } => Some((provider, process, attempt)),
            Self::Session { .. } | Self::Operator => None,
        }
    }
}
