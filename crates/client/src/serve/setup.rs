//! [`ServeSetup`]: what is said of a server before it starts.

use std::time::Duration;

use tonic::transport::Server;

use super::place::Place;
use super::serving::{Plan, Serving};
use super::table::{Mountable, Mounted};
use crate::error::Error;
use crate::instance::Instance;
use crate::registry::Registry;

/// Silence of a consumer before it is beaten, and how long it has to answer.
const BEAT_INTERVAL: Duration = Duration::from_secs(30);
const BEAT_TIMEOUT: Duration = Duration::from_secs(10);

/// As good as for ever, and a span that can be added to a time.
const LONGEST_SPAN: Duration = Duration::from_secs(365 * 24 * 3_600);

/// A gRPC server before it starts. Whatever is said of it is said of each of its services.
#[derive(Debug)]
#[must_use = "nothing is served before `start`"]
pub struct ServeSetup {
    plan: Plan,
    place: Place,
    server: Server,
    mounted: Vec<Mounted>,
}

impl Registry {
    /// Sets a gRPC server up whose services are provided here, each as it is mounted: as the service of
    /// its own name (`package.Service`), at the server's address, with `protocol=grpc` in its metadata.
    ///
    /// ```no_run
    /// # use lubdub_client::{Mountable, Registry};
    /// # async fn run(orders: impl Mountable, stock: impl Mountable) -> Result<(), lubdub_client::Error> {
    /// let registry = Registry::at("lubdub://127.0.0.1:8761")?;
    /// let serving = registry.serve("0.0.0.0:50051").called_at("10.0.0.7").with_version("2").mount(orders);
    /// let serving = serving.start().await?;
    /// // Any time later, while it serves:
    /// serving.mount(stock).await?;
    /// registry.until_terminated().await
    /// # }
    /// ```
    pub fn serve(&self, at: impl Into<Place>) -> ServeSetup {
        let described = Instance::new("", "", 0).with_metadata("protocol", "grpc");
        let plan = Plan { registry: self.clone(), described, open: true, waits: true, is_apart: false };
        let setup = ServeSetup { plan, place: at.into(), server: Server::builder(), mounted: Vec::new() };
        setup.keep_alive(BEAT_INTERVAL, BEAT_TIMEOUT)
    }
}

impl ServeSetup {
    /// The host at which consumers call it; that of the listener unless said otherwise. One that listens
    /// on all addresses (`0.0.0.0`, `[::]`) has to say it.
    pub fn called_at(mut self, host: impl Into<String>) -> Self {
        self.plan.described.host = host.into();
        self
    }

    /// With a version.
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.plan.described = self.plan.described.with_version(version);
        self
    }

    /// With a group.
    pub fn with_group(mut self, group: impl Into<String>) -> Self {
        self.plan.described = self.plan.described.with_group(group);
        self
    }

    /// With a zone.
    pub fn with_zone(mut self, zone: impl Into<String>) -> Self {
        self.plan.described = self.plan.described.with_zone(zone);
        self
    }

    /// With a weight.
    pub fn with_weight(mut self, weight: u32) -> Self {
        self.plan.described = self.plan.described.with_weight(weight);
        self
    }

    /// With one more tag.
    pub fn with_tag(mut self, tag: impl Into<String>) -> Self {
        self.plan.described = self.plan.described.with_tag(tag);
        self
    }

    /// With one more entry of metadata.
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.plan.described = self.plan.described.with_metadata(key, value);
        self
    }

    /// Its services are registered and offered to nobody until [`Serving::open`], as with
    /// [`Registry::provide_unavailable`].
    pub fn unavailable(mut self) -> Self {
        self.plan.open = false;
        self
    }

    /// It does not wait for the registry: while that cannot be reached it serves, and goes on trying, as
    /// with [`Registry::provide_in_background`].
    pub fn in_background(mut self) -> Self {
        self.plan.waits = false;
        self
    }

    /// How long a consumer may say nothing before its connection is beaten (an HTTP/2 ping), and how long it has to answer before it
    /// is closed; 30 s and 10 s unless said otherwise, and from 1 ms to a year. A connection that carries calls is not beaten, and of
    /// a consumer that vanished, or reads and never answers, nothing is left after both.
    pub fn keep_alive(mut self, interval: Duration, timeout: Duration) -> Self {
        let bounded = |span: Duration| Some(span.clamp(Duration::from_millis(1), LONGEST_SPAN));
        let (interval, timeout) = (bounded(interval), bounded(timeout));
        self.server = self.server.http2_keepalive_interval(interval).http2_keepalive_timeout(timeout);
        self
    }

    /// Its connections live on a thread of their own, with all that answers beats: pings, and `grpc.health.v1`. Calls run
    /// where this is started, so however many of them block the threads there, nobody takes the server for dead. A
    /// call costs a hop to that thread and back.
    pub fn on_own_thread(mut self) -> Self {
        self.plan.is_apart = true;
        self
    }

    /// Over a transport of this configuration: time limits, windows, and keep-alive instead of that of [`Self::keep_alive`].
    pub fn over(mut self, server: Server) -> Self {
        self.server = server;
        self
    }

    /// With this service.
    pub fn mount(mut self, service: impl Mountable) -> Self {
        self.mounted.push(Mounted::counted(service));
        self
    }

    /// Listens, serves, and only then registers: nobody is sent to a server that is not there. Must be
    /// called within a tokio runtime, which serves.
    ///
    /// # Errors
    ///
    /// [`Error::NotListening`]; [`Error::MountedTwice`]; and as with [`Registry::provide`]. In each case nothing
    /// is served or registered any more.
    pub async fn start(self) -> Result<Serving, Error> {
        let serving = Serving::start(self.plan, self.place, self.server).await?;
        for service in self.mounted {
            serving.add(service).await?;
        }
        Ok(serving)
    }
}
