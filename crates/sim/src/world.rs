//! [`World`]: machines, network and registry under one order of time.

use std::collections::BTreeMap;

use lubdub_core::Registry;
use lubdub_core::model::InstanceKey;

use crate::agenda::Agenda;
use crate::chance::{Chance, Concern};
use crate::check::{Checks, Scene};
use crate::client::{Ask, Outcome};
use crate::connections::Message;
use crate::disk::Reply;
use crate::figures::Figures;
use crate::host::{Host, Provider};
use crate::network::{Direction, Network};
use crate::plan::Plan;
use crate::sabotage::Sabotage;
use crate::server::{Effect, Input, Later, Request, Server};
use crate::tally::Tally;
use crate::time::{MILLI, SECOND, Time};
use crate::violation::{Invariant, Violation, demand};

/// What is to happen.
#[derive(Debug)]
pub(crate) enum Event {
    /// A provider's timer.
    Wake { provider: usize, process: u32, ask: Ask },
    /// A request reaches the registry's machine.
    Arrive(Request),
    /// A provider learns what came of its request.
    Learn { provider: usize, process: u32, attempt: u32, outcome: Outcome },
    /// Something of the registry's process.
    Registry { run: u32, what: Later },
    /// The registry's process starts.
    StartRegistry,
    /// The process of a session is to say something on it.
    Speak { host: usize, process: u32, attempt: u32 },
    /// It hears what came of it.
    Hear { host: usize, process: u32, attempt: u32, outcome: Outcome },
    /// It learns that a connection is gone.
    Broken { host: usize, connection: u64 },
    /// An address is tried.
    Probe { provider: usize, asked_at: Time },
    /// A place in the script.
    Fault(usize),
    /// All faults end.
    Calm,
    /// Invariants are looked at; every sixth time everything is compared.
    Look(u64),
}

/// Looks at the registry now and then, beside the world's own checks.
pub type Inspect = fn(&Registry);

/// A world, from its beginning to its end.
#[derive(Debug)]
pub struct World<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) agenda: Agenda<Event>,
    pub(crate) network: Network,
    pub(crate) hosts: Vec<Host>,
    pub(crate) providers: Vec<Provider>,
    keys: BTreeMap<InstanceKey, usize>,
    pub(crate) server: Server,
    pub(crate) checks: Checks,
    pub(crate) chance: Chance,
    /// How many connections there were.
    pub(crate) connections: u64,
    /// When the last message of a machine's connections arrives.
    pub(crate) arrivals: BTreeMap<usize, Time>,
    pub(crate) tally: Tally,
    figures: Figures,
    inspect: Option<Inspect>,
    pub(crate) now: Time,
}

impl<'a> World<'a> {
    /// The world of a plan, as a seed has it happen.
    pub fn new(plan: &'a Plan, seed: u64, sabotage: Option<Sabotage>, inspect: Option<Inspect>) -> Self {
        let mut world = Self {
            plan,
            agenda: Agenda::new(),
            network: Network::new(seed, plan.weather.clone()),
            hosts: Vec::new(),
            providers: Vec::new(),
            keys: BTreeMap::new(),
            server: Server::new(seed, plan, sabotage),
            checks: Checks::new(plan),
            chance: Chance::of(seed, Concern::Providers),
            connections: 0,
            arrivals: BTreeMap::new(),
            tally: Tally::default(),
            figures: Figures::default(),
            inspect,
            now: Time::default(),
        };
        world.agenda.note(Time::default(), Event::StartRegistry);
        for (index, host_plan) in plan.hosts.iter().enumerate() {
            let mut host = Host::new(index, host_plan);
            for (place, provider) in host_plan.providers.iter().enumerate() {
                let provider = Provider::new(index, place, provider);
                host.providers.push(world.providers.len());
                world.keys.insert(provider.key.clone(), world.providers.len());
                world.providers.push(provider);
            }
            world.hosts.push(host);
            if host_plan.runs {
                world.start_host(index, 30 * SECOND);
            }
        }
        for (place, (at, _)) in plan.script.iter().enumerate() {
            world.agenda.note(*at, Event::Fault(place));
        }
        world.agenda.note(Time(plan.lasts), Event::Calm);
        world.agenda.note(Time(10 * SECOND), Event::Look(1));
        world
    }

    /// Lives it to its end, or to the first invariant that does not hold.
    pub fn run(mut self) -> (Figures, Tally, Result<(), Violation>) {
        let ended = self.live();
        (self.figures, self.tally, ended)
    }

    fn live(&mut self) -> Result<(), Violation> {
        let end = Time(self.plan.lasts).plus(self.plan.calm);
        while let Some((now, event)) = self.agenda.next(end) {
            self.now = now;
            self.happen(event)?;
            self.settle()?;
        }
        self.now = end;
        let tally = &self.tally;
        for fault in self.plan.expected_faults() {
            demand(tally.of(fault) > 0, Invariant::EachFaultHappens, end, || {
                format!("{fault:?} never happened")
            })?;
        }
        self.check(Checks::end)
    }

