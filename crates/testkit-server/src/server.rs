//! [`TestServer`]: a real server on a free port.

use std::net::SocketAddr;
use std::path::Path;

use lubdub_runtime::Handle;
use lubdub_server::{Running, ServeError, Server, ServerConfig};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A real server on a free port, with workers of its own; stopped when it is dropped.
#[derive(Debug)]
pub struct TestServer {
    workers: Option<Runtime>,
    running: Option<Running>,
    address: SocketAddr,
    config: ServerConfig,
    folder: Option<TempDir>,
}

impl TestServer {
    /// One that keeps everything in memory.
    pub fn in_memory() -> Self {
        Self::with(|_| {})
    }

    /// One that keeps everything in memory, with a configuration of the test's own.
    ///
    /// # Panics
    ///
    /// It does not start.
    pub fn with(configure: impl FnOnce(&mut ServerConfig)) -> Self {
        Self::try_with(configure).unwrap_or_else(|error| panic!("the server does not start: {error}"))
    }

    /// As [`Self::with`], for tests about servers that do not start.
    ///
    /// # Errors
    ///
    /// Why it does not.
    pub fn try_with(configure: impl FnOnce(&mut ServerConfig)) -> Result<Self, ServeError> {
        let mut config = quick();
        config.ephemeral = true;
        configure(&mut config);
        Self::start(config, None)
    }

    /// One with a journal in a directory of its own.
    ///
    /// # Panics
    ///
    /// It does not start.
    pub fn durable() -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary directory: {error}"));
        let mut config = quick();
        config.data = folder.path().join("data");
        Self::start(config, Some(folder)).unwrap_or_else(|error| panic!("the server does not start: {error}"))
    }

    /// Stops it and starts it again with the same configuration (and another free port).
    ///
    /// # Panics
    ///
    /// It does not start again.
    #[must_use]
    pub fn restart(mut self) -> Self {
        self.stop();
        let (config, folder) = (self.config.clone(), self.folder.take());
        Self::start(config, folder).unwrap_or_else(|error| panic!("the server does not start again: {error}"))
    }

    /// Where it listens; with several listeners, the first.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All places where it listens.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.running.as_ref().map(|running| running.addresses().to_vec()).unwrap_or_default()
    }

    /// Its URL, without a path and without a final slash.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What leads to its registry.
    ///
    /// # Panics
    ///
    /// It was stopped.
    pub fn handle(&self) -> Handle {
        self.running.as_ref().map_or_else(|| panic!("the server was stopped"), Running::handle)
    }

    /// The directory of its journal, where it has one.
    pub fn data(&self) -> Option<&Path> {
        self.folder.as_ref().map(|_| self.config.data.as_path())
    }

    /// Stops it as a signal does: requests in flight are finished.
    ///
    /// # Panics
    ///
    /// Stopping panicked.
    pub fn stop(&mut self) {
        let (Some(running), Some(workers)) = (self.running.take(), self.workers.take()) else { return };
        // On a thread of its own, because a test may itself be on a worker of another runtime.
        let ending = std::thread::spawn(move || workers.block_on(running.stop()));
        let ended = ending.join();
        // A test that fails already is not to be aborted by a second panic.
        assert!(ended.is_ok() || std::thread::panicking(), "stopping the server panicked");
    }

    fn start(config: ServerConfig, folder: Option<TempDir>) -> Result<Self, ServeError> {
        let starting = std::thread::spawn(move || {
            let workers = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap_or_else(|error| panic!("no workers: {error}"));
            let running = workers.block_on(Server::start(config.clone()))?;
            let address =
                *running.addresses().first().unwrap_or_else(|| panic!("a server without a listener"));
            Ok(Self { workers: Some(workers), running: Some(running), address, config, folder })
        });
        starting.join().unwrap_or_else(|_| panic!("starting the server panicked"))
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A configuration on a free port.
fn quick() -> ServerConfig {
    ServerConfig { listen: vec![SocketAddr::from(([127, 0, 0, 1], 0))], ..ServerConfig::default() }
}
