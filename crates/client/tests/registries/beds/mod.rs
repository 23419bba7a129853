//! Servers of each kind, with a proxy in front.

mod consul;
mod etcd;
mod lubdub;
mod running;
mod spring;
mod zookeeper;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use lubdub_client::{Config, Instance, Registry, Switch};
use lubdub_testkit_server::Proxy;
use tokio::net::TcpListener;

pub(crate) use consul::{consul, consul_of_its_own, guarded_consul};
pub(crate) use etcd::{etcd, etcd_of_its_own, guarded_etcd};
pub(crate) use lubdub::{lubdub, lubdub_grpc, lubdub_grpc_of_its_own, lubdub_of_its_own};
pub(crate) use spring::spring;
pub(crate) use zookeeper::{motan, zookeeper, zookeeper_of_its_own};

/// A server, as claims see it.
pub(crate) struct Bed {
    pub(crate) proxy: Proxy,
    kind: Box<dyn Kind>,
    server: SocketAddr,
    name: String,
}

/// What is particular to one kind of server.
pub(crate) trait Kind: Send + Sync {
    /// The URL of the registry at an address, without parameters.
    fn url(&self, address: SocketAddr) -> String;

    /// Parameters that its URL has beyond those.
    fn more(&self) -> &'static str {
        ""
    }

    /// The group in which consumers look.
    fn group(&self) -> &'static str {
        "Blue"
    }

    /// Makes it forget one instance, as if its lease had ended.
    fn forget(&self, instance: &Instance);

    /// Kills it and starts it again, which knows nothing then if it may; says where that is.
    fn restart(&self) -> SocketAddr;
}

impl Bed {
    fn new(kind: impl Kind + 'static, server: SocketAddr) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("orders-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        Self { proxy: Proxy::to(server), kind: Box::new(kind), server, name }
    }

    /// A service that no other test has.
    pub(crate) fn service(&self) -> &str {
        &self.name
    }

    /// The registry's URL, with a fast rhythm and patient leases: a busy machine ends none.
    pub(crate) fn url(&self) -> String {
        self.url_at(self.proxy.address())
    }

    /// The server's own URL, without parameters.
    pub(crate) fn direct_url(&self) -> String {
        self.kind.url(self.server)
    }

    /// The registry's URL at another address.
    pub(crate) fn url_at(&self, address: SocketAddr) -> String {
        format!(
            "{}?timeout=60s&interval=500ms&poll=200ms&patience=2s{}",
            self.kind.url(address),
            self.kind.more()
        )
    }

    /// A handle with a switch of its own, so that tests do not disturb each other.
    pub(crate) fn registry(&self) -> Registry {
        self.registry_with(Switch::on())
    }

    pub(crate) fn registry_with(&self, switch: Switch) -> Registry {
        Registry::with(&self.url(), Config::default().switch(switch)).unwrap()
    }

    /// A handle whose leases end after 3 s without a beat.
    pub(crate) fn hasty(&self) -> Registry {
        let url = self.kind.url(self.proxy.address());
        let url = format!("{url}?timeout=3s&poll=200ms&patience=2s{}", self.kind.more());
        Registry::with(&url, Config::default().switch(Switch::on())).unwrap()
    }

    /// A handle that does not go through the proxy.
    pub(crate) fn direct(&self) -> Registry {
        Registry::with(&self.url_at(self.server), Config::default().switch(Switch::on())).unwrap()
    }

    /// The group in which this bed's consumers look.
    pub(crate) fn group(&self) -> &'static str {
        self.kind.group()
    }

    pub(crate) fn forget(&self, instance: &Instance) {
        self.kind.forget(instance);
    }

    pub(crate) fn restart(&self) {
        self.proxy.cut();
        self.proxy.lead_to(self.kind.restart());
        self.proxy.heal();
    }

    /// An instance that can really be called.
    pub(crate) async fn instance(&self) -> Served {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Served { instance: Instance::new(self.service(), "127.0.0.1", port), _listener: listener }
    }
}

/// An instance, and what listens at its address.
pub(crate) struct Served {
    pub(crate) instance: Instance,
    _listener: TcpListener,
}
