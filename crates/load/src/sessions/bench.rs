//! [`SessionBench`]: opens sessions, measures their beats, and takes leave.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::outcome::{SessionOutcome, SessionsAsked};
use super::plan::SessionPlan;
use crate::Error;
use crate::bench::{Hooks, Progress, Stage};
use crate::conversation::{Broken, Etcd, Kind, Lubdub, Nacos, Protocol, RegistryAt, Session, ZooKeeper};
use crate::outcome::{Effort, LatencyUs, ServerProcess};
use crate::process::{Used, own_cpu, used};
use crate::run::{AT_A_TIME, connect, open_all, runtime};
use crate::tally::{histogram, micros};

/// An answer that takes longer does not come any more.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is told how far it is.
const TELLING: Duration = Duration::from_millis(100);

/// One measurement of sessions that is to be made.
#[derive(Debug)]
pub struct SessionBench {
    plan: SessionPlan,
    registry: RegistryAt,
}

/// What is noted by all sessions.
struct Books {
    latencies: RefCell<hdrhistogram::Histogram<u64>>,
    errors: Cell<u64>,
    first_error: RefCell<Option<String>>,
}

impl SessionBench {
    /// A measurement by this plan.
    ///
    /// # Errors
    ///
    /// The plan asks for what cannot be.
    pub fn new(plan: SessionPlan, registry: RegistryAt) -> Result<Self, Error> {
        plan.check()?;
        Ok(Self { plan, registry })
    }

    /// Measures on this thread.
    ///
    /// # Errors
    ///
    /// Nothing could be measured.
    pub fn run(&self, hooks: &Hooks<'_>) -> Result<SessionOutcome, Error> {
        match self.registry.kind() {
            Kind::Lubdub => self.speaking::<Lubdub>(hooks),
            Kind::Etcd => self.speaking::<Etcd>(hooks),
            Kind::ZooKeeper => self.speaking::<ZooKeeper>(hooks),
            Kind::Nacos => self.speaking::<Nacos>(hooks),
        }
    }

    fn speaking<P: Protocol>(&self, hooks: &Hooks<'_>) -> Result<SessionOutcome, Error> {
        let runtime = runtime()?;
        runtime.block_on(LocalSet::new().run_until(self.measure::<P>(hooks)))
    }

    async fn measure<P: Protocol>(&self, hooks: &Hooks<'_>) -> Result<SessionOutcome, Error> {
        let plan = &self.plan;
        let empty = self.server()?;
        let broken = |broken: Broken| broken.of(&self.registry);
        let protocol: P = connect(&self.registry, plan.connections).await?;
        let opening = |number| protocol.session(number, plan.instances);
        let sessions = open_all(plan.sessions, hooks, opening).await.map_err(broken)?;
        let before = self.server()?;

        let books = Rc::new(Books {
            latencies: RefCell::new(histogram()),
            errors: Cell::new(0),
            first_error: RefCell::new(None),
        });
        let (start, cpu) = (Instant::now(), own_cpu());
        let end = Rc::new(Cell::new(start + plan.duration));
        let beating: Vec<_> = sessions
            .into_iter()
            .enumerate()
            .map(|(number, session)| {
                let pace = Pace::of(plan, number, start);
                tokio::task::spawn_local(beat(session, pace, end.clone(), books.clone()))
            })
            .collect();
        let stopped = watch_over(hooks, start, &end, &books).await;
        let mut left = Vec::new();
        for one in beating {
            if let Ok(Some(session)) = one.await {
                left.push(session);
            }
        }
        let (elapsed, cpu) = (start.elapsed(), own_cpu().saturating_sub(cpu));
        let after = self.server().ok().flatten();
        let leaving = stream::iter(left).map(|session| timeout(PATIENCE, session.leave()));
        leaving.buffer_unordered(AT_A_TIME).for_each(|_| async {}).await;
        Ok(self.outcome(&books, elapsed, cpu, (empty, before, after), stopped))
    }

    fn server(&self) -> Result<Option<Used>, Error> {
        self.plan.pid.map(used).transpose()
    }

