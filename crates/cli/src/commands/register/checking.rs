//! [`Checking`]: a check that is tried again and again, beside everything else.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::attempt::Attempts;
use super::check::Check;
use super::health::{Health, Turn};
use crate::failure::Failure;

/// What is checked, how often, and how much it may fail.
#[derive(Debug, Clone)]
pub(super) struct CheckPlan {
    pub(super) check: Check,
    /// Between the end of one and the next.
    pub(super) interval: Duration,
    /// So long one may take.
    pub(super) timeout: Duration,
    /// So many failures in a row make it unavailable.
    pub(super) failures: NonZeroU32,
}

/// A check that goes on until this is dropped.
#[derive(Debug)]
pub(super) struct Checking {
    turns: mpsc::Receiver<(Turn, String)>,
    task: JoinHandle<()>,
}

impl Checking {
    /// Begins with the first check at once.
    pub(super) fn start(plan: CheckPlan) -> Result<Self, Failure> {
        let attempts = Attempts::new(plan.check, plan.timeout)?;
        let mut health = Health::new(plan.failures);
        let (sender, turns) = mpsc::channel(1);
        let task = tokio::spawn(async move {
            loop {
                let result = attempts.once().await;
                if let Some(turn) = health.heard(result.is_ok()) {
                    let why = result.err().unwrap_or_default();
                    if sender.send((turn, why)).await.is_err() {
                        return;
                    }
                }
                sleep(health.pause(plan.interval)).await;
            }
        });
        Ok(Self { turns, task })
    }

    /// What changes next, and why where it does not pass; for ever nothing where nothing does.
    pub(super) async fn turn(&mut self) -> (Turn, String) {
        match self.turns.recv().await {
            Some(turn) => turn,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Checking {
    fn drop(&mut self) {
        self.task.abort();
    }
}
