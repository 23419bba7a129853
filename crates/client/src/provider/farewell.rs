//! How an instance leaves: unavailable first, out last.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::handle::Providing;
use super::status::State;
use crate::availability::Availability;
use crate::error::Error;

/// How long an instance takes to leave, once it is told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Farewell {
    /// So long it still serves whoever has not heard yet that it is unavailable; 2 s unless said
    /// otherwise. Consumers that ask the registry now and then need as long as lies between two questions.
    pub notice: Duration,
    /// After that, so long at most it waits for calls that are being served; 30 s unless said otherwise.
    /// It ends as soon as there are none.
    pub drain: Duration,
}

impl Default for Farewell {
    fn default() -> Self {
        Self { notice: Duration::from_secs(2), drain: Duration::from_secs(30) }
    }
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Parting {
    /// Whether the registry heard that it was unavailable before it left.
    pub announced: bool,
    /// Calls that were still being served when there was no more time.
    pub unfinished_calls: usize,
}

impl Providing {
    /// Unavailable, notice, drain, out. A registry that cannot be reached is not waited for: nobody
    /// hears anything from it anyway.
    pub(crate) async fn stop(&self) -> Parting {
        self.own_switch.send_replace(false);
        let mut status = self.status.subscribe();
        let heard = status.wait_for(|status| {
            status.availability == Some(Availability::Unavailable)
                || matches!(status.state, State::Retrying | State::Gone)
                || status.registrations == 0
        });
        let announced =
            heard.await.is_ok_and(|status| status.availability == Some(Availability::Unavailable));
        // Nobody is told again that it left.
        if announced && status.borrow().state != State::Gone {
            sleep(self.farewell.notice).await;
        }
        // What is left after the time is told, not waited for.
        drop(timeout(self.farewell.drain, self.calls.finished()).await);
        let unfinished_calls = self.calls.open();
        self.leaving.send_replace(true);
        // The sender lives as long as `self` does.
        drop(status.wait_for(|status| status.state == State::Gone).await);
        Parting { announced, unfinished_calls }
    }
}

/// Waits until the process is asked to end.
///
/// # Errors
///
/// [`Error::Machine`]: the signals cannot be listened to.
pub(crate) async fn terminated() -> Result<(), Error> {
    let refused =
        |error: std::io::Error| Error::Machine { what: "a signal handler", reason: error.to_string() };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(refused)
}
