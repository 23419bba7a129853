//! [`Bench`]: registers the instances, measures, and deregisters them.

use std::fmt;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::generator::{Generator, Job};
use crate::outcome::{Outcome, Seen};
use crate::process::{Used, used};
use crate::schedule::Schedule;
use crate::speech::{Action, Speech};
use crate::tally::Tally;
use crate::{Error, Plan, Target, Work};

/// How long a server may take to accept the first connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// A run does not end by itself before this.
const NEVER: Duration = Duration::MAX;

/// One measurement that is to be made.
pub struct Bench<S> {
    plan: Plan,
    target: Target,
    speech: S,
}

/// How a measurement and who waits for it talk to each other.
#[derive(Clone, Copy, Default)]
pub struct Hooks<'a> {
    /// When this becomes true, the measurement ends early with what there is.
    pub stop: Option<&'a AtomicBool>,
    /// Is told how far it is, ten times a second, by the thread that measures.
    pub progress: Option<&'a dyn Fn(Progress)>,
}

/// How far a measurement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// In which stage it is.
    pub stage: Stage,
    /// Since that began.
    pub elapsed: Duration,
    /// Requests that were answered or failed in it.
    pub requests: u64,
    /// Those that failed.
    pub errors: u64,
}

/// What happens one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The instances are registered; not measured.
    Preparing,
    /// What the plan asks for; measured.
    Measuring,
    /// The instances are deregistered; not measured.
    CleaningUp,
}

impl Hooks<'_> {
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    pub(crate) fn tell(&self, progress: Progress) {
        if let Some(told) = self.progress {
            told(progress);
        }
    }
}

impl fmt::Debug for Hooks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("stop", &self.stop).finish_non_exhaustive()
    }
}

impl<S: Speech> Bench<S> {
    /// A measurement by this plan.
    ///
    /// # Errors
    ///
    /// The plan asks for what cannot be.
    pub fn new(plan: Plan, target: Target, speech: S) -> Result<Self, Error> {
        plan.check()?;
        Ok(Self { plan, target, speech })
    }

    /// Measures on this thread. The instances are deregistered also when it is stopped early, as
    /// far as the server is still there.
    ///
    /// # Errors
    ///
    /// Nothing could be measured.
    pub fn run(&self, hooks: &Hooks<'_>) -> Result<Outcome, Error> {
        let Self { plan, target, speech } = self;
        let empty = self.server()?;
        TcpStream::connect_timeout(&target.address(), PATIENCE)
            .map_err(|error| Error::Unreachable { server: target.to_string(), reason: error.to_string() })?;
        let mut generator = Generator::new(target.address(), plan.connections, speech)?;
        if plan.work != Work::Register {
            self.prepare(&mut generator, hooks)?;
        }
        let before = self.server()?;
        let mut schedule = Schedule::new(plan.pace(), plan.duration);
        if plan.work == Work::Register {
            schedule = schedule.at_most(plan.instances);
        }
        let action = |number| plan.action(number);
        let tally = generator.run(Job { schedule, action: &action, stage: Stage::Measuring }, hooks)?;
        // It may have ended meanwhile, which the tally tells better.
        let after = self.server().ok().flatten();
        if tally.gone_after.is_none() {
            self.clean_up(&mut generator, hooks)?;
        }
        Ok(Outcome::new(plan, target, &tally, &Seen { empty, before, after, stopped: hooks.is_stopped() }))
    }

    fn server(&self) -> Result<Option<Used>, Error> {
        self.plan.pid.map(used).transpose()
    }

    fn prepare(&self, generator: &mut Generator<&S>, hooks: &Hooks<'_>) -> Result<(), Error> {
        let asked = self.plan.instances;
        let schedule = Schedule::new(None, NEVER).at_most(asked);
        let tally =
            generator.run(Job { schedule, action: &Action::Register, stage: Stage::Preparing }, hooks)?;
        if tally.succeeded() == asked {
            return Ok(());
        }
        if tally.gone_after.is_none() {
            self.clean_up(generator, hooks)?;
        }
        if hooks.is_stopped() {
            return Err(Error::Stopped);
        }
        Err(Error::Preparation {
            server: self.target.to_string(),
            asked,
            failed: asked - tally.succeeded(),
            kinds: tally.kinds(),
        })
    }

    /// Takes the instances away, also when stopped: nobody else will. What fails here is not told:
    /// leases end by themselves.
    fn clean_up(&self, generator: &mut Generator<&S>, hooks: &Hooks<'_>) -> Result<Tally, Error> {
        let schedule = Schedule::new(None, NEVER).at_most(self.plan.instances);
        let job = Job { schedule, action: &Action::Deregister, stage: Stage::CleaningUp };
        generator.run(job, &Hooks { stop: None, ..*hooks })
    }
}
