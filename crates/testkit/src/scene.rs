//! A registry on a clock that is moved by hand.

use std::sync::Arc;
use std::time::Duration;

use lubdub_core::hearing::HearingConfig;
use lubdub_core::lease::{LeaseRef, Renewal};
use lubdub_core::model::{Instance, InstanceKey, Status};
use lubdub_core::{Change, Command, Config, Moment, Registry, Reject, Revision, Sender, WallTime};

use crate::provider::Provider;

/// A registry without a disk, on a clock that is moved by hand. Drives the registry as a
/// runtime does: from deadline to deadline.
#[derive(Debug)]
pub struct Scene {
    /// The registry itself.
    pub registry: Registry,
    now: Moment,
    transactions: Vec<(Moment, Revision, Vec<Change>)>,
    budget: usize,
}

/// Where scenes begin on the wall: 2026-01-01.
const EPOCH: WallTime = WallTime(1_767_225_600_000);

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

impl Scene {
    /// An empty registry with the usual configuration.
    pub fn new() -> Self {
        Self::with(Config::default())
    }

    /// An empty registry.
    pub fn with(config: Config) -> Self {
        let start = Revision::start(Revision::ZERO, EPOCH);
        Self {
            registry: Registry::new(config, HearingConfig::default(), start),
            now: Moment { wall: EPOCH, ..Moment::default() },
            transactions: Vec::new(),
            budget: 1_000,
        }
    }

    /// What the clock says.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Carries a command out at once.
    ///
    /// # Errors
    ///
    /// The registry's own.
    pub fn run(&mut self, command: &Command) -> Result<(), Reject> {
        let changes =
            self.registry.decide(self.now, command, &Sender { face: "test", ..Sender::default() })?;
        self.registry.stage(&changes);
        self.registry.unstage(&changes);
        self.apply(changes);
        Ok(())
    }

    /// Registers a provider.
    ///
    /// # Panics
    ///
    /// Where the registry rejects it.
    pub fn register(&mut self, provider: Provider) {
        self.run(&provider.command()).expect("the registration is taken");
    }

    /// A beat for an instance's heartbeat.
    pub fn beat(&mut self, service: &str, id: &str) -> Renewal {
        let renewal =
            self.registry.lease_table().renew(self.now.tick, LeaseRef::heartbeat(service, id), None);
        if let Renewal::Renewed { lease, returned: true, .. } = renewal {
            let changes = self.registry.returned(self.now.tick, lease);
            self.apply(changes);
        }
        renewal
    }

    /// Moves the clock, and does what comes due on the way.
    ///
    /// # Panics
    ///
    /// Where the registry makes no progress.
    pub fn advance(&mut self, span: Duration) {
        let end = self.now.plus_millis(u64::try_from(span.as_millis()).expect("a test's span fits"));
        let mut idle_rounds = 0;
        while let Some(deadline) = self.registry.next_deadline().filter(|deadline| *deadline <= end.tick) {
            // A coarse slot's deadline is a lower bound and may lie behind.
            let ahead = deadline.max(self.now.tick).millis_since(self.now.tick);
            idle_rounds = if ahead == 0 { idle_rounds + 1 } else { 0 };
            assert!(idle_rounds < 100_000, "a deadline that never passes");
            self.now = self.now.plus_millis(ahead);
            self.tick();
        }
        self.now = self.now.plus_millis(end.tick.millis_since(self.now.tick));
        self.tick();
    }

    /// Moves the clock by milliseconds.
    ///
    /// # Panics
    ///
    /// As [`advance`](Self::advance).
    pub fn advance_millis(&mut self, millis: u64) {
        self.advance(Duration::from_millis(millis));
    }

    /// Moves the clock without letting the registry run, as a stopped process sees it.
    pub fn sleep_millis(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
    }

    /// Sets the wall clock, as an operator or a time service does. Ticks go on.
    pub fn set_wall(&mut self, wall: WallTime) {
        self.now.wall = wall;
    }

    /// Lets the registry look at the time once.
    pub fn tick(&mut self) {
        loop {
            let ticked = self.registry.tick(self.now.tick, self.budget);
            self.apply(ticked.changes);
            if !ticked.more {
                return;
            }
        }
    }

    /// Applies what the registry concluded when it was told something.
    pub fn conclude(&mut self, changes: Vec<Change>) {
        self.apply(changes);
    }

    /// What happened since this was asked last.
    pub fn take_changes(&mut self) -> Vec<Change> {
        self.take_transactions().into_iter().flat_map(|(_, _, changes)| changes).collect()
    }

    /// The same, as it was applied: when, with which revision.
    pub fn take_transactions(&mut self) -> Vec<(Moment, Revision, Vec<Change>)> {
        std::mem::take(&mut self.transactions)
    }

    /// Whether an instance is listed.
    pub fn is_listed(&self, service: &str, id: &str) -> bool {
        self.instance(service, id).is_some()
    }

    /// An instance as it is listed.
    pub fn instance(&self, service: &str, id: &str) -> Option<&Arc<Instance>> {
        self.registry.catalog().listed(&InstanceKey::new(service, id)).map(|listed| &listed.instance)
    }

    /// The status in force of an instance.
    pub fn status(&self, service: &str, id: &str) -> Option<Status> {
        self.instance(service, id).map(|instance| instance.effective_status())
    }

    fn apply(&mut self, changes: Vec<Change>) {
        if !changes.is_empty() {
            let revision = self.registry.catalog().revision().next();
            self.registry.apply(self.now, revision, &changes);
            self.registry.check_invariants();
            self.transactions.push((self.now, revision, changes));
        }
    }
}
