//! [`Plan`]: what a run is made of: who lives in it, and what happens to them when.

use lubdub_core::Config;
use lubdub_core::guard::Scope;
use lubdub_core::model::PhiLevel;

use crate::client::Kind;
use crate::time::{MILLI, MINUTE, Time};

/// What a run is made of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The registry's promises: how it is configured.
    pub config: Config,
    /// How often a request may wait unread while the registry does not serve input; more are lost.
    pub backlog: usize,
    /// The network at first.
    pub weather: Weather,
    /// The disk.
    pub disk: DiskTerms,
    /// The machines, with what runs on them.
    pub hosts: Vec<HostPlan>,
    /// What happens when.
    pub script: Vec<(Time, Fault)>,
    /// How long all this lasts.
    pub lasts: u64,
    /// How long everything is as it should be afterwards, before the end is judged.
    pub calm: u64,
    /// Whether the run fails unless each of its faults took place. Not where faults overlap at random:
    /// a process that is gone cannot stand still.
    pub each_fault_must_happen: bool,
}

/// A machine, with what runs on it.
#[derive(Debug, Clone)]
pub struct HostPlan {
    /// Its zone.
    pub zone: &'static str,
    /// What runs on it from the beginning, or once it is started.
    pub providers: Vec<ProviderPlan>,
    /// Whether it runs from the beginning.
    pub runs: bool,
    /// How much faster its clock is, in millionths.
    pub skew: i64,
    /// Where all that runs on it is one process that keeps it by a session.
    pub session: Option<SessionPlan>,
}

/// A session, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPlan {
    /// The silence that ends it.
    pub timeout: u64,
    /// How long it is waited for when its connection closes alone.
    pub grace: u64,
    /// The level by which it asks to be judged, where that is to be by what is learnt of its messages.
    pub phi: Option<PhiLevel>,
}

/// A process that provides a service.
#[derive(Debug, Clone)]
pub struct ProviderPlan {
    /// Which service.
    pub service: &'static str,
    /// How it keeps its lease.
    pub kind: Kind,
    /// The lease's time-to-live, in microseconds.
    pub ttl: u64,
    /// The promised time between two beats, in microseconds.
    pub interval: u64,
    /// The level by which it asks to be judged, where its lease is to be adaptive.
    pub phi: Option<PhiLevel>,
}

impl ProviderPlan {
    /// One that beats as its kind usually does.
    pub fn usual(service: &'static str, kind: Kind) -> Self {
        let (ttl, interval) = kind.usual_terms();
        Self { service, kind, ttl, interval, phi: None }
    }

    /// The same, with an adaptive lease of the usual level.
    #[must_use]
    pub fn adaptive(self) -> Self {
        Self { phi: Some(PhiLevel::USUAL), ..self }
    }
}

/// What the network does to messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Weather {
    /// The share of messages that are lost.
    pub loss: f64,
    /// How many messages in a row are lost on average, where losses come in bursts.
    pub burst: Option<f64>,
    /// The share of requests that arrive twice.
    pub duplicated: f64,
    /// How long a message is on its way.
    pub delay: Delay,
}

impl Default for Weather {
    fn default() -> Self {
        Self { loss: 0.0, burst: None, duplicated: 0.0, delay: Delay::Constant(MILLI) }
    }
}

/// How long a message is on its way, in microseconds.
#[derive(Debug, Clone, PartialEq)]
pub enum Delay {
    /// Always so long.
    Constant(u64),
    /// Normally distributed.
    Normal {
        /// On average.
        mean: u64,
        /// Its deviation.
        deviation: u64,
    },
    /// Exponentially distributed, above a least value.
    Exponential {
        /// At least.
        least: u64,
        /// On average so much more.
        mean: u64,
    },
    /// Pareto-distributed, with a tail of 4/3.
    Heavy {
        /// At least.
        least: u64,
    },
}

/// The registry's disk.
#[derive(Debug, Clone)]
pub struct DiskTerms {
    /// Whether there is one.
    pub present: bool,
    /// A commit takes at least so many microseconds
    pub least: u64,
    /// and on average so many more.
    pub mean: u64,
    /// A commit that takes longer is given up, and the registry goes on in memory.
    pub patience: u64,
}

impl Default for DiskTerms {
    fn default() -> Self {
        Self { present: true, least: 500, mean: 2 * MILLI, patience: 1_000 * MILLI }
    }
}

