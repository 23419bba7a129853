//! [`Runtime`]: opens the journal, restores what it holds, starts the threads.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use arc_swap::ArcSwap;
use lubdub_core::hearing::HearingConfig;
use lubdub_core::{Config, Registry};
use parking_lot::Mutex;

use crate::clock::Clock;
use crate::commits::Timed;
use crate::condition::{Condition, JournalState, Restored};
use crate::counters::Tally;
use crate::driver::Driver;
use crate::ears::Ears;
use crate::handle::Handle;
use crate::input::Input;
use crate::journal::pipeline::Pipeline;
use crate::journal::writer::Writer;
use crate::journal::{EmbeddedJournal, Journal, Loaded, OpenError, Part};
use crate::pacer;
use crate::prober::{self, ProbeTally};
use crate::restoring::Restoring;
use crate::sessions::{Secrets, SessionConnections};
use crate::shared::Shared;
use crate::vital::Vital;
use crate::waiters::Waiters;

/// What a runtime is started with.
#[derive(Debug, Clone)]
pub struct RuntimeConfig {
    /// What decisions depend on.
    pub core: Config,
    /// When a gap between own beats is deaf time.
    pub hearing: HearingConfig,
    /// Where state survives a restart.
    pub journal: JournalConfig,
    /// How many commands may wait for the driver; more are answered `Busy`. Default 16 384.
    pub most_waiting: usize,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            core: Config::default(),
            hearing: HearingConfig::default(),
            journal: JournalConfig::Memory,
            most_waiting: 16_384,
        }
    }
}

/// Where state survives a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalConfig {
    /// Nowhere.
    Memory,
    /// In a directory of this machine.
    Directory {
        /// The directory; made if it is missing.
        path: PathBuf,
        /// Whether to start empty, moving what is there aside.
        forget: bool,
        /// A commit that takes longer counts as unavailable. Default 1 s.
        patience: Duration,
        /// How many history entries survive a restart. Default 16 384.
        durable_history: usize,
    },
}

impl JournalConfig {
    /// A directory, with the defaults.
    pub fn directory(path: impl Into<PathBuf>) -> Self {
        Self::Directory {
            path: path.into(),
            forget: false,
            patience: Duration::from_secs(1),
            durable_history: 16_384,
        }
    }
}

