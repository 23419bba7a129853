//! [`Server`]: the registry's process: its clocks, its queue of unread requests, its workers, its
//! pacer. What it does with the registry is in `driver`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use lubdub_core::hearing::{Ear, HearingConfig};
use lubdub_core::lease::{LeaseId, LeaseRef, Renewal};
use lubdub_core::model::{Instance, InstanceKey, LeaseTerms, SessionId};
use lubdub_core::session::SessionTerms;
use lubdub_core::{Attached, Change, Command, Config, Moment, Registry, Revision, Sender, Tick, WallTime};

use crate::chance::{Chance, Concern};
use crate::client::Outcome;
use crate::connections::{Connections, Message};
use crate::disk::{Disk, Pipeline, Reply};
use crate::fact::Fact;
use crate::plan::Plan;
use crate::sabotage::Sabotage;
use crate::tally::Tally;
use crate::time::{MILLI, SECOND, Time};

/// A request that arrived and is not read yet.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) arrived: Time,
    pub(crate) what: Request,
}

/// What a request asks.
#[derive(Debug, Clone)]
pub(crate) enum Request {
    OwnBeat { sent: Tick },
    Renew { key: InstanceKey, reply: Reply, provider: usize, dirty: Option<u64> },
    Command { command: Command, reply: Reply },
    Said(Message),
    Closed { connection: u64, host: usize },
}

/// What comes in to the driver.
#[derive(Debug)]
pub(crate) enum Input {
    OwnBeat { sent: Tick, arrived: Tick },
    Paused { from: Tick, to: Tick },
    Returned(LeaseId),
    Command { command: Command, reply: Reply },
    Refused { lease: LeaseId, asked_at: Tick },
    Declare { connection: u64, host: usize, token: Option<u64>, terms: SessionTerms, reply: Reply },
    SessionReturned(SessionId),
    SessionEnded { attached: Attached, by_registry: bool },
    Release(lubdub_core::guard::Scope),
    Committed(bool),
}

/// Something of the process that happens later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Later {
    Serve,
    Round,
    Pace,
    PaceNow,
    Committed(u64),
    GoOn,
    /// Perhaps nothing came on a connection for its session's timeout.
    Silence(u64),
}

/// What the process asks of the world.
#[derive(Debug)]
pub(crate) enum Effect {
    Later(Time, Later),
    Answer(Reply, Outcome),
    /// A connection ends, by the process's own doing.
    Broken {
        connection: u64,
        host: usize,
    },
}

/// The registry's process, and the machine that it runs on.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) run: u32,
    pub(crate) is_up: bool,
    pub(crate) registry: Registry,
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) config: Config,
    pub(crate) disk: Disk,
    pub(crate) pipeline: Pipeline,
    pub(crate) connections: Connections,
    pub(crate) queue: VecDeque<Waiting>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) chance: Chance,
    pub(crate) paused_until: Time,
    pub(crate) deaf_until: Time,
    pub(crate) round_at: Option<Time>,
    pub(crate) stale: Vec<(Tick, Change)>,
    started: Time,
    skew: i64,
    wall_offset: i64,
    ear: Ear,
    backlog: usize,
    is_serving: bool,
    own_beat_unread: Option<Time>,
    paced_at: Time,
    last_own_beat: Time,
}

/// Where the world begins on the wall: 2026-01-01.
const EPOCH: u64 = 1_767_225_600_000;
/// An own beat is sent so often;
const BEAT_EVERY: u64 = 100 * MILLI;
/// one that is not answered in this time is given up;
const BEAT_TIMEOUT: u64 = 2 * SECOND;
/// sleeping longer than asked by this much is a pause of the process.
const PAUSE: u64 = 250 * MILLI;
/// How many requests workers read before anything else happens.
const SERVED_AT_ONCE: usize = 32;

impl Server {
    pub(crate) fn new(seed: u64, plan: &Plan, sabotage: Option<Sabotage>) -> Self {
        let config = sabotaged(plan.config.clone(), sabotage);
        let mut registry = Registry::new(config.clone(), hearing(sabotage), Revision::ZERO);
        let ear = registry.hearing_mut().add_ear(Tick::START);
        Self {
            run: 0,
            is_up: false,
            registry,
            sabotage,
            config,
            disk: Disk::new(plan.disk.clone()),
            pipeline: Pipeline::new(&plan.disk),
            connections: Connections::default(),
            queue: VecDeque::new(),
            inputs: Vec::new(),
            effects: Vec::new(),
            facts: Vec::new(),
            chance: Chance::of(seed, Concern::Registry),
            paused_until: Time::default(),
            deaf_until: Time::default(),
            round_at: None,
            stale: Vec::new(),
            started: Time::default(),
            skew: 0,
            wall_offset: 0,
            ear,
            backlog: plan.backlog,
            is_serving: false,
            own_beat_unread: None,
            paced_at: Time::default(),
            last_own_beat: Time::default(),
        }
    }