    fn outcome(
        &self,
        books: &Books,
        elapsed: Duration,
        cpu: Duration,
        (empty, before, after): (Option<Used>, Option<Used>, Option<Used>),
        stopped_early: bool,
    ) -> SessionOutcome {
        let plan = &self.plan;
        let latencies = books.latencies.borrow();
        let (beats, elapsed_s) = (latencies.len(), elapsed.as_secs_f64());
        let beats_per_s = if elapsed_s > 0.0 { beats as f64 / elapsed_s } else { 0.0 };
        let server = ServerProcess::between(empty, before, after, beats);
        SessionOutcome {
            asked: SessionsAsked {
                server: self.registry.to_string(),
                sessions: plan.sessions,
                connections: plan.connections,
                instances: plan.instances,
                in_flight: plan.in_flight,
                interval_s: plan.interval.map(|interval| interval.as_secs_f64()),
                duration_s: plan.duration.as_secs_f64(),
            },
            elapsed_s,
            beats,
            errors: books.errors.get(),
            first_error: books.first_error.borrow().clone(),
            beats_per_s,
            renewals_per_s: beats_per_s * plan.instances as f64,
            latency_us: LatencyUs::of(&latencies),
            stopped_early,
            generator: Effort::of(cpu, beats, elapsed),
            bytes_per_session: server.map(|server| server.bytes_of_one(plan.sessions)),
            server,
        }
    }
}

/// Tells how far it is until the end; whether it was stopped.
async fn watch_over(hooks: &Hooks<'_>, start: Instant, end: &Cell<Instant>, books: &Books) -> bool {
    while Instant::now() < end.get() {
        if hooks.is_stopped() {
            end.set(Instant::now());
            return true;
        }
        hooks.tell(Progress {
            stage: Stage::Measuring,
            elapsed: start.elapsed(),
            requests: books.latencies.borrow().len(),
            errors: books.errors.get(),
        });
        sleep_until(end.get().min(Instant::now() + TELLING)).await;
    }
    false
}

/// When a session's beats are due.
struct Pace {
    first: Instant,
    interval: Option<Duration>,
    in_flight: usize,
}

impl Pace {
    /// Sessions begin evenly within an interval.
    fn of(plan: &SessionPlan, number: usize, start: Instant) -> Self {
        let share = number as f64 / plan.sessions as f64;
        let first = plan.interval.map_or(start, |interval| start + interval.mul_f64(share));
        Self { first, interval: plan.interval, in_flight: plan.in_flight }
    }
}

/// Beats until the end; none where the session could not go on.
async fn beat<S: Session>(mut session: S, pace: Pace, end: Rc<Cell<Instant>>, books: Rc<Books>) -> Option<S> {
    let outcome = match pace.interval {
        None => at_once(&mut session, &pace, &end, &books).await,
        Some(interval) => in_its_interval(&mut session, pace.first, interval, &end, &books).await,
    };
    let Err(broken) = outcome else { return Some(session) };
    books.errors.set(books.errors.get() + 1);
    books.first_error.borrow_mut().get_or_insert_with(|| broken.to_string());
    None
}

/// The next beat is sent when an answer came.
async fn at_once(
    session: &mut impl Session,
    pace: &Pace,
    end: &Cell<Instant>,
    books: &Books,
) -> Result<(), Broken> {
    let mut under_way = VecDeque::with_capacity(pace.in_flight);
    loop {
        while under_way.len() < pace.in_flight && Instant::now() < end.get() {
            under_way.push_back(Instant::now());
            session.beat().await?;
        }
        let Some(sent) = under_way.pop_front() else { return Ok(()) };
        answer(session).await?;
        books.latencies.borrow_mut().saturating_record(micros(sent.elapsed()));
    }
}

async fn in_its_interval(
    session: &mut impl Session,
    first: Instant,
    interval: Duration,
    end: &Cell<Instant>,
    books: &Books,
) -> Result<(), Broken> {
    let mut due = first;
    loop {
        let was_late = due < Instant::now();
        sleep_until(due.min(end.get())).await;
        if Instant::now() >= end.get() {
            return Ok(());
        }
        // A timer is late by up to a millisecond, which is no server's fault.
        let from = if was_late { due } else { Instant::now() };
        session.beat().await?;
        answer(session).await?;
        books.latencies.borrow_mut().saturating_record(micros(from.elapsed()));
        due += interval;
    }
}

async fn answer(session: &mut impl Session) -> Result<(), Broken> {
    timeout(PATIENCE, session.answered()).await.unwrap_or_else(|_| Err(Broken::by("a beat was not answered")))
}
