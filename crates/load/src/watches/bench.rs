//! [`WatchBench`]: opens watches, makes changes, and notes when each watch is told.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep, timeout};

use super::outcome::{RoundMs, WatchOutcome, WatchesAsked};
use super::plan::WatchPlan;
use crate::Error;
use crate::bench::{Hooks, Progress, Stage};
use crate::conversation::{
    Broken, Etcd, Kind, Lubdub, Nacos, Protocol, RegistryAt, Session, Watch, ZooKeeper,
};
use crate::outcome::{Effort, ServerProcess};
use crate::process::{Used, own_cpu, used};
use crate::run::{connect, open_all, runtime};

/// Who is not told within this is not told any more.
const PATIENCE: Duration = Duration::from_secs(30);

/// One measurement of watches that is to be made.
#[derive(Debug)]
pub struct WatchBench {
    plan: WatchPlan,
    registry: RegistryAt,
}

/// What all watches note: when each was told of the change that is under way.
struct Books {
    number: Cell<u64>,
    told: RefCell<Vec<Instant>>,
    /// Watches that go on.
    alive: Cell<usize>,
    first_error: RefCell<Option<String>>,
    all: Notify,
}

impl Books {
    fn note(&self, number: u64) {
        if number == self.number.get() {
            self.told.borrow_mut().push(Instant::now());
            self.look();
        }
    }

    fn broke(&self, broken: &Broken) {
        self.alive.set(self.alive.get() - 1);
        self.first_error.borrow_mut().get_or_insert_with(|| broken.to_string());
        self.look();
    }

    fn look(&self) {
        if self.told.borrow().len() >= self.alive.get() {
            self.all.notify_one();
        }
    }
}

impl WatchBench {
    /// A measurement by this plan.
    ///
    /// # Errors
    ///
    /// The plan asks for what cannot be.
    pub fn new(plan: WatchPlan, registry: RegistryAt) -> Result<Self, Error> {
        plan.check()?;
        Ok(Self { plan, registry })
    }

    /// Measures on this thread.
    ///
    /// # Errors
    ///
    /// Nothing could be measured.
    pub fn run(&self, hooks: &Hooks<'_>) -> Result<WatchOutcome, Error> {
        match self.registry.kind() {
            Kind::Lubdub => self.speaking::<Lubdub>(hooks),
            Kind::Etcd => self.speaking::<Etcd>(hooks),
            Kind::ZooKeeper => self.speaking::<ZooKeeper>(hooks),
            Kind::Nacos => self.speaking::<Nacos>(hooks),
        }
    }

    fn speaking<P: Protocol>(&self, hooks: &Hooks<'_>) -> Result<WatchOutcome, Error> {
        let runtime = runtime()?;
        runtime.block_on(LocalSet::new().run_until(self.measure::<P>(hooks)))
    }

    async fn measure<P: Protocol>(&self, hooks: &Hooks<'_>) -> Result<WatchOutcome, Error> {
        let plan = &self.plan;
        let broken = |broken: Broken| broken.of(&self.registry);
        let protocol: P = connect(&self.registry, plan.connections).await?;
        let mut session = protocol.session(0, 1).await.map_err(broken)?;
        let empty = self.server()?;
        let watches = open_all(plan.watches, hooks, |number| protocol.watch(number)).await.map_err(broken)?;
        let before = self.server()?;

        let books = Rc::new(Books {
            number: Cell::new(0),
            told: RefCell::new(Vec::with_capacity(plan.watches)),
            alive: Cell::new(plan.watches),
            first_error: RefCell::new(None),
            all: Notify::new(),
        });
        for watch in watches {
            tokio::task::spawn_local(follow(watch, books.clone()));
        }
        let cpu = own_cpu();
        let start = Instant::now();
        let mut rounds = Vec::new();
        let mut stopped = false;
        for number in 1..=plan.changes {
            if hooks.is_stopped() {
                stopped = true;
                break;
            }
            rounds.push(round(&mut session, number, &books).await.map_err(broken)?);
            hooks.tell(Progress {
                stage: Stage::Measuring,
                elapsed: start.elapsed(),
                requests: number * plan.watches as u64,
                errors: (plan.watches - books.alive.get()) as u64,
            });
            sleep(plan.pause).await;
        }
        let (elapsed, cpu) = (start.elapsed(), own_cpu().saturating_sub(cpu));
        let after = self.server().ok().flatten();
        drop(timeout(PATIENCE, session.leave()).await);
        Ok(self.outcome(&books, rounds, (elapsed, cpu), (empty, before, after), stopped))
    }

    fn server(&self) -> Result<Option<Used>, Error> {
        self.plan.pid.map(used).transpose()
    }

    fn outcome(
        &self,
        books: &Books,
        rounds: Vec<RoundMs>,
        (elapsed, cpu): (Duration, Duration),
        (empty, before, after): (Option<Used>, Option<Used>, Option<Used>),
        stopped_early: bool,
    ) -> WatchOutcome {
        let plan = &self.plan;
        let told = (rounds.len() * plan.watches) as u64;
        let server = ServerProcess::between(empty, before, after, told);
        WatchOutcome {
            asked: WatchesAsked {
                server: self.registry.to_string(),
                watches: plan.watches,
                connections: plan.connections,
                changes: plan.changes,
                pause_s: plan.pause.as_secs_f64(),
            },
            changes: rounds.len() as u64,
            errors: (plan.watches - books.alive.get()) as u64,
            first_error: books.first_error.borrow().clone(),
            median: RoundMs::of(&rounds, |sorted| sorted.get(sorted.len() / 2).copied().unwrap_or_default()),
            worst: RoundMs::of(&rounds, |sorted| sorted.last().copied().unwrap_or_default()),
            rounds,
            stopped_early,
            generator: Effort::of(cpu, told, elapsed),
            bytes_per_watch: server.map(|server| server.bytes_of_one(plan.watches)),
            server,
        }
    }
}

async fn follow(mut watch: impl Watch, books: Rc<Books>) {
    loop {
        match watch.told().await {
            Ok(number) => books.note(number),
            Err(broken) => return books.broke(&broken),
        }
    }
}

/// One change, until all are told of it.
async fn round(session: &mut impl Session, number: u64, books: &Books) -> Result<RoundMs, Broken> {
    books.number.set(number);
    books.told.borrow_mut().clear();
    let sent = Instant::now();
    session.change(number).await?;
    let answered = sent.elapsed();
    let told_all = async {
        while books.told.borrow().len() < books.alive.get() {
            books.all.notified().await;
        }
    };
    let missing = || {
        let told = books.told.borrow().len();
        Broken::by(format_args!("only {told} of {} watches were told of a change", books.alive.get()))
    };
    timeout(PATIENCE, told_all).await.map_err(|_| missing())?;
    let told = books.told.borrow();
    let at = |hundredths: usize| {
        let place = (told.len() * hundredths).div_ceil(100);
        let at = told.get(place.saturating_sub(1)).copied().unwrap_or(sent);
        at.duration_since(sent).as_secs_f64() * 1e3
    };
    let answered = answered.as_secs_f64() * 1e3;
    Ok(RoundMs { answered, first: at(0), p50: at(50), p99: at(99), all: at(100) })
}