/// Why a runtime did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The journal could not be opened.
    #[error(transparent)]
    Journal(#[from] OpenError),
    /// The system refused a thread.
    #[error("could not start a thread: {0}")]
    Thread(#[from] std::io::Error),
}

/// The running registry: its threads, and what leads to them.
#[derive(Debug)]
pub struct Runtime {
    handle: Handle,
    driver: Option<JoinHandle<()>>,
    pacer: Option<JoinHandle<()>>,
    prober: Option<JoinHandle<()>>,
}

impl Runtime {
    /// Opens the journal, restores what it holds, and starts.
    ///
    /// # Errors
    ///
    /// Where the journal cannot be opened, or the system refuses a thread.
    pub fn start(config: RuntimeConfig) -> Result<Self, StartError> {
        let clock = Clock::start();
        let began = clock.now().wall;
        let mut restoring = Restoring::new(config.core.clone(), config.hearing.clone(), began);
        match config.journal.clone() {
            JournalConfig::Memory => {
                let restored = restoring.end(clock.now(), Loaded::default());
                Self::start_on(clock, config, restored, None)
            }
            JournalConfig::Directory { path, forget, patience, durable_history } => {
                let mut take = |part| restoring.take(part);
                let (journal, rest) =
                    EmbeddedJournal::open_into(&path, forget, durable_history, began, &mut take)?;
                let restored = restoring.end(clock.now(), rest);
                Self::start_on(clock, config, restored, Some((Box::new(journal), patience)))
            }
        }
    }

    /// Starts on a journal of the caller's own: the seam for other back ends, and for tests
    /// with slow and failing disks.
    ///
    /// # Errors
    ///
    /// Where the system refuses a thread.
    pub fn start_with(
        config: RuntimeConfig,
        journal: Box<dyn Journal>,
        mut loaded: Loaded,
        patience: Duration,
    ) -> Result<Self, StartError> {
        let clock = Clock::start();
        let mut restoring = Restoring::new(config.core.clone(), config.hearing.clone(), clock.now().wall);
        restoring.take(Part::Begin { revision: loaded.revision });
        let instances = loaded.instances.drain(..).map(Arc::unwrap_or_clone);
        restoring.take(Part::Instances(instances.collect()));
        let restored = restoring.end(clock.now(), loaded);
        Self::start_on(clock, config, restored, Some((journal, patience)))
    }

    fn start_on(
        clock: Clock,
        config: RuntimeConfig,
        (mut registry, restored): (Registry, Option<Restored>),
        journal: Option<(Box<dyn Journal>, Duration)>,
    ) -> Result<Self, StartError> {
        let now = clock.now();
        let probe = config.core.probe;
        let (inputs, inbox) = mpsc::channel();
        let (beat_now, wanted) = mpsc::sync_channel(1);
        let tally = Tally::default();
        let (pipeline, writer) = match journal {
            None => (Pipeline::memory(), None),
            Some((journal, patience)) => {
                let answers = inputs.clone();
                let journal = Box::new(Timed { journal, commits: Arc::clone(&tally.commits) });
                // A driver that has ended needs no answer.
                let writer = Writer::start(journal, clock, move |outcome| {
                    drop(answers.send(Input::Committed(outcome)));
                })?;
                (Pipeline::durable(patience), Some(writer))
            }
        };
        let shared = Arc::new(Shared {
            clock,
            leases: Arc::clone(registry.lease_table()),
            snapshot: ArcSwap::from_pointee(registry.snapshot()),
            guard: ArcSwap::from_pointee(registry.guard_report(now)),
            damping: ArcSwap::default(),
            deaf: ArcSwap::default(),
            waiters: Waiters::default(),
            tally,
            condition: Mutex::new(Condition {
                journal: if writer.is_some() { JournalState::Durable } else { JournalState::Memory },
                restored,
                started: now.wall,
                deaf_last_hour: Duration::ZERO,
            }),
            deaf_last_hour: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            most_waiting: config.most_waiting.max(1),
            stopping: AtomicBool::new(false),
            ears: Ears::default(),
            probing: probe.enabled,
            probes: ProbeTally::default(),
            sessions: Secrets::default(),
            watches: AtomicUsize::new(0),
        });
        let handle = Handle { shared: Arc::clone(&shared), inputs: inputs.clone() };
        let (events, prober) = if probe.enabled {
            let (events, thread) = prober::start(probe, clock, Arc::clone(&shared), inputs.clone())?;
            (Some(events), Some(thread))
        } else {
            (None, None)
        };
        let shared_too = Arc::clone(&shared);
        let driver = Driver {
            registry,
            pipeline,
            writer,
            shared: shared_too,
            inputs: inbox,
            beat_now,
            returned: Vec::new(),
            released: Vec::new(),
            connections: SessionConnections::default(),
            prober: events,
        };
        let driver = thread::Builder::new().name("lubdub-driver".into()).spawn(move || {
            let _vital = Vital("driver");
            driver.run();
        })?;
        let pacer = thread::Builder::new().name("lubdub-pacer".into()).spawn(move || {
            let _vital = Vital("pacer");
            pacer::run(clock, &shared, &wanted, &inputs);
        })?;
        Ok(Self { handle, driver: Some(driver), pacer: Some(pacer), prober })
    }

    /// What leads to the registry.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// The registry beats to itself through this listener from now on, and judges no lease
    /// beyond what that proves. The listener must answer [`crate::OWN_BEAT_PATH`].
    pub fn listen_to_yourself(&self, address: SocketAddr) {
        let (answer, ear) = mpsc::sync_channel(1);
        if self.handle.inputs.send(Input::AddEar(answer)).is_ok()
            && let Ok(ear) = ear.recv()
        {
            self.handle.shared.ears.add(ear, address);
        }
    }

    /// Takes no more commands, writes what there is to write (for at most five seconds), and
    /// ends the threads.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.handle.shared.stopping.store(true, Ordering::Relaxed);
        self.handle.shared.ears.clear();
        // Both are gone already where a thread panicked; then there is nothing to wait for.
        drop(self.handle.inputs.send(Input::Stop));
        for thread in [self.driver.take(), self.pacer.take(), self.prober.take()].into_iter().flatten() {
            if thread.join().is_err() {
                tracing::error!("a thread of the registry panicked");
            }
        }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if self.driver.is_some() {
            self.end();
        }
    }
}
