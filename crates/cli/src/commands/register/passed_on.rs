//! [`PassedOn`]: signals that mean something to the command, and nothing to us.

use rustix::process::Signal;
use tokio::signal::unix::{Signal as Heard, SignalKind, signal};

use crate::failure::Failure;

/// Waits for SIGHUP, SIGUSR1 and SIGUSR2, which would end us if nobody did.
pub(super) struct PassedOn {
    hang_up: Heard,
    first: Heard,
    second: Heard,
}

impl PassedOn {
    /// From now on these signals do not end the process by themselves.
    pub(super) fn new() -> Result<Self, Failure> {
        let cannot = |error| Failure::bare(format_args!("cannot wait for signals: {error}"));
        let heard = |kind| signal(kind).map_err(cannot);
        Ok(Self {
            hang_up: heard(SignalKind::hangup())?,
            first: heard(SignalKind::user_defined1())?,
            second: heard(SignalKind::user_defined2())?,
        })
    }

    /// Waits for one.
    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.hang_up.recv() => Signal::HUP,
            _ = self.first.recv() => Signal::USR1,
            _ = self.second.recv() => Signal::USR2,
        }
    }
}
