//! What a fault does to the world.

use lubdub_core::model::{InstanceKey, Status};
use lubdub_core::{AfterOverride, Command};

use crate::client::Ask;
use crate::disk::Reply;
use crate::plan::Fault;
use crate::server::{Input, Later, Request};
use crate::time::{MILLI, SECOND};
use crate::world::{Event, World};

impl World<'_> {
    pub(crate) fn fault(&mut self, fault: &Fault) {
        let now = self.now;
        match fault {
            Fault::Crash(hosts) => self.each(fault, hosts, World::stop_host),
            Fault::Kill(hosts) => self.each(fault, hosts, |world, host| {
                let killed = world.stop_processes(host);
                world.end_session_of(host, true);
                for provider in killed {
                    // The connection closes, and some time is left to whoever goes in good order.
                    world.agenda.note(
                        now.plus(201 * MILLI),
                        Event::Probe { provider, asked_at: now.plus(200 * MILLI) },
                    );
                }
            }),
            Fault::Start(hosts) => self.each(fault, hosts, |world, host| world.start_host(host, 2 * SECOND)),
            Fault::Pause(hosts, micros) => self.each(fault, hosts, |world, host| {
                if let Some(host) = world.hosts.get_mut(host) {
                    host.paused_until = host.paused_until.max(now.plus(*micros));
                }
            }),
            Fault::Leave(hosts) => self.each(fault, hosts, World::leave),
            Fault::Cut(hosts, way) => hosts.iter().for_each(|host| self.network.cut(*host, *way)),
            Fault::Heal(hosts) => self.each(fault, hosts, |world, host| world.network.heal(host)),
            Fault::Weather(weather) => {
                self.tally.count(fault.name());
                self.network.change(weather.clone());
            }
            Fault::LocalWeather(hosts, weather) => {
                self.each(fault, hosts, |world, host| world.network.change_at(host, weather.clone()));
            }
            Fault::CloseConnections(hosts) => self.each(fault, hosts, World::cut_connection),
            Fault::Override(hosts) => self.operate(fault, hosts, |key| Command::SetOverride {
                key,
                status: Status::OutOfService,
                precedence: None,
            }),
            Fault::AskAgain(hosts) => self.operate(fault, hosts, |key| Command::ClearOverride {
                key,
                then: AfterOverride::AskAgain,
                precedence: None,
            }),
            Fault::PauseRegistry(_)
            | Fault::Deafen(_)
            | Fault::CrashRegistry(_)
            | Fault::StallDisk(_)
            | Fault::FailDisk(_)
            | Fault::SetWall(_)
            | Fault::Release(_) => self.registry_fault(fault),
        }
    }

    fn registry_fault(&mut self, fault: &Fault) {
        let now = self.now;
        let server = &mut self.server;
        if !server.is_up {
            // A process that is gone can neither stand still nor fail again.
            return;
        }
        match fault {
            Fault::PauseRegistry(micros) | Fault::Deafen(micros) => {
                let until = now.plus(*micros);
                let which = match fault {
                    Fault::PauseRegistry(_) => &mut server.paused_until,
                    _ => &mut server.deaf_until,
                };
                *which = until.max(*which);
                self.checks.truth.deaf_from(server.tick(now));
                server.later(server.paused_until.max(server.deaf_until), Later::GoOn);
            }
            Fault::CrashRegistry(micros) => {
                server.end();
                (server.paused_until, server.deaf_until) = (now, now);
                self.agenda.note(now.plus(*micros), Event::StartRegistry);
            }
            Fault::StallDisk(micros) => server.disk.stall(now.plus(*micros)),
            Fault::FailDisk(micros) => server.disk.fail(now.plus(*micros)),
            Fault::SetWall(millis) => server.set_wall(*millis),
            Fault::Release(scope) => {
                server.inputs.push(Input::Release(scope.clone()));
                server.wake(now);
            }
            _ => return,
        }
        // A disk that fails is counted where a commit does.
        if !matches!(fault, Fault::FailDisk(_)) {
            self.tally.count(fault.name());
        }
    }

    fn each(&mut self, fault: &Fault, hosts: &[usize], mut what: impl FnMut(&mut Self, usize)) {
        for host in hosts {
            self.tally.count(fault.name());
            what(self, *host);
        }
    }

    /// What runs on a machine starts, each within a while.
    pub(crate) fn start_host(&mut self, index: usize, within: u64) {
        let Some(host) = self.hosts.get_mut(index) else { return };
        host.runs = true;
        host.paused_until = host.paused_until.min(self.now);
        let wall = host.wall(self.now);
        for provider in host.providers.clone() {
            let Some(it) = self.providers.get_mut(provider) else { continue };
            if it.is_alive {
                it.die(self.now);
            }
            it.start(wall);
            if host.session.is_some() {
                continue;
            }
            let at = self.now.plus(self.chance.below(within));
            self.agenda.note(at, Event::Wake { provider, process: it.process, ask: Ask::Register });
        }
        self.end_session_of(index, true);
        if let Some(session) = self.hosts.get_mut(index).and_then(|host| host.session.as_mut()) {
            session.start();
            let at = self.now.plus(self.chance.below(within));
            self.agenda
                .note(at, Event::Speak { host: index, process: session.process, attempt: session.attempt });
        }
    }

    fn stop_host(&mut self, index: usize) {
        self.stop_processes(index);
        self.end_session_of(index, false);
        if let Some(host) = self.hosts.get_mut(index) {
            host.runs = false;
        }
    }

    /// Kills what runs on a machine; who lived until now.
    fn stop_processes(&mut self, index: usize) -> Vec<usize> {
        let now = self.now;
        let on_host = self.hosts.get(index).map_or_else(Vec::new, |host| host.providers.clone());
        let mut killed = Vec::new();
        for provider in on_host {
            if let Some(it) = self.providers.get_mut(provider).filter(|it| it.is_alive) {
                it.die(now);
                killed.push(provider);
            }
        }
        killed
    }

    fn leave(&mut self, index: usize) {
        let leaving = self.stop_processes(index);
        let said = self.say_goodbye(index);
        for provider in leaving {
            let Some(it) = self.providers.get_mut(provider) else { continue };
            it.left = true;
            if said {
                continue;
            }
            let (host, key) = (it.host, it.key.clone());
            self.send(
                host,
                &Request::Command { command: Command::Deregister { key }, reply: Reply::Operator },
            );
        }
    }

    fn operate(&mut self, fault: &Fault, hosts: &[usize], command: impl Fn(InstanceKey) -> Command) {
        for host in hosts {
            let on_host = self.hosts.get(*host).map_or_else(Vec::new, |host| host.providers.clone());
            for provider in on_host {
                let Some(key) = self.providers.get(provider).map(|it| it.key.clone()) else { continue };
                if self.server.is_up {
                    self.tally.count(fault.name());
                    let command = command(key.clone());
                    self.server.arrive(self.now, Request::Command { command, reply: Reply::Operator });
                }
            }
        }
    }
}