/// Which way a link is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Nothing gets through.
    Both,
    /// Requests are lost.
    ToRegistry,
    /// Requests arrive, their answers are lost.
    FromRegistry,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Machines stop without a word.
    Crash(Vec<usize>),
    /// Processes are killed on machines that go on: their address refuses connections.
    Kill(Vec<usize>),
    /// Stopped machines start, and what they run registers anew.
    Start(Vec<usize>),
    /// Machines stand still for so long.
    Pause(Vec<usize>, u64),
    /// What runs on machines leaves in good order.
    Leave(Vec<usize>),
    /// Machines are cut off.
    Cut(Vec<usize>, Way),
    /// They are reached again.
    Heal(Vec<usize>),
    /// The network changes for everybody
    Weather(Weather),
    /// or for some.
    LocalWeather(Vec<usize>, Weather),
    /// The registry's process stands still for so long.
    PauseRegistry(u64),
    /// Its input is not served for so long; its driver and its pacer go on.
    Deafen(u64),
    /// It ends at once, and starts again after so long with what its disk holds.
    CrashRegistry(u64),
    /// Commits hang for so long.
    StallDisk(u64),
    /// Commits fail for so long.
    FailDisk(u64),
    /// The registry's wall clock is set forward (or back) by so many milliseconds.
    SetWall(i64),
    /// An operator sets an override on what runs on machines,
    Override(Vec<usize>),
    /// or takes it back without a word, so that it must register again.
    AskAgain(Vec<usize>),
    /// An operator lets go what the guard holds.
    Release(Scope),
    /// Something on the way closes the connections of these machines' sessions, as a proxy that is
    /// reloaded does.
    CloseConnections(Vec<usize>),
}

impl Fault {
    /// Its name, under which it is counted.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Crash(_) => "crash",
            Self::Kill(_) => "kill",
            Self::Start(_) => "start",
            Self::Pause(..) => "pause",
            Self::Leave(_) => "leave",
            Self::Cut(_, Way::Both) => "cut off",
            Self::Cut(_, Way::ToRegistry) => "cut towards the registry",
            Self::Cut(_, Way::FromRegistry) => "cut from the registry",
            Self::Heal(_) => "heal",
            Self::Weather(_) | Self::LocalWeather(..) => "weather",
            Self::PauseRegistry(_) => "registry paused",
            Self::Deafen(_) => "registry deaf",
            Self::CrashRegistry(_) => "registry crashed",
            Self::StallDisk(_) => "disk stalled",
            Self::FailDisk(_) => "disk failed",
            Self::SetWall(_) => "wall clock set",
            Self::Override(_) => "override",
            Self::AskAgain(_) => "asked again",
            Self::Release(_) => "guard released",
            Self::CloseConnections(_) => "connections closed",
        }
    }
}

impl Plan {
    /// These machines under the usual rules, with nothing happening for a while.
    pub fn quiet(hosts: Vec<HostPlan>, lasts: u64) -> Self {
        Self {
            config: Config::default(),
            backlog: 4_096,
            weather: Weather::default(),
            disk: DiskTerms::default(),
            hosts,
            script: Vec::new(),
            lasts,
            calm: 10 * MINUTE,
            each_fault_must_happen: true,
        }
    }

    /// One more thing that happens.
    #[must_use]
    pub fn with(mut self, at: u64, fault: Fault) -> Self {
        self.script.push((Time(at), fault));
        self
    }

    /// How many processes there are.
    pub fn providers(&self) -> usize {
        self.hosts.iter().map(|host| host.providers.len()).sum()
    }

    /// Every kind of fault that must have happened for a run to have shown anything.
    pub fn expected_faults(&self) -> Vec<&'static str> {
        if !self.each_fault_must_happen {
            return Vec::new();
        }
        let mut names: Vec<_> = self.script.iter().map(|(_, fault)| fault.name()).collect();
        let weathers = self.script.iter().filter_map(|(_, fault)| match fault {
            Fault::Weather(weather) | Fault::LocalWeather(_, weather) => Some(weather),
            _ => None,
        });
        for weather in weathers.chain([&self.weather]) {
            if weather.loss > 0.0 {
                names.push("lost");
            }
            if weather.duplicated > 0.0 {
                names.push("duplicated");
            }
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}
