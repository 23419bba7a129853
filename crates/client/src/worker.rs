//! [`Worker`]: a thread of the SDK's own, so that nothing a program does delays its beats.
//!
//! Providing and consuming have one each: a consumer that reads a large answer delays no beat either.

use std::future::Future;
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::error::Error;

/// A named thread on which tasks wait side by side. It ends, with all that it does, when this is dropped.
#[derive(Debug)]
pub(crate) struct Worker {
    tasks: Handle,
    /// Dropped to end the thread.
    _running: oneshot::Sender<()>,
}

impl Worker {
    /// Starts a thread.
    ///
    /// # Errors
    ///
    /// [`Error::Machine`]: there are no more threads or files.
    pub(crate) fn start(name: &str) -> Result<Self, Error> {
        let refused = |what| move |error: std::io::Error| Error::Machine { what, reason: error.to_string() };
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(refused("an event queue"))?;
        let tasks = runtime.handle().clone();
        let (running, ended) = oneshot::channel::<()>();
        let body = move || drop(runtime.block_on(ended));
        thread::Builder::new().name(name.to_owned()).spawn(body).map_err(refused("a thread"))?;
        Ok(Self { tasks, _running: running })
    }

    /// Where its tasks run.
    #[cfg(feature = "tonic")]
    pub(crate) const fn tasks(&self) -> &Handle {
        &self.tasks
    }

    /// Does something on this thread, beside what is done there already.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }
}
