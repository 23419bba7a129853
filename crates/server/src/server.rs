//! [`Server`]: starts everything in the right order, and ends it in the reverse.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use lubdub_eureka::{EurekaConfig, EurekaFace};
use lubdub_grpc::GrpcConfig;
use lubdub_rest::{LogControl, RestConfig};
use lubdub_runtime::render::Renderer;
use lubdub_runtime::{Condition, Handle, JournalConfig, Runtime, RuntimeConfig, StartError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::access::Access;
use crate::config::{ConfigError, ServerConfig};
use crate::connection::Serving;
use crate::front::{Front, mount};
use crate::metrics::{self, Requests, Sources, marked};
use crate::operator::{self, OperatorGate};
use crate::shutdown::Connections;
use crate::token::{Token, TokenError};
use crate::{limits, listeners};

/// Starts servers.
#[derive(Debug)]
pub struct Server;

/// Why a server did not start. Nothing of it is left then.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration is not usable.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no token to ask for.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A listener could not be bound.
    #[error("cannot listen on {address}: {}", why_not(.address, .source))]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The registry did not start: the data directory is in use, not writable, of a newer
    /// format.
    #[error(transparent)]
    Runtime(#[from] StartError),
    /// Starting the registry panicked; the log says more.
    #[error("the registry failed to start; this is a defect of lubdub, and its log says more")]
    Defect,
}

fn why_not(address: &SocketAddr, source: &io::Error) -> String {
    let other = SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(8761));
    match source.kind() {
        io::ErrorKind::AddrInUse => {
            format!(
                "another program does already, perhaps another lubdub; stop that one, or choose another port, such as --listen {other}"
            )
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need privileges; choose another, such as --listen 127.0.0.1:8761".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine has no such address; choose one that it has, such as --listen 127.0.0.1:8761"
                .to_owned()
        }
        _ => format!("{source}; choose another address with --listen"),
    }
}

impl Server {
    /// Binds the listeners, starts the registry (which may take a while to read its journal),
    /// then accepts connections. Must be called within a tokio runtime, whose workers then
    /// serve.
    ///
    /// # Errors
    ///
    /// Why it did not start, and what to do.
    pub async fn start(config: ServerConfig) -> Result<Running, ServeError> {
        Self::start_with_log(config, None).await
    }

    /// The same, with what operators change by `PUT /api/v1/log`.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn start_with_log(
        config: ServerConfig,
        log: Option<LogControl>,
    ) -> Result<Running, ServeError> {
        config.validate()?;
        let token = config.token_file.as_deref().map(Token::read).transpose()?;
        let named = config.operator_token_file.as_deref().map(Token::read).transpose()?;
        let listeners = config
            .listen
            .iter()
            .map(|address| {
                let refused = |source| ServeError::Listen { address: *address, source };
                let listener = listeners::bind(*address).map_err(refused)?;
                let bound = listener.local_addr().map_err(refused)?;
                Ok((listener, bound))
            })
            .collect::<Result<Vec<_>, ServeError>>()?;
        let runtime_config = runtime_config(&config);
        let runtime = tokio::task::spawn_blocking(move || Runtime::start(runtime_config))
            .await
            .map_err(|_| ServeError::Defect)??;
        // Only now is the directory there, and ours alone.
        let operators = match named {
            None if !config.ephemeral => Some(operator::kept_in(&config.data)?),
            named => named,
        };
        let operators = Arc::new(OperatorGate::new(operators));

        let (stop, stopping) = watch::channel(false);
        let most = limits::make_room_for(config.traffic.max_connections);
        if most < config.traffic.max_connections {
            tracing::warn!(most, "the system allows fewer connections than limits.max_connections");
        }
        let connections = Arc::new(Connections::new(most, config.traffic.max_connections_per_peer));
        let grpc = grpc(&config, &runtime, &stopping).await;
        let front = Arc::new(front(&config, token, operators, &runtime, &stopping, &connections, log, grpc));
        let mut addresses = Vec::new();
        let mut accepting = Vec::new();
        for (listener, address) in listeners {
            let serving =
                Serving { front: Arc::clone(&front), loopback: crate::config::is_loopback(&address) };
            let connections = Arc::clone(&connections);
            accepting.push(tokio::spawn(listeners::accept(listener, serving, connections, stopping.clone())));
            runtime.listen_to_yourself(address);
            addresses.push(address);
        }
        Ok(Running { addresses, connections: EndAtOnce(connections), runtime, accepting, stop, config })
    }
}

