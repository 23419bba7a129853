//! [`ChannelSetup`]: what is said of a channel before it is opened.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use lubdub_balance::{Balancer, Config, Strategies};
use lubdub_client::{Registry, Selector};
use lubdub_detect::Fault;
use parking_lot::Mutex;
use tokio::runtime::Handle;

use super::calling::Caller;
use super::channel::Channel;
use super::fault::ChannelFault;
use super::follow::{self, Links, Whom};
use super::http2::Http2;
use super::keep_alive::KeepAlive;
use super::link::Common;
use super::names::{probe_named, transport_named};
use super::policy::{Idempotent, Policy};
use super::probe::GrpcHealth;
use crate::availability::AvailabilitySettings;
use crate::clock::Clock;

/// A channel before it is opened; made by [`channel`].
#[derive(Debug)]
#[must_use = "nothing is connected before `open`"]
pub struct ChannelSetup {
    service: String,
    registry: Option<Registry>,
    selector: Selector,
    direct: Vec<String>,
    strategy: String,
    strategies: Strategies,
    balancing: Config,
    availability: AvailabilitySettings,
    keep_alive: KeepAlive,
    transport: String,
    probe: String,
    policy: Policy,
    source: Option<IpAddr>,
}

/// Begins to set up a channel to the instances of a service.
///
/// ```no_run
/// # use lubdub_client::Registry;
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let registry = Registry::at("lubdub://127.0.0.1:8761")?;
/// let orders = lubdub_link::channel("shop.v1.Orders").registry(&registry).open().await?;
/// // Whatever is generated for tonic takes it: OrdersClient::new(orders)
/// # Ok(())
/// # }
/// ```
pub fn channel(service: impl Into<String>) -> ChannelSetup {
    ChannelSetup {
        service: service.into(),
        registry: None,
        selector: Selector::any(),
        direct: Vec::new(),
        strategy: "p2c-peak-ewma".to_owned(),
        strategies: Strategies::standard(),
        balancing: Config::default(),
        availability: AvailabilitySettings::default(),
        keep_alive: KeepAlive::default(),
        transport: Http2::NAME.to_owned(),
        probe: GrpcHealth::NAME.to_owned(),
        policy: Policy::default(),
        source: None,
    }
}

impl ChannelSetup {
    /// Calls go to whom this registry lists, and follow what it tells.
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = Some(registry.clone());
        self
    }

    /// Of those, only to the ones that are wanted.
    pub fn only(mut self, selector: Selector) -> Self {
        self.selector = selector;
        self
    }

    /// Calls go to these addresses (`host:port`), and no registry is asked.
    pub fn direct(mut self, addresses: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.direct = addresses.into_iter().map(Into::into).collect();
        self
    }

    /// By which strategy endpoints are picked: `p2c-peak-ewma` unless said otherwise. The names are those of
    /// [`Strategies`].
    pub fn strategy(mut self, name: impl Into<String>) -> Self {
        self.strategy = name.into();
        self
    }

    /// Strategies of one's own, beside the standard ones or instead of them.
    pub fn strategies(mut self, strategies: Strategies) -> Self {
        self.strategies = strategies;
        self
    }

    /// The own zone, slow start, the last resort.
    pub fn balancing(mut self, settings: Config) -> Self {
        self.balancing = settings;
        self
    }

    /// When an endpoint is unavailable, and how it is probed.
    pub fn availability(mut self, settings: AvailabilitySettings) -> Self {
        self.availability = settings;
        self
    }

    /// How connections are watched while they are open.
    pub fn keep_alive(mut self, keep_alive: KeepAlive) -> Self {
        self.keep_alive = keep_alive;
        self
    }

    /// Beats connections after so long a silence, instead of the 30 s of [`KeepAlive`].
    pub fn beat_every(mut self, interval: Duration) -> Self {
        self.keep_alive.interval = Some(interval);
        self
    }

    /// By which transport, of those that [`add_transport`](crate::channel::add_transport) knows: `http2` unless said otherwise.
    pub fn transport(mut self, name: impl Into<String>) -> Self {
        self.transport = name.into();
        self
    }

    /// By which probe endpoints are asked, of those that [`add_probe`](crate::channel::add_probe) knows:
    /// `grpc-health` unless said otherwise.
    pub fn probe(mut self, name: impl Into<String>) -> Self {
        self.probe = name.into();
        self
    }

    /// On how many endpoints a call is tried at most, where that is safe: 3 unless said otherwise. It is safe where nothing
    /// of a call was sent, and for calls that were said to be idempotent.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.policy.attempts = attempts;
        self
    }

    /// Each call is tried once.
    pub fn fail_fast(self) -> Self {
        self.attempts(1)
    }

    /// This method may be called twice, as the second time changes nothing: `/package.Service/Method`.
    pub fn idempotent(mut self, path: impl Into<String>) -> Self {
        if let Idempotent::Methods(methods) = &mut self.policy.idempotent {
            methods.insert(path.into());
        }
        self
    }

    /// Every method may be called twice.
    pub fn all_idempotent(mut self) -> Self {
        self.policy.idempotent = Idempotent::All;
        self
    }

    /// How many bytes of a request are kept for another attempt, 64 KiB unless said otherwise; a longer one is sent once.
    pub fn replay_limit(mut self, bytes: usize) -> Self {
        self.policy.replay_limit = bytes;
        self
    }

    /// This program's address, for strategies that hash it.
    pub fn source(mut self, address: IpAddr) -> Self {
        self.source = Some(address);
        self
    }

    /// Opens it: waits until the registry, or a file of before, says whom there is to call. Nobody is connected to yet. Must be
    /// called within a tokio runtime, where it lives.
    ///
    /// # Errors
    ///
    /// A [`ChannelFault`]; nothing is left behind.
    pub async fn open(self) -> Result<Channel, ChannelFault> {
        self.validate()?;
        let transport = transport_named(&self.transport)?;
        let probe = probe_named(&self.probe)?;
        let balancer = Balancer::new(self.strategies.named(&self.strategy)?, self.balancing)?;
        let whom = match self.registry {
            None => Whom::Fixed(self.direct),
            Some(registry) => Whom::Listed(registry.consume_only(&self.service, self.selector).await?),
        };
        let common = Arc::new(Common {
            service: self.service,
            clock: Clock::start(),
            settings: self.availability,
            probe,
            balancer,
            tasks: Handle::current(),
            probes: AtomicU64::new(0),
            links: Mutex::new(Vec::new()),
        });
        let links = Links::new(&common, transport, self.keep_alive);
        let following = follow::begin(links, whom)?;
        let strategies = self.strategies;
        let caller = Caller { common, policy: self.policy, source: self.source, strategies };
        Ok(Channel::new(caller, following))
    }

    fn validate(&self) -> Result<(), ChannelFault> {
        let service = || self.service.clone();
        match (&self.registry, self.direct.is_empty()) {
            (None, true) => return Err(ChannelFault::Nowhere { service: service() }),
            (Some(_), false) => return Err(ChannelFault::TwoSources { service: service() }),
            _ => {}
        }
        if self.policy.attempts == 0 {
            return Err(Fault::new("attempts", 0, "at least 1").into());
        }
        self.keep_alive.validate()?;
        self.availability.validate()?;
        Ok(())
    }
}
