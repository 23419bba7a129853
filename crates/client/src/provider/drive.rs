//! The task that does for one instance what the machine says, on the thread of beats.
//!
//! It reads the clock, talks to the back end and keeps the books; it decides nothing. An exchange that
//! takes longer than [`Terms::patience`](crate::Terms::patience) is broken off, and so is one during
//! which something more urgent comes up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep_until, timeout};
use tracing::{debug, info, warn};

use super::measures::Measures;
use super::status::{State, Status};
use crate::availability::Availability;
use crate::backend::{Backend, Renewal};
use crate::clock::Clock;
use crate::error::Error;
use crate::instance::Instance;
use crate::machine::{Next, Outcome, Registration, Task, Tick};
use crate::registry::Side;

/// What the program may tell at any time.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) process_switch: watch::Receiver<bool>,
    pub(super) own_switch: watch::Receiver<bool>,
    pub(super) leaving: watch::Receiver<bool>,
    pub(super) abandoned: watch::Receiver<bool>,
}

impl Told {
    fn wanted(&mut self) -> Availability {
        Availability::when(*self.process_switch.borrow_and_update() && *self.own_switch.borrow_and_update())
    }

    /// Waits until something is told.
    async fn changed(&mut self) {
        // A sender that is gone has said all that it had to say.
        async fn news(of: &mut watch::Receiver<bool>) {
            if of.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
        tokio::select! {
            () = news(&mut self.process_switch) => {}
            () = news(&mut self.own_switch) => {}
            () = news(&mut self.leaving) => {}
            () = news(&mut self.abandoned) => {}
        }
    }
}

/// One instance in one registry, and what is noted of it.
struct Driven {
    registry: String,
    instance: Arc<Instance>,
    backend: Arc<dyn Backend>,
    patience: Duration,
    clock: Clock,
    machine: Registration,
    status: watch::Sender<Status>,
}

/// Runs until it left.
pub(super) async fn drive(
    side: Arc<Side>,
    registry: String,
    instance: Arc<Instance>,
    mut told: Told,
    status: watch::Sender<Status>,
) {
    let clock = Clock::start();
    let terms = side.backend.terms();
    let wanted = told.wanted();
    let mut driven = Driven {
        registry,
        instance,
        backend: side.backend.clone(),
        patience: terms.patience,
        clock,
        machine: Registration::new(clock.now(), wanted, terms.interval, fastrand::u64(..)),
        status,
    };
    let mut failed = false;
    loop {
        if *told.abandoned.borrow_and_update() {
            break;
        }
        if *told.leaving.borrow_and_update() {
            driven.machine.leave();
        }
        let wanted = told.wanted();
        driven.machine.switch(clock.now(), wanted);
        match driven.machine.next(clock.now()) {
            Next::Do(task) => {
                let sent = clock.now();
                let outcome = tokio::select! {
                    outcome = driven.perform(task) => outcome,
                    // Leaving is the last word; nothing is more urgent.
                    () = told.changed(), if task != Task::Deregister => Err(None),
                };
                driven.note(sent, task, outcome, &mut failed);
            }
            Next::Wait(then) => tokio::select! {
                () = sleep_until(clock.instant(then)) => {}
                () = told.changed() => {}
            },
            Next::Done => break,
        }
    }
    let mut gone = driven.status.borrow().clone();
    gone.state = State::Gone;
    // Whoever waits for a status finds it measured.
    Measures { registry: &driven.registry, instance: &driven.instance }.stands(&gone);
    driven.status.send_replace(gone);
}

impl Driven {
    /// Does what is to be done. `Err(None)` stands for an exchange that was broken off.
    async fn perform(&self, task: Task) -> Result<Renewal, Option<Error>> {
        let (backend, instance) = (&self.backend, &*self.instance);
        let exchange = async {
            match task {
                Task::Register(availability) => {
                    backend.register(instance, availability).await.map(|()| Renewal::Renewed)
                }
                Task::Announce(availability) => backend.set_available(instance, availability).await,
                Task::Renew(availability) => backend.renew(instance, availability).await,
                Task::Deregister => backend.deregister(instance).await.map(|()| Renewal::Renewed),
            }
        };
        let after = self.patience;
        let timed_out = |_| Err(Error::TimedOut { registry: self.registry.clone(), after });
        timeout(after, exchange).await.unwrap_or_else(timed_out).map_err(Some)
    }

    /// Tells the machine, the status and the log how it went.
    fn note(&mut self, sent: Tick, task: Task, outcome: Result<Renewal, Option<Error>>, failed: &mut bool) {
        let now = self.clock.now();
        let (service, id, registry) = (&self.instance.service, &self.instance.id, &self.registry);
        let (ended, error) = match outcome {
            Ok(Renewal::Renewed) => (Outcome::Done, None),
            Ok(Renewal::Unknown) => (Outcome::Unknown, None),
            Err(None) => (Outcome::Interrupted, None),
            Err(Some(Error::SessionLost { reason, .. })) => {
                info!(%registry, %service, %id, %reason, "the session ended");
                (Outcome::Unknown, None)
            }
            Err(Some(error)) => (Outcome::Missed(error.miss()), Some(error)),
        };
        self.machine.ended(sent, now, task, ended);
        let measures = Measures { registry, instance: &self.instance };
        measures.exchanged(task, ended, now.since(sent));
        match ended {
            Outcome::Done => debug!(%registry, %service, %id, ?task, "done"),
            Outcome::Unknown => {
                info!(%registry, %service, %id, "the registry does not know it; registering again");
            }
            Outcome::Interrupted => {
                debug!(%registry, %service, %id, ?task, "broken off for something urgent");
            }
            Outcome::Missed(_) => {}
        }
        if let Some(error) = &error {
            // The first of many is news; the others are not.
            if *failed {
                debug!(%registry, %service, %id, ?task, %error, "failed again");
            } else {
                warn!(%registry, %service, %id, ?task, %error, "failed; it goes on serving and trying");
            }
            *failed = true;
        } else if ended == Outcome::Done && std::mem::take(failed) {
            info!(%registry, %service, %id, "the registry answers again");
        }
        let success = self.clock.instant(sent).into_std();
        let machine = &self.machine;
        let mut status = self.status.borrow().clone();
        match ended {
            Outcome::Done => {
                status.last_success = Some(success);
                status.last_error = None;
                match task {
                    Task::Register(_) => status.registrations += 1,
                    Task::Renew(_) => status.beats += 1,
                    Task::Announce(_) | Task::Deregister => {}
                }
            }
            Outcome::Unknown => status.forgotten += 1,
            Outcome::Missed(_) => status.failures += 1,
            Outcome::Interrupted => {}
        }
        if error.is_some() {
            status.last_error = error;
        }
        status.availability = machine.told();
        status.failures_in_a_row = machine.misses();
        status.state = if machine.is_gone() {
            State::Gone
        } else if machine.misses() > 0 {
            State::Retrying
        } else if machine.is_registered() {
            State::Registered
        } else {
            State::Registering
        };
        measures.stands(&status);
        self.status.send_replace(status);
    }
}