    fn happen(&mut self, event: Event) -> Result<(), Violation> {
        let now = self.now;
        match event {
            Event::Wake { provider, .. } | Event::Learn { provider, .. }
                if self.paused_until(provider).is_some() =>
            {
                self.agenda.note(self.paused_until(provider).unwrap_or(now), event);
            }
            Event::Speak { host, .. } | Event::Hear { host, .. } | Event::Broken { host, .. }
                if self.host_paused_until(host).is_some() =>
            {
                self.agenda.note(self.host_paused_until(host).unwrap_or(now), event);
            }
            Event::Speak { host, process, attempt } => self.speak(host, process, attempt),
            Event::Hear { host, process, attempt, outcome } => self.hear(host, process, attempt, outcome),
            Event::Broken { host, connection } => self.broken(host, connection),
            Event::Wake { provider, process, ask } => self.wake(provider, process, ask),
            Event::Learn { provider, process, attempt, outcome } => {
                self.learn(provider, process, attempt, outcome);
            }
            Event::Arrive(request) => self.arrive(request),
            Event::Registry { run, what } => self.registry(run, what),
            Event::StartRegistry => self.server.start(now),
            Event::Probe { provider, asked_at } => self.probe(provider, asked_at),
            Event::Fault(place) => {
                if let Some((_, fault)) = self.plan.script.get(place) {
                    self.fault(fault);
                }
            }
            Event::Calm => self.network.calm(),
            Event::Look(times) => {
                self.agenda.note(now.plus(10 * SECOND), Event::Look(times + 1));
                self.check(Checks::look)?;
                if times % 6 == 0 {
                    self.check(Checks::compare)?;
                    if let Some(inspect) = self.inspect.filter(|_| self.server.is_up) {
                        inspect(&self.server.registry);
                    }
                }
            }
        }
        Ok(())
    }

    /// Carries on what the registry's process asks of the world, and checks what it did.
    fn settle(&mut self) -> Result<(), Violation> {
        for effect in std::mem::take(&mut self.server.effects) {
            match effect {
                Effect::Later(at, what) => {
                    self.agenda.note(at, Event::Registry { run: self.server.run, what });
                }
                Effect::Answer(reply, outcome) => self.reply(reply, outcome),
                Effect::Broken { connection, host } => {
                    if let Some(at) = self.carried(host, Direction::FromRegistry) {
                        self.agenda.note(at, Event::Broken { host, connection });
                    }
                }
            }
        }
        for fact in std::mem::take(&mut self.server.facts) {
            self.check(|checks, scene, figures| checks.see(&fact, scene, figures))?;
        }
        Ok(())
    }

    fn check(
        &mut self,
        check: impl FnOnce(&mut Checks, &Scene<'_>, &mut Figures) -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let scene = Scene {
            now: self.now,
            plan: self.plan,
            hosts: &self.hosts,
            providers: &self.providers,
            keys: &self.keys,
            server: &self.server,
        };
        check(&mut self.checks, &scene, &mut self.figures)
    }

    /// A machine that stands still does nothing until it goes on.
    fn paused_until(&self, provider: usize) -> Option<Time> {
        self.host_paused_until(self.providers.get(provider)?.host)
    }

    fn host_paused_until(&self, host: usize) -> Option<Time> {
        let until = self.hosts.get(host)?.paused_until;
        (until > self.now).then_some(until)
    }

    fn wake(&mut self, provider: usize, process: u32, ask: Ask) {
        let Some(it) = self.providers.get_mut(provider).filter(|it| it.is_alive && it.process == process)
        else {
            return;
        };
        let Some(host) = self.hosts.get(it.host) else { return };
        it.attempt += 1;
        it.asked = Some((ask, self.now));
        if ask == Ask::Register && it.attempt > 1 {
            // It has changed in its own eyes: a new time stamp by its own clock.
            it.dirty = it.dirty.max(host.wall(self.now));
        }
        let reply = Reply::Provider { provider, process, attempt: it.attempt };
        let request = match ask {
            Ask::Register => Request::Command { command: it.registration(host), reply },
            Ask::Renew => {
                let dirty = it.stamps().then_some(it.dirty);
                self.tally.count("beats");
                Request::Renew { key: it.key.clone(), reply, provider, dirty }
            }
        };
        let (from, attempt, patience) = (it.host, it.attempt, host.really(it.client.patience()));
        let timed_out = Event::Learn { provider, process, attempt, outcome: Outcome::TimedOut };
        self.agenda.note(self.now.plus(patience), timed_out);
        self.send(from, &request);
    }

