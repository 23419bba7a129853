//! The task that follows one service, on the thread of news: it asks, listens, and publishes what the
//! machine makes of it.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::sleep_until;
use tracing::{debug, info, warn};

use super::keeping::Keeping;
use crate::backend::News;
use crate::clock::Clock;
use crate::error::Error;
use crate::machine::{LiveSet, Schedule, View};
use crate::registry::Side;
use crate::snapshot::SnapshotFile;

/// What is known.
#[derive(Debug)]
pub(crate) struct Followed {
    pub(super) view: View,
    /// Why the registry could not be asked last.
    pub(super) error: Option<Error>,
}

impl Followed {
    pub(super) fn new(view: View) -> Self {
        Self { view, error: None }
    }
}

struct Following {
    service: String,
    set: LiveSet,
    keeping: Option<Keeping>,
    sender: watch::Sender<Arc<Followed>>,
}

/// Runs until nobody wants to know any more.
pub(super) async fn follow(
    side: Arc<Side>,
    registry: String,
    service: String,
    set: LiveSet,
    file: Option<SnapshotFile>,
    clock: Clock,
    sender: watch::Sender<Arc<Followed>>,
) {
    let terms = side.backend.terms();
    let mut schedule = Schedule::new(clock.now(), terms.poll, fastrand::u64(..));
    let keeping = file.map(Keeping::start);
    let mut following = Following { service, set, keeping, sender };
    // Whoever is to tell something each poll has missed two when this is over.
    let silence = terms.poll.saturating_mul(3).saturating_add(terms.patience);
    let mut failed = false;
    loop {
        let service = following.service.clone();
        let (news, mut heard) = News::new();
        let subscription = side.backend.subscribe(&service, &news);
        tokio::pin!(subscription);
        let mut deadline = clock.now() + silence;
        let error = loop {
            let settled = following.set.next();
            tokio::select! {
                // What was heard before the end counts.
                biased;
                () = following.sender.closed() => return,
                Some(listing) = heard.recv() => {
                    if std::mem::take(&mut failed) {
                        info!(%registry, %service, "the registry answers again");
                    }
                    schedule.succeeded(clock.now());
                    deadline = clock.now() + silence;
                    following.set.heard(clock.now(), listing);
                    following.publish(None);
                }
                error = &mut subscription => break error,
                () = sleep_until(clock.instant(deadline)) => {
                    break Error::TimedOut { registry: registry.clone(), after: silence };
                }
                () = sleep_until(clock.instant(settled.unwrap_or(deadline))), if settled.is_some() => {
                    following.set.advance(clock.now());
                    following.publish(None);
                }
            }
        };
        if failed {
            debug!(%registry, %service, %error, "still not to be asked");
        } else {
            warn!(%registry, %service, %error, "the registry cannot be asked; going on with what is known");
        }
        failed = true;
        following.set.lost(clock.now());
        schedule.missed(clock.now(), error.miss());
        following.publish(Some(error));
        tokio::select! {
            () = following.sender.closed() => return,
            () = sleep_until(clock.instant(schedule.next())) => {}
        }
    }
}

impl Following {
    fn publish(&mut self, error: Option<Error>) {
        let view = self.set.view();
        let is_heard = error.is_none();
        if is_heard && let Some(keeping) = &self.keeping {
            keeping.keep(&view.endpoints);
        }
        let same = {
            let before = self.sender.borrow();
            before.view == view && before.error.is_none() && is_heard
        };
        if !same {
            self.sender.send_replace(Arc::new(Followed { view, error }));
        }
    }
}
