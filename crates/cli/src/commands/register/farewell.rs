//! [`leave`]: unavailable first, then the end of the command, out last; so that no call fails.

use std::future::Future;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use lubdub_client::{Availability, Provider, State, Switch};
use rustix::process::Signal;
use tokio::time::{sleep, timeout};

use super::command::{Served, code};
use super::keeping::{ended, tell};
use super::standing::Standing;
use crate::failure::Failure;
use crate::signals::Stop;
use crate::words::chosen;

/// A command that was killed and is not gone by then is held by the machine itself.
const GONE_WITHIN: Duration = Duration::from_secs(5);

/// What leaves, and how long it may take.
pub(super) struct Farewell {
    pub(super) who: String,
    /// Its own farewell takes no time.
    pub(super) provider: Provider,
    pub(super) switch: Switch,
    /// So long the registry may take.
    pub(super) patience: Duration,
    pub(super) served: Option<Served>,
    pub(super) stop: Stop,
    pub(super) notice: Duration,
    pub(super) stop_timeout: Duration,
}

/// How a wait ended.
enum Wait {
    Over,
    Ended(ExitStatus),
    /// By a second signal.
    AtOnce,
}

/// Leaves because of a signal.
pub(super) async fn leave(mut farewell: Farewell, signal: &str) -> Result<(), Failure> {
    farewell.switch.turn(false);
    let (who, notice) = (&farewell.who, farewell.notice);
    tell(format_args!("{signal}: {who} is unavailable from now on; once more ends it at once"));
    let heard = farewell.provider.until(|status| {
        status.availability == Some(Availability::Unavailable)
            || matches!(status.state, State::Retrying | State::Gone)
            || status.registrations == 0
    });
    let consumers_heard = async move {
        // From a registry that cannot be reached nobody hears anything.
        if heard.await.availability == Some(Availability::Unavailable) {
            sleep(notice).await;
        }
    };
    let wait = wait(&mut farewell.served, &mut farewell.stop, consumers_heard).await?;
    let status = match wait {
        Wait::Ended(status) => Some(status),
        Wait::AtOnce => farewell.kill().await?,
        Wait::Over => farewell.end_command(signal).await?,
    };
    farewell.out(status).await
}

impl Farewell {
    /// Asks the command to end, and kills it if it does not.
    async fn end_command(&mut self, signal: &str) -> Result<Option<ExitStatus>, Failure> {
        let Some(served) = &self.served else { return Ok(None) };
        served.ask_to_end(signal);
        match wait(&mut self.served, &mut self.stop, sleep(self.stop_timeout)).await? {
            Wait::Ended(status) => Ok(Some(status)),
            Wait::AtOnce => self.kill().await,
            Wait::Over => {
                let name = self.served.as_ref().map_or("", |served| &served.name);
                tell(format_args!("`{name}` did not end within {}; killing it", chosen(self.stop_timeout)));
                self.kill().await
            }
        }
    }

    async fn kill(&mut self) -> Result<Option<ExitStatus>, Failure> {
        let Some(served) = &mut self.served else { return Ok(None) };
        served.pass_on(Signal::KILL);
        let killed = ExitStatus::from_raw(Signal::KILL.as_raw());
        timeout(GONE_WITHIN, served.ended()).await.unwrap_or(Ok(killed)).map(Some)
    }

    /// Out, and with the exit code of the command.
    pub(super) async fn out(self, status: Option<ExitStatus>) -> Result<(), Failure> {
        let known = Standing::of(&self.provider.status()).is_known();
        // A registry that does not answer notices the silence.
        if timeout(self.patience, self.provider.stop()).await.is_ok() && known {
            tell(format_args!("{} has left", self.who));
        }
        match status.map_or(0, code) {
            0 => Ok(()),
            code => Err(Failure::Ended(code)),
        }
    }
}

/// Waits for something, but not beyond the command's end or a second signal.
async fn wait(
    served: &mut Option<Served>,
    stop: &mut Stop,
    something: impl Future<Output = ()>,
) -> Result<Wait, Failure> {
    tokio::select! {
        biased;
        status = ended(served) => status.map(Wait::Ended),
        _ = stop.asked() => Ok(Wait::AtOnce),
        () = something => Ok(Wait::Over),
    }
}