    pub(crate) fn send(&mut self, host: usize, request: &Request) {
        let copies = self.network.carry(self.now, host, Direction::ToRegistry, &mut self.tally);
        for at in copies.into_iter().flatten() {
            self.agenda.note(at, Event::Arrive(request.clone()));
        }
    }

    fn arrive(&mut self, request: Request) {
        if !self.server.is_up {
            self.tally.count("refused");
            if let Request::Renew { reply, .. } | Request::Command { reply, .. } = request {
                self.reply(reply, Outcome::Refused);
            } else if let Request::Said(Message { host, connection, attempt, .. }) = request {
                self.reply(Reply::Session { host, connection, attempt }, Outcome::Refused);
            }
        } else if !self.server.arrive(self.now, request) {
            self.tally.count("overflowed");
        }
    }

    fn reply(&mut self, reply: Reply, outcome: Outcome) {
        if let Reply::Session { host, connection, attempt } = reply {
            let session = self.hosts.get(host).and_then(|it| it.session.as_ref());
            let process = session.filter(|session| session.connection == Some(connection));
            let Some(process) = process.map(|session| session.process) else { return };
            if let Some(at) = self.carried(host, Direction::FromRegistry) {
                self.agenda.note(at, Event::Hear { host, process, attempt, outcome });
            }
            return;
        }
        let Some((provider, process, attempt)) = reply.provider() else { return };
        let Some(host) = self.providers.get(provider).map(|it| it.host) else { return };
        let [at, _] = self.network.carry(self.now, host, Direction::FromRegistry, &mut self.tally);
        if let Some(at) = at {
            self.agenda.note(at, Event::Learn { provider, process, attempt, outcome });
        }
    }

    fn learn(&mut self, provider: usize, process: u32, attempt: u32, outcome: Outcome) {
        let Some(it) = self.providers.get_mut(provider) else { return };
        // An answer that nobody waits for any more changes nothing.
        if !it.is_alive || it.process != process || it.attempt != attempt {
            return;
        }
        let (Some((ask, since)), Some(host)) = (it.asked.take(), self.hosts.get(it.host)) else { return };
        match outcome {
            Outcome::TimedOut => self.tally.count("timed out"),
            Outcome::Unknown if ask == Ask::Renew => {
                self.tally.count("registers again");
                it.dirty = it.dirty.max(host.wall(self.now)).saturating_add(1);
            }
            _ => {}
        }
        let next = it.client.after(ask, outcome, self.now.since(since), &mut self.chance);
        let at = self.now.plus(host.really(next.after));
        self.agenda.note(at, Event::Wake { provider, process, ask: next.ask });
    }

    fn registry(&mut self, run: u32, what: Later) {
        let server = &mut self.server;
        if server.run != run || !server.is_up {
            return;
        }
        if server.paused_until > self.now {
            // When it goes on, its threads do so in any order.
            let at = server.paused_until.plus(self.chance.below(2 * MILLI));
            if what == Later::Round && server.round_at == Some(self.now) {
                server.round_at = Some(at);
            }
            self.agenda.note(at, Event::Registry { run, what });
            return;
        }
        let now = self.now;
        match what {
            Later::Serve if server.deaf_until > now => {
                let at = server.deaf_until.plus(self.chance.below(2 * MILLI));
                self.agenda.note(at, Event::Registry { run, what });
            }
            Later::Serve => {
                let (sent, tick) = (server.next_own_beat(), server.tick(now));
                server.serve(now, &mut self.tally);
                if let Some(sent) = sent {
                    self.checks.truth.heard(sent, tick);
                }
            }
            Later::Round if server.round_at == Some(now) => server.round(now, &mut self.tally),
            Later::Round => {}
            Later::Silence(connection) => server.silence(now, connection),
            Later::Pace => server.pace(now, false),
            Later::PaceNow => server.pace(now, true),
            Later::Committed(number) => {
                if let Some(written) = server.disk.end(now, number) {
                    if !written {
                        self.tally.count("disk failed");
                    }
                    server.inputs.push(Input::Committed(written));
                    server.wake(now);
                }
            }
            Later::GoOn => {
                if server.deaf_until <= now {
                    let tick = server.tick(now);
                    self.checks.truth.deaf_until(tick);
                }
            }
        }
    }

    /// A process was killed, the connection that carried its beats closed, and its address is tried.
    fn probe(&mut self, provider: usize, asked_at: Time) {
        let Some(it) = self.providers.get(provider) else { return };
        let server = &mut self.server;
        let suspect = if server.is_up { server.registry.registrant(&it.key) } else { None };
        // Only what refuses a connection now is told.
        if let Some(suspect) = suspect.filter(|_| !it.is_alive) {
            let asked_at = server.tick(asked_at);
            server.inputs.push(Input::Refused { lease: suspect.lease.id(), asked_at });
            server.facts.push(crate::fact::Fact::Refusal { provider, asked_at });
            server.wake(self.now);
            self.tally.count("refused connection");
        }
    }
}
