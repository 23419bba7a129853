//! [`Stop`]: the signals that ask a server, or the demo, to end.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;

/// Waits for SIGTERM and SIGINT.
pub(crate) struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    /// From now on these signals do not end the process by themselves.
    pub(crate) fn new() -> Result<Self, Failure> {
        let cannot = |error| Failure::bare(format_args!("cannot wait for signals: {error}"));
        let terminate = signal(SignalKind::terminate()).map_err(cannot)?;
        let interrupt = signal(SignalKind::interrupt()).map_err(cannot)?;
        Ok(Self { terminate, interrupt })
    }

    /// Waits for one; answers its name.
    pub(crate) async fn asked(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }

    /// The next one ends the process without waiting for anything.
    pub(crate) fn at_once_next_time(mut self) {
        tokio::spawn(async move {
            self.asked().await;
            std::process::exit(1);
        });
    }
}