    /// The process starts, with what the disk holds.
    pub(crate) fn start(&mut self, now: Time) {
        self.run += 1;
        self.is_up = true;
        self.started = now;
        // A clock that is wrong by up to 200 in a million, in either direction.
        self.skew = i64::try_from(self.chance.below(401)).unwrap_or(0) - 200;
        let moment = self.moment(now);
        let start = match self.sabotage {
            Some(Sabotage::FallBack) => Revision::start(Revision::ZERO, moment.wall),
            _ => Revision::start(self.disk.revision, moment.wall),
        };
        self.registry = Registry::new(self.config.clone(), hearing(self.sabotage), start);
        // A process that cannot note where it begins does not start.
        self.disk.revision = self.disk.revision.max(start);
        self.pipeline = Pipeline::new(self.disk.terms());
        let down = self.disk.alive.map_or(0, |alive| moment.wall.0.saturating_sub(alive.0));
        let outage = Duration::from_millis(down);
        for instance in self.disk.table.values_mut() {
            without_session(instance);
        }
        let restored: Vec<_> = self.disk.table.values().cloned().collect();
        for instance in &restored {
            self.registry.restore(moment, Arc::clone(instance), outage);
        }
        self.ear = self.registry.hearing_mut().add_ear(moment.tick);
        (self.paced_at, self.last_own_beat, self.own_beat_unread) = (now, now, None);
        self.facts.push(Fact::Started { restored, outage, revision: start });
        self.later(now.plus(BEAT_EVERY), Later::Pace);
        self.wake(now);
    }

    /// The process ends at once.
    pub(crate) fn end(&mut self) {
        self.is_up = false;
        self.disk.process_ended(&mut self.chance);
        for (connection, host) in self.connections.end() {
            self.effects.push(Effect::Broken { connection, host });
        }
        self.queue.clear();
        self.inputs.clear();
        self.stale.clear();
        (self.is_serving, self.round_at) = (false, None);
        self.facts.push(Fact::Ended);
    }

    /// What the clock of this process says.
    pub(crate) fn tick(&self, now: Time) -> Tick {
        let micros = i128::from(now.since(self.started)) * i128::from(1_000_000 + self.skew) / 1_000_000;
        Tick(u64::try_from(micros / 1_000).unwrap_or(0))
    }

    pub(crate) fn moment(&self, now: Time) -> Moment {
        let wall = (EPOCH + now.0 / MILLI).saturating_add_signed(self.wall_offset);
        Moment { tick: self.tick(now), wall: WallTime(wall) }
    }

