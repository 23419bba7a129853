//! [`Host`] and [`Provider`]: machines, and the processes that live and die on them.

use std::time::Duration;

use lubdub_core::adaptive::METADATA_KEY;
use lubdub_core::model::{Address, CheckId, HostName, InstanceKey, Metadata, Precedence};
use lubdub_core::{CheckTerms, Command, Registration, StatusRule};

use crate::client::{Ask, Client, Kind};
use crate::plan::{HostPlan, ProviderPlan};
use crate::session::Session;
use crate::time::Time;

/// A machine.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) zone: &'static str,
    pub(crate) address: HostName,
    pub(crate) providers: Vec<usize>,
    pub(crate) runs: bool,
    pub(crate) paused_until: Time,
    /// What keeps all that runs on it, where it is one process with a session.
    pub(crate) session: Option<Session>,
    skew: i64,
}

/// A process that provides a service.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) host: usize,
    pub(crate) key: InstanceKey,
    pub(crate) plan: ProviderPlan,
    pub(crate) client: Client,
    pub(crate) is_alive: bool,
    /// Which process it is: the second after the first was killed.
    pub(crate) process: u32,
    /// Which request it waits for an answer to.
    pub(crate) attempt: u32,
    pub(crate) asked: Option<(Ask, Time)>,
    pub(crate) died_at: Option<Time>,
    /// It said that it leaves, once: that may arrive long after it started again.
    pub(crate) left: bool,
    /// When it last changed, by its own clock: Eureka's `lastDirtyTimestamp`.
    pub(crate) dirty: u64,
}

impl Host {
    pub(crate) fn new(index: usize, plan: &HostPlan) -> Self {
        Self {
            zone: plan.zone,
            address: format!("10.{}.{}.{}", index / 65_536, index / 256 % 256, index % 256).into(),
            providers: Vec::new(),
            runs: plan.runs,
            paused_until: Time::default(),
            session: plan.session.map(|terms| Session::new(terms.timeout, terms.grace, terms.phi)),
            skew: plan.skew,
        }
    }

    /// How long a span of its own clock really takes.
    pub(crate) fn really(&self, micros: u64) -> u64 {
        let real = i128::from(micros) * 1_000_000 / i128::from(1_000_000 + self.skew);
        u64::try_from(real).unwrap_or(micros)
    }

    /// What its wall clock shows, in milliseconds since the world began.
    pub(crate) fn wall(&self, now: Time) -> u64 {
        (now.0 / 1_000)
            .saturating_add_signed(i64::try_from(now.0).unwrap_or(i64::MAX) / 1_000_000_000 * self.skew)
    }
}

impl Provider {
    /// The provider at a place of a machine.
    pub(crate) fn new(host: usize, place: usize, plan: &ProviderPlan) -> Self {
        Self {
            host,
            key: InstanceKey::new(plan.service, &format!("{host}:{}", 8_000 + place)),
            client: Client::new(plan.kind, plan.interval),
            plan: plan.clone(),
            is_alive: false,
            process: 0,
            attempt: 0,
            asked: None,
            died_at: None,
            left: false,
            dirty: 0,
        }
    }

    /// It starts, as a new process.
    pub(crate) fn start(&mut self, wall: u64) {
        self.process += 1;
        self.client = Client::new(self.plan.kind, self.plan.interval);
        (self.is_alive, self.asked, self.died_at) = (true, None, None);
        self.dirty = self.dirty.max(wall).saturating_add(1);
    }

    /// It ends without a word.
    pub(crate) fn die(&mut self, now: Time) {
        if self.is_alive {
            (self.is_alive, self.asked, self.died_at) = (false, None, Some(now));
            self.process += 1;
        }
    }

    /// Whether it speaks as an Eureka client, with time stamps.
    pub(crate) fn stamps(&self) -> bool {
        self.plan.kind != Kind::Sdk
    }

    /// Its registration.
    pub(crate) fn registration(&self, host: &Host) -> Command {
        let address = Address { host: host.address.clone(), port: Some(8080), secure_port: None };
        let check = CheckTerms {
            id: CheckId::HEARTBEAT,
            ttl: Duration::from_micros(self.plan.ttl),
            interval: Duration::from_micros(self.plan.interval),
        };
        let mut asked = Registration::new(self.key.clone(), address, check);
        asked.profile.zone = Some(host.zone.into());
        if let Some(phi) = self.plan.phi {
            asked.profile.metadata = Metadata::new([(METADATA_KEY, phi.to_string())]);
        }
        if self.stamps() {
            asked.precedence = Some(Precedence(self.dirty));
            asked.status_rule = StatusRule::KeepStored;
        }
        Command::Register(Box::new(asked))
    }
}
