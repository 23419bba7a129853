//! [`Serving`]: a gRPC server that runs, as the program holds it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tracing::warn;

use super::health::Health;
use super::place::Place;
use super::table::{Dispatch, Mountable, Mounted, Table};
use crate::error::Error;
use crate::instance::Instance;
use crate::provider::{Parting, Provider};
use crate::registry::Registry;
use crate::worker::Worker;

/// What each of its services is provided with.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) registry: Registry,
    /// What each says of itself beyond its name.
    pub(super) described: Instance,
    pub(super) open: bool,
    /// Whether mounting waits for the registry.
    pub(super) waits: bool,
    /// Whether connections have a thread of their own.
    pub(super) is_apart: bool,
}

/// A gRPC server that runs, with its services provided. Dropping it takes them out at once and stops
/// listening; [`Self::shut_down`] lets consumers know first.
#[derive(Debug)]
#[must_use = "a server that is dropped at once stops at once"]
pub struct Serving {
    plan: Plan,
    address: SocketAddr,
    table: Arc<Table>,
    health: Health,
    provided: Mutex<Vec<Provider>>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    /// Dropped to end it.
    stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
    /// The thread on which connections live; none of its own unless that was said.
    thread: Option<Worker>,
}

/// So long connections may take to close once nothing is served on them.
const CLOSING: Duration = Duration::from_secs(5);

impl Serving {
    /// Listens and serves, nothing yet but health.
    pub(super) async fn start(mut plan: Plan, place: Place, server: Server) -> Result<Self, Error> {
        let thread = if plan.is_apart { Some(Worker::start("lubdub-serve")?) } else { None };
        // A listener belongs to the runtime that it was bound on.
        let tasks = thread.as_ref().map_or_else(Handle::current, |thread| thread.tasks().clone());
        let (bound, was_bound) = oneshot::channel();
        tasks.spawn(async move { drop(bound.send(place.bind().await)) });
        let (listener, address) = was_bound.await.unwrap_or(Err(Error::ShutDown))?;
        plan.described.port = address.port();
        if plan.described.host.is_empty() {
            if address.ip().is_unspecified() {
                let (field, value) = ("host", address.ip().to_string());
                let expected = "the host at which consumers call it: say it with called_at";
                return Err(Error::BadInstance { field, value, expected });
            }
            plan.described.host = address.ip().to_string();
        }
        let calls_run_on = thread.is_some().then(Handle::current);
        let table = Arc::new(Table::new(calls_run_on));
        let (health, service) = Health::new();
        table.add(service)?;
        let (stop, stopped) = oneshot::channel();
        let dispatch = Dispatch(table.clone());
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let (has_ended, ended) = oneshot::channel();
        tasks.spawn(async move {
            let stopped = async { drop(stopped.await) };
            if let Err(error) = server.serve_with_incoming_shutdown(dispatch, incoming, stopped).await {
                warn!(%address, %error, "a gRPC server ended");
            }
            drop(has_ended);
        });
        let running = Some(Running { stop, ended, thread });
        Ok(Self { plan, address, table, health, provided: Mutex::new(Vec::new()), running })
    }

    /// Mounts one more service, while calls come in, and provides it.
    ///
    /// # Errors
    ///
    /// [`Error::MountedTwice`], and as with [`Registry::provide`]; it is not served then.
    pub async fn mount(&self, service: impl Mountable) -> Result<(), Error> {
        self.add(Mounted::counted(service)).await
    }

    pub(super) async fn add(&self, service: Mounted) -> Result<(), Error> {
        let (name, calls) = (service.name, service.calls.clone().unwrap_or_default());
        // It is served before anybody hears of it.
        self.table.add(service)?;
        let mut mounting = Mounting { table: &self.table, name, is_done: false };
        let mut instance = Instance::new(name, self.plan.described.host.clone(), self.plan.described.port);
        instance = Instance { service: instance.service, id: instance.id, ..self.plan.described.clone() };
        let registry = &self.plan.registry;
        let provider = registry.begin(instance, self.plan.open, calls)?;
        if self.plan.waits {
            provider.first().await?;
        }
        let told = self.health.clone().follow(name, registry.switch().watch(), provider.own_switch());
        tokio::spawn(told);
        self.provided.lock().push(provider);
        mounting.is_done = true;
        Ok(())
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What is provided, in the order of mounting.
    pub fn instances(&self) -> Vec<Instance> {
        self.provided.lock().iter().map(|provider| provider.instance().clone()).collect()
    }

    /// Turns the switches of all that is mounted on; see [`Provider::open`].
    pub fn open(&self) {
        self.provided.lock().iter().for_each(Provider::open);
    }

    /// Turns them off: it is offered no more, stays registered and serves whoever calls.
    pub fn close(&self) {
        self.provided.lock().iter().for_each(Provider::close);
    }

    /// Leaves so that no call fails: unavailable, time for consumers to hear of it, time for calls that
    /// are being served, out ([`Provider::stop`], for all services at the same time), and then it stops
    /// listening. Calls that were not finished in time are told; they go on while the program does.
    pub async fn shut_down(mut self) -> Parting {
        let provided = std::mem::take(&mut *self.provided.lock());
        let partings = join_all(provided.into_iter().map(Provider::stop)).await;
        self.health.end().await;
        if let Some(Running { stop, mut ended, thread }) = self.running.take() {
            drop(stop);
            // Connections that are still busy do not hold it up, and go on.
            if timeout(CLOSING, &mut ended).await.is_err() && thread.is_some() {
                tokio::spawn(async move {
                    drop(ended.await);
                    drop(thread);
                });
            }
        }
        Parting {
            announced: partings.iter().all(|parting| parting.announced),
            unfinished_calls: partings.iter().map(|parting| parting.unfinished_calls).sum(),
        }
    }
}

/// A service in the table that is not provided yet. Dropped before that, it is taken out again.
struct Mounting<'a> {
    table: &'a Table,
    name: &'static str,
    is_done: bool,
}

impl Drop for Mounting<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.table.remove(self.name);
        }
    }
}
