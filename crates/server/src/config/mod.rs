//! [`ServerConfig`]: everything that can be set about a server, and where it comes from.
//!
//! Sources, the later ones outranking the earlier: defaults, a TOML file, the environment,
//! flags. [`ServerConfig::load`] merges them and tells all faults at once.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `fault` | what can be wrong, in words that say what to do |
//! | `value` | a setting as it was given, and what it can be read as |
//! | `keys` | the table of all settings |
//! | `file` | the TOML file |
//! | `services` | rules that a file has for single services |
//! | `sources` | flags and environment |
//! | `origins` | where each setting was given |
//! | `rules` | what must hold between settings |
//! | `shown` | what is set, in words that could be given again |

mod fault;
mod file;
mod keys;
mod origins;
mod rules;
mod services;
mod shown;
mod sources;
mod value;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use lubdub_eureka::EurekaConfig;
use lubdub_runtime::render::RendererConfig;

pub use fault::{ConfigError, ConfigFault, Place};
use origins::Origins;
pub(crate) use rules::is_loopback;
pub use sources::{Flags, ProcessEnvironment, Strings};

/// Everything that can be set about a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// Where it listens. Default `127.0.0.1:8761`, Eureka's port, for this machine only.
    /// Port 0 takes any free port.
    pub listen: Vec<SocketAddr>,
    /// The directory of the journal. Default `./lubdub-data`; made when it is missing. Two
    /// servers cannot share one.
    pub data: PathBuf,
    /// Keep everything in memory only: what is registered is lost at the end. Default false.
    pub ephemeral: bool,
    /// Start empty, whatever the journal holds. Default false; only a flag can say so.
    pub forget: bool,
    /// Let everybody in who can reach the listeners, also from other machines. Default false.
    pub open: bool,
    /// A file that holds the token which every request must carry. Default none.
    pub token_file: Option<PathBuf>,
    /// A file that holds the token of operators. Default none: it is kept in the data directory,
    /// where it is made at the first start; without one there are no operators.
    pub operator_token_file: Option<PathBuf>,
    /// A commit that takes longer counts as a failure of the disk: the registry then goes on
    /// in memory and says so. Default 1 s. Less makes it give up on disks that are merely
    /// slow; more lets registrations wait for longer.
    pub journal_patience: Duration,
    /// How many entries of the history survive a restart. Default 16 384, about 200 bytes each.
    pub durable_history: usize,
    /// What bounds requests and connections.
    pub traffic: TrafficLimits,
    /// What the Eureka face does; its `max_body_bytes` is that of `traffic`.
    pub eureka: EurekaConfig,
    /// The silence that ends a gRPC session which asks for none in particular. Default 30 s.
    pub session_timeout: Duration,
    /// What bounds the rendering of documents.
    pub render: RendererConfig,
    /// The numbers that decisions depend on; its `hash_seed` is replaced by a random one.
    pub core: lubdub_core::Config,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 8761))],
            data: PathBuf::from("./lubdub-data"),
            ephemeral: false,
            forget: false,
            open: false,
            token_file: None,
            operator_token_file: None,
            journal_patience: Duration::from_secs(1),
            durable_history: 16_384,
            traffic: TrafficLimits::default(),
            eureka: EurekaConfig::default(),
            session_timeout: Duration::from_secs(30),
            render: RendererConfig::default(),
            core: lubdub_core::Config::default(),
        }
    }
}

/// What bounds requests and connections, so that no client can take the registry from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrafficLimits {
    /// The most bytes of a request's body. Default 1 MiB. Beyond it: 413.
    pub max_body_bytes: usize,
    /// The most bytes of a request's head. Default 32 KiB, at least 8 KiB. Beyond it: 431.
    pub max_header_bytes: usize,
    /// A request's head must be complete this long after its first byte. Default 10 s.
    /// Else the connection is closed.
    pub header_timeout: Duration,
    /// A request's body must be complete this long after its head. Default 10 s. Beyond it: 408.
    pub body_timeout: Duration,
    /// A connection on which nothing happens is closed after this. Default 5 min: well above
    /// the 30 s between two beats of the usual clients, which must find their connection open.
    pub idle_timeout: Duration,
    /// A response must be taken by its client at all for this long. Default 30 s. Else the
    /// connection is closed; so a subscriber that stopped reading gives its place back.
    pub write_timeout: Duration,
    /// The other end of an HTTP/2 connection is asked for a sign of life when nothing came from it for this
    /// long. Default 3 s; zero asks nobody. Less notices the dead sooner, and costs two small packets for each
    /// idle connection in each interval.
    pub ping_interval: Duration,
    /// One that answers nothing for this long after that is given up: its connection is closed, and what it
    /// watched is forgotten. Default 2 s. Less closes those that are merely busy. Of sessions it says
    /// nothing: they have their own timeouts.
    pub ping_timeout: Duration,
    /// How long requests in flight may take to end when the server stops. Default 5 s.
    pub drain_timeout: Duration,
    /// How many connections may be open at once. Default 16 384, about 22 KiB each when idle.
    /// Lowered to what the system allows. Beyond it a connection is answered 503 and closed.
    pub max_connections: usize,
    /// How many of them one peer may have: one IPv4 address, one IPv6 network of 64 bits. Default
    /// 4 096: whole clusters come from one address where a gateway stands between. Loopback has no
    /// such limit.
    pub max_connections_per_peer: usize,
    /// How many commands may wait to be decided. Default 4 096. Beyond it: 503.
    pub max_waiting_commands: usize,
    /// How many streams of events may be open at once, and how many gRPC watches. Default 10 000 each.
    /// Beyond it: 503, `RESOURCE_EXHAUSTED`.
    pub max_subscribers: usize,
    /// How many requests may be open at once on one connection of HTTP/2. Default 1 000. More wait with
    /// their client.
    pub max_streams: usize,
}

impl Default for TrafficLimits {
    fn default() -> Self {
        Self {
            max_body_bytes: 1024 * 1024,
            max_header_bytes: 32 * 1024,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(5),
            write_timeout: Duration::from_secs(30),
            ping_interval: Duration::from_secs(3),
            ping_timeout: Duration::from_secs(2),
            drain_timeout: Duration::from_secs(5),
            max_connections: 16_384,
            max_connections_per_peer: 4_096,
            max_waiting_commands: 4_096,
            max_subscribers: 10_000,
            max_streams: 1_000,
        }
    }
}

impl ServerConfig {
    /// Merges flags, environment, file and defaults.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once.
    pub fn load(flags: &Flags, environment: &dyn Strings) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        let (mut origins, mut faults) = (Origins::default(), Vec::new());
        let mut services = Vec::new();
        if let Some(path) = sources::config_file(flags, environment) {
            services = file::merge(&mut config, &path, &mut origins, &mut faults);
        }
        sources::merge_environment(&mut config, environment, &mut origins, &mut faults);
        sources::merge_flags(&mut config, flags, &mut origins, &mut faults);
        config.merge_services(services, &mut origins);
        config.check_rules(&origins, &mut faults);
        if faults.is_empty() { Ok(config) } else { Err(ConfigError { faults }) }
    }

    /// Whether what must hold between settings does.
    ///
    /// # Errors
    ///
    /// Everything that does not, at once.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let mut faults = Vec::new();
        self.check_rules(&Origins::default(), &mut faults);
        if faults.is_empty() { Ok(()) } else { Err(ConfigError { faults }) }
    }
}

#[cfg(test)]
mod tests;
