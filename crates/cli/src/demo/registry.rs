//! [`Registry`]: the demo's own registry, in this process, in memory, on a free port.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc::Sender;

use lubdub_server::{Running, Server, ServerConfig};
use tokio::runtime::{self, Runtime};

use super::happening::Happening;
use crate::failure::Failure;
use crate::signals::Stop;

/// Runs until it is stopped.
pub(super) struct Registry {
    runtime: Runtime,
    running: Running,
    url: String,
}

impl Registry {
    /// Starts it.
    pub(super) fn start() -> Result<Self, Failure> {
        let cannot =
            |error: &dyn std::fmt::Display| Failure::bare(format_args!("cannot start a registry: {error}"));
        let runtime =
            runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| cannot(&error))?;
        let config = ServerConfig {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
            ephemeral: true,
            ..ServerConfig::default()
        };
        let running = runtime.block_on(Server::start(config)).map_err(|error| cannot(&error))?;
        let address = running.addresses().first().copied().ok_or_else(|| cannot(&"it listens nowhere"))?;
        Ok(Self { runtime, running, url: format!("http://{address}") })
    }

    /// Where it listens.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Tells when the person wants the demo to end; the second time it ends at once.
    pub(super) fn on_interrupt(&self, inbox: Sender<Happening>) -> Result<(), Failure> {
        let _inside = self.runtime.enter();
        let mut stop = Stop::new()?;
        self.runtime.spawn(async move {
            stop.asked().await;
            // Nobody listens when the demo is ending anyway.
            let _ = inbox.send(Happening::Interrupted);
            stop.at_once_next_time();
        });
        Ok(())
    }

    /// Stops it.
    pub(super) fn stop(self) {
        self.runtime.block_on(self.running.stop());
    }
}
