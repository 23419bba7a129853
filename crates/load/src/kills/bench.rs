//! [`KillBench`]: lets providers die one after the other, and notes when their consumer hears of it.
//!
//! Both sides speak through the SDK, so what is measured is what its users see.

use std::time::Duration;

use lubdub_client::{Change, Changes, Config, Farewell, Instance, Provider, Registry, Switch};
use tokio::time::{Instant, sleep, timeout};

use super::outcome::{KillOutcome, KillsAsked, SpansMs};
use super::plan::{KillPlan, Manner};
use super::provider::ProviderCommand;
use crate::Error;
use crate::bench::{Hooks, Progress, Stage};
use crate::run::{run_name, runtime};

/// Of those who die.
pub(super) const HOST: &str = "127.0.0.1";

/// How often is looked whether it is to end early.
const GLANCE: Duration = Duration::from_millis(50);

/// Beyond its time-out a registry is given this, several times over on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// One measurement of deaths that is to be made.
#[derive(Debug)]
pub struct KillBench {
    plan: KillPlan,
    url: String,
    provider: ProviderCommand,
}

impl KillBench {
    /// A measurement by this plan, on the registry at this URL of the SDK's.
    ///
    /// # Errors
    ///
    /// The plan asks for what cannot be.
    pub fn new(plan: KillPlan, url: &str, provider: ProviderCommand) -> Result<Self, Error> {
        plan.check()?;
        Ok(Self { plan, url: url.to_owned(), provider })
    }

    /// Measures on this thread, and two of the SDK's.
    ///
    /// # Errors
    ///
    /// Nothing could be measured.
    pub fn run(&self, hooks: &Hooks<'_>) -> Result<KillOutcome, Error> {
        runtime()?.block_on(self.measure(hooks))
    }

    async fn measure(&self, hooks: &Hooks<'_>) -> Result<KillOutcome, Error> {
        let registry = self.registry()?;
        let service = format!("bench-{}", run_name());
        let consumer = registry.consume(&service).await.map_err(|error| self.broken(error))?;
        let living = self.registry()?;
        let fleet = self.fleet(&living, &service, hooks).await?;
        let mut changes = consumer.changes();
        let outcome = self.deaths(&service, &mut changes, hooks).await;
        // In order: so many whose connection closes would be held back as well.
        living.shut_down().await;
        drop(fleet);
        let (told, stopped_early) = outcome?;
        Ok(KillOutcome {
            asked: KillsAsked {
                registry: self.url.clone(),
                manner: self.plan.manner,
                deaths: self.plan.deaths,
                fleet: self.plan.fleet,
            },
            timeout_s: registry.terms().timeout.as_secs_f64(),
            told_ms: SpansMs::of(told),
            stopped_early,
        })
    }

    /// One after the other; whether it was stopped.
    async fn deaths(
        &self,
        service: &str,
        changes: &mut Changes,
        hooks: &Hooks<'_>,
    ) -> Result<(Vec<f64>, bool), Error> {
        let began = Instant::now();
        let mut told = Vec::new();
        for number in 0..self.plan.deaths {
            // Ports tell them apart; nobody listens there.
            let port = u16::try_from(20_000 + number % 40_000).unwrap_or(u16::MAX);
            let death = async {
                match self.plan.manner {
                    Manner::Killed => self.kill(service, port, changes).await,
                    Manner::Silent => self.silence(service, port, changes).await,
                }
            };
            tokio::select! {
                heard = death => told.push(heard?),
                // Who is held back is not waited for either.
                () = stopped(hooks) => return Ok((told, true)),
            }
            hooks.tell(Progress {
                stage: Stage::Measuring,
                elapsed: began.elapsed(),
                requests: u64::from(number) + 1,
                errors: 0,
            });
            sleep(self.plan.pause).await;
        }
        Ok((told, false))
    }