/// The gRPC face, with what bounds it.
async fn grpc(config: &ServerConfig, runtime: &Runtime, stopping: &watch::Receiver<bool>) -> Router {
    let limits = &config.core.limits;
    let face = GrpcConfig {
        // What is not set must not be refused for what is.
        session_timeout: config.session_timeout.clamp(limits.least_ttl, limits.longest_ttl),
        max_message_bytes: config.traffic.max_body_bytes,
        max_sessions: config.core.limits.sessions,
        max_watches: config.traffic.max_subscribers,
        stopping: Some(stopping.clone()),
        ..GrpcConfig::default()
    };
    marked(lubdub_grpc::router(runtime.handle(), face).await, "grpc", lubdub_grpc::route)
}

#[expect(clippy::too_many_arguments, reason = "each is a part of the server that is made before")]
fn front(
    config: &ServerConfig,
    token: Option<Token>,
    operators: Arc<OperatorGate>,
    runtime: &Runtime,
    stopping: &watch::Receiver<bool>,
    connections: &Arc<Connections>,
    log: Option<LogControl>,
    grpc: Router,
) -> Front {
    let rest = RestConfig {
        max_subscribers: config.traffic.max_subscribers,
        max_body_bytes: config.traffic.max_body_bytes,
        server: rand::random(),
        stopping: Some(stopping.clone()),
        operators: Some(operators.clone()),
        damping: config.core.damping.clone(),
        settings: config.effective(),
        log,
        ..RestConfig::default()
    };
    let eureka_config =
        EurekaConfig { max_body_bytes: config.traffic.max_body_bytes, ..config.eureka.clone() };
    let (renderer, requests) = (Renderer::new(config.render.clone()), Arc::new(Requests::default()));
    let eureka = EurekaFace::new(runtime.handle(), renderer.clone(), eureka_config);
    let metrics = metrics::router(Sources {
        handle: runtime.handle(),
        renderer,
        connections: Arc::clone(connections),
        requests: Arc::clone(&requests),
        operators,
    });
    Front {
        access: Access { token },
        limits: config.traffic.clone(),
        handle: runtime.handle(),
        faces: mount(&eureka, lubdub_rest::router(runtime.handle(), rest), metrics),
        eureka,
        grpc,
        requests,
    }
}

fn runtime_config(config: &ServerConfig) -> RuntimeConfig {
    let journal = if config.ephemeral {
        JournalConfig::Memory
    } else {
        JournalConfig::Directory {
            path: config.data.clone(),
            forget: config.forget,
            patience: config.journal_patience,
            durable_history: config.durable_history,
        }
    };
    let mut core = config.core.clone();
    core.hash_seed = rand::random();
    RuntimeConfig {
        core,
        journal,
        most_waiting: config.traffic.max_waiting_commands,
        ..RuntimeConfig::default()
    }
}

/// A server that runs. Dropping it ends it at once; [`Running::stop`] lets requests finish.
#[derive(Debug)]
pub struct Running {
    addresses: Vec<SocketAddr>,
    // Before the registry, so that nothing is answered when that has ended.
    connections: EndAtOnce,
    runtime: Runtime,
    accepting: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
    config: ServerConfig,
}

/// Connections that end when this is dropped.
#[derive(Debug)]
struct EndAtOnce(Arc<Connections>);

impl Drop for EndAtOnce {
    fn drop(&mut self) {
        self.0.end_at_once();
    }
}

impl Running {
    /// Where it listens, in the order of the configuration, with the ports that the system
    /// chose.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What leads to the registry.
    pub fn handle(&self) -> Handle {
        self.runtime.handle()
    }

    /// How the registry is, and what was restored.
    pub fn condition(&self) -> Condition {
        self.runtime.handle().condition()
    }

    /// What it was started with.
    pub fn config(&self) -> &ServerConfig {
        &self.config
    }

    /// Stops: accepts nothing more, ends streams, lets requests in flight finish for a bounded
    /// time, writes what there is to write.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.accepting {
            // It ends by itself now; a panic of it was logged when it happened.
            drop(task.await);
        }
        self.connections.0.end(self.config.traffic.drain_timeout).await;
        let runtime = self.runtime;
        drop(tokio::task::spawn_blocking(move || runtime.stop()).await);
    }
}
