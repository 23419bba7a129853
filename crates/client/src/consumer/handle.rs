//! [`Consumer`]: the endpoints of one service, as the program holds them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::changes::Changes;
use super::follow::{self, Followed};
use crate::clock::Clock;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::machine::{Freshness, LiveSet};
use crate::registry::Side;
use crate::selector::Selector;
use crate::snapshot::SnapshotFile;

/// The endpoints of one service, kept up to date while this or one of its [`Changes`] lives. Reading
/// them asks nobody and waits for nobody.
#[derive(Debug, Clone)]
pub struct Consumer {
    followed: watch::Receiver<Arc<Followed>>,
    clock: Clock,
}

/// Begins to follow a service.
pub(crate) fn begin(
    side: &Arc<Side>,
    registry: &str,
    service: &str,
    selector: Selector,
    snapshots: Option<PathBuf>,
) -> Consumer {
    let clock = Clock::start();
    let terms = side.backend.terms();
    let mut set = LiveSet::new(selector, terms.settle);
    let file = snapshots.map(|folder| SnapshotFile::of(&folder, registry, service));
    if let Some(known) = file.as_ref().and_then(SnapshotFile::read) {
        set.restore(clock.now(), known);
    }
    let (sender, followed) = watch::channel(Arc::new(Followed::new(set.view())));
    let (registry, service) = (registry.to_owned(), service.to_owned());
    side.worker.spawn(follow::follow(side.clone(), registry, service, set, file, clock, sender));
    Consumer { followed, clock }
}

impl Consumer {
    /// Whom one may call now, in the order of their ids.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        self.followed.borrow().view.endpoints.clone()
    }

    /// How long the registry has been gone; `None` while it answers. The endpoints are then those that
    /// were known last.
    pub fn stale_for(&self) -> Option<Duration> {
        match self.followed.borrow().view.freshness {
            Freshness::Fresh => None,
            Freshness::Stale { since } => Some(self.clock.now().since(since)),
            Freshness::Nothing => Some(self.clock.now().since(crate::machine::Tick::ZERO)),
        }
    }

    /// Why the registry could not be asked last, as long as it does not answer again.
    pub fn last_error(&self) -> Option<Error> {
        self.followed.borrow().error.clone()
    }

    /// Everyone who is there, and what changes from now on.
    pub fn changes(&self) -> Changes {
        Changes::of(self.followed.clone())
    }

    /// Waits until the endpoints are as wanted, and returns them. Whoever waits for what never comes
    /// waits for ever.
    pub async fn until(&self, mut wanted: impl FnMut(&[Endpoint]) -> bool + Send) -> Vec<Endpoint> {
        let mut followed = self.followed.clone();
        let found = followed.wait_for(|followed| wanted(&followed.view.endpoints)).await;
        found.map(|followed| followed.view.endpoints.clone()).unwrap_or_default()
    }

    /// Waits until the registry answers, or does not: `stale` says which.
    pub async fn until_stale(&self, stale: bool) {
        let mut followed = self.followed.clone();
        let is_stale = |followed: &Arc<Followed>| followed.view.freshness != Freshness::Fresh;
        drop(followed.wait_for(|followed| is_stale(followed) == stale).await);
    }

    /// Waits until something is known, or is known not to be had.
    pub(crate) async fn first(&self) -> Result<(), Error> {
        let mut followed = self.followed.clone();
        let known = followed.wait_for(|followed| {
            followed.view.freshness == Freshness::Fresh
                || followed.error.is_some()
                || !followed.view.endpoints.is_empty()
        });
        match known.await {
            Ok(followed) => match &followed.error {
                Some(error) if followed.view.endpoints.is_empty() => Err(error.clone()),
                _ => Ok(()),
            },
            Err(_) => Err(Error::ShutDown),
        }
    }
}