    /// When its clock will show `tick`.
    pub(crate) fn time_of(&self, tick: Tick) -> Time {
        let micros = i128::from(tick.0) * 1_000 * 1_000_000;
        let micros = micros / i128::from(1_000_000 + self.skew) + 1;
        self.started.plus(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    pub(crate) fn set_wall(&mut self, millis: i64) {
        self.wall_offset += millis;
    }

    /// A request arrives. Whether it can wait to be read.
    pub(crate) fn arrive(&mut self, now: Time, what: Request) -> bool {
        if self.queue.len() >= self.backlog {
            return false;
        }
        self.queue.push_back(Waiting { arrived: now, what });
        if !self.is_serving {
            self.is_serving = true;
            let lag = 20 + self.chance.below(80);
            self.later(now.plus(lag), Later::Serve);
        }
        true
    }

    /// The workers read some requests.
    pub(crate) fn serve(&mut self, now: Time, tally: &mut Tally) {
        for _ in 0..SERVED_AT_ONCE {
            let Some(Waiting { what, .. }) = self.queue.pop_front() else { break };
            self.answer(now, what, tally);
        }
        self.is_serving = !self.queue.is_empty();
        if self.is_serving {
            self.later(now.plus(SERVED_AT_ONCE as u64 * 20), Later::Serve);
        }
        if !self.inputs.is_empty() {
            self.wake(now);
        }
    }

    /// When the own beat was sent that the workers are about to read, if one is among what they read.
    pub(crate) fn next_own_beat(&self) -> Option<Tick> {
        let next = self.queue.iter().take(SERVED_AT_ONCE);
        let own = next.filter_map(|waiting| match waiting.what {
            Request::OwnBeat { sent } => Some(sent),
            _ => None,
        });
        own.max()
    }

    fn answer(&mut self, now: Time, what: Request, tally: &mut Tally) {
        let tick = self.tick(now);
        match what {
            Request::OwnBeat { sent } => {
                self.own_beat_unread = None;
                self.inputs.push(Input::OwnBeat { sent, arrived: tick });
            }
            Request::Command { command, reply } => self.inputs.push(Input::Command { command, reply }),
            Request::Said(message) => self.said(now, message),
            Request::Closed { connection, host } => self.connection_closed(connection, host),
            Request::Renew { key, reply, provider, dirty } => {
                let name = LeaseRef::heartbeat(key.service().as_str(), key.id());
                let outcome = match self.registry.lease_table().renew(tick, name, None) {
                    Renewal::Renewed { precedence, lease, returned } => {
                        if returned {
                            self.inputs.push(Input::Returned(lease));
                        }
                        self.facts.push(Fact::Renewed { provider, at: tick });
                        tally.count("renewed");
                        // As Eureka's face does: stamped first, then asked to register anew.
                        let is_newer = dirty > precedence.map(|stored| stored.0);
                        if dirty.is_some() && is_newer { Outcome::Unknown } else { Outcome::Done }
                    }
                    Renewal::Unknown | Renewal::OtherGeneration => {
                        self.facts.push(Fact::Unknown { provider });
                        tally.count("answered unknown");
                        Outcome::Unknown
                    }
                };
                self.effects.push(Effect::Answer(reply, outcome));
            }
        }
    }

    /// The pacer wakes: notices whether the process slept too long, and sends an own beat.
    pub(crate) fn pace(&mut self, now: Time, is_wanted: bool) {
        if !is_wanted {
            if now.since(self.paced_at) > BEAT_EVERY + PAUSE {
                let (from, to) = (self.tick(self.paced_at), self.tick(now));
                self.inputs.push(Input::Paused { from, to });
                self.wake(now);
            }
            self.paced_at = now;
            self.later(now.plus(BEAT_EVERY), Later::Pace);
        }
        // It waits for the answer to the one before.
        if self.own_beat_unread.is_some_and(|sent| now.since(sent) < BEAT_TIMEOUT) {
            return;
        }
        self.last_own_beat = now;
        let sent = self.tick(now);
        self.own_beat_unread = Some(now);
        self.arrive(now, Request::OwnBeat { sent });
    }

    /// An own beat is wanted at once; at most one in five milliseconds.
    pub(crate) fn want_own_beat(&mut self, now: Time) {
        if self.own_beat_unread.is_none() {
            self.later(now.max(self.last_own_beat.plus(5 * MILLI)), Later::PaceNow);
        }
    }

    /// The driver is to look at its input soon.
    pub(crate) fn wake(&mut self, now: Time) {
        let lag = self.chance.below(200);
        self.round_by(now.plus(lag));
    }

    /// The driver is to run by then.
    pub(crate) fn round_by(&mut self, at: Time) {
        if self.round_at.is_none_or(|planned| at < planned) {
            self.round_at = Some(at);
            self.later(at, Later::Round);
        }
    }

    pub(crate) fn later(&mut self, at: Time, what: Later) {
        self.effects.push(Effect::Later(at, what));
    }

    pub(crate) fn ear(&self) -> Ear {
        self.ear
    }

    pub(crate) fn sender() -> Sender {
        Sender { face: "sim", ..Sender::default() }
    }
}

/// Sessions are of the run that had them: what is on disk tells that there was one.
fn without_session(instance: &mut Arc<Instance>) {
    for check in &mut Arc::make_mut(instance).checks {
        if let LeaseTerms::Session { session, .. } = &mut check.lease {
            *session = SessionId::NONE;
        }
    }
}

/// What the registry is really configured with.
fn sabotaged(mut config: Config, sabotage: Option<Sabotage>) -> Config {
    match sabotage {
        Some(Sabotage::HoldForEver) => config.guard.max_hold = lubdub_core::guard::MaxHold::Forever,
        Some(Sabotage::ReleaseAllAtOnce) => config.guard.leave_percent = 100,
        Some(Sabotage::GuardAsleep) => config.guard.enabled = false,
        Some(Sabotage::DampForTooLong) => {
            config.damping.rules.longest *= 10;
            config.damping.rules.half_life *= 10;
        }
        _ => {}
    }
    config
}

fn hearing(sabotage: Option<Sabotage>) -> HearingConfig {
    match sabotage {
        Some(Sabotage::ForgetExcuse) => HearingConfig { longest_gap: Duration::from_hours(24) },
        _ => HearingConfig::default(),
    }
}