    /// Those who live on, until what is returned is dropped.
    async fn fleet(
        &self,
        registry: &Registry,
        service: &str,
        hooks: &Hooks<'_>,
    ) -> Result<Vec<Provider>, Error> {
        let began = Instant::now();
        let mut fleet = Vec::new();
        for number in 0..self.plan.fleet {
            let host = format!("10.0.{}.{}", number >> 8, number & 255);
            let instance = Instance::new(service, host, 8080);
            fleet.push(registry.provide_in_background(instance).map_err(|error| self.broken(error))?);
        }
        for (number, provider) in (1..).zip(&fleet) {
            let there = timeout(PATIENCE, provider.registered()).await;
            there.map_err(|_| self.broken("the others cannot be registered"))?;
            hooks.tell(Progress {
                stage: Stage::Preparing,
                elapsed: began.elapsed(),
                requests: number,
                errors: 0,
            });
        }
        Ok(fleet)
    }

    /// A process, from the signal on.
    async fn kill(&self, service: &str, port: u16, changes: &mut Changes) -> Result<f64, Error> {
        let mut process = self.provider.start(&self.url, service, port)?;
        self.until(changes, port, true).await?;
        let killed = Instant::now();
        process.start_kill().map_err(|source| Error::Generator { what: "kill a provider", source })?;
        let told = self.until(changes, port, false).await?;
        // Only that none is left behind.
        drop(process.wait().await);
        Ok(millis(told, killed))
    }

    /// A session of our own that says nothing any more, from its deadline on.
    async fn silence(&self, service: &str, port: u16, changes: &mut Changes) -> Result<f64, Error> {
        let registry = self.registry()?;
        let instance = Instance::new(service, HOST, port);
        let provider = registry.provide(instance).await.map_err(|error| self.broken(error))?;
        self.until(changes, port, true).await?;
        let status = provider.until(|status| status.beats > 0).await;
        provider.abandon();
        let heard = status.last_success.map(Instant::from_std);
        let deadline = heard.ok_or_else(|| self.broken("no beat was answered"))? + registry.terms().timeout;
        // Its connections stay open until this is over.
        let told = self.until(changes, port, false).await?;
        drop(registry);
        Ok(millis(told, deadline))
    }

    /// When the consumer heard that the one at this port is there, or not.
    async fn until(&self, changes: &mut Changes, port: u16, there: bool) -> Result<Instant, Error> {
        let heard = async {
            while let Some(change) = changes.next().await {
                if change.endpoint().instance.host == HOST
                    && change.endpoint().instance.port == port
                    && matches!(change, Change::Left(_)) != there
                {
                    return Some(Instant::now());
                }
            }
            None
        };
        let what = if there {
            "registered"
        } else {
            "gone (does the registry hold back what dies in numbers? see --fleet)"
        };
        let heard = timeout(PATIENCE + self.registry()?.terms().timeout, heard).await;
        heard
            .ok()
            .flatten()
            .ok_or_else(|| self.broken(format_args!("nobody heard that a provider is {what}")))
    }

    fn registry(&self) -> Result<Registry, Error> {
        let at_once = Farewell { notice: Duration::ZERO, drain: Duration::ZERO };
        let config = Config::default().switch(Switch::on()).farewell(at_once);
        Registry::with(&self.url, config).map_err(|error| self.broken(error))
    }

    fn broken(&self, reason: impl std::fmt::Display) -> Error {
        Error::Conversation { server: self.url.clone(), reason: reason.to_string() }
    }
}

/// Waits until it is to end early.
async fn stopped(hooks: &Hooks<'_>) {
    while !hooks.is_stopped() {
        sleep(GLANCE).await;
    }
}

/// Less than nothing where it was before.
fn millis(at: Instant, after: Instant) -> f64 {
    let late = at.saturating_duration_since(after).as_secs_f64();
    let early = after.saturating_duration_since(at).as_secs_f64();
    (late - early) * 1e3
}
