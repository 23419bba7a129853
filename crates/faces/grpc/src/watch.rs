//! One watch's stream: what is there, then each change; pulled by its reader.
//!
//! A watch holds a revision, not a queue: it reads what is newer when its reader has room, and of
//! each instance the newest alone. So a slow one costs nothing and loses nothing but what was in
//! between; one that fell off the feed's ring gets what is there.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, stream};
use lubdub_core::Revision;
use lubdub_core::feed::{Changes, FeedEntry};
use lubdub_core::model::InstanceKey;
use lubdub_core::view::{Catalog, ServiceView};
use lubdub_runtime::{Handle, OpenWatch, Wanted};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tonic::Status;

use crate::config::{GrpcConfig, stopped};
use crate::error::Ended;
use crate::service::piece;
use crate::{convert, wire};

/// One watch.
pub(crate) struct Watch {
    handle: Handle,
    wanted: Wanted,
    /// Everything up to here was told.
    since: Revision,
    /// What is still to be told of a snapshot.
    snapshot: Option<Snapshot>,
    keep_alive: Duration,
    stopping: Option<watch::Receiver<bool>>,
    over: bool,
    /// Its place among the watches, given back when the stream ends.
    _place: OwnedSemaphorePermit,
    _open: OpenWatch,
}

/// A snapshot that is told in parts.
struct Snapshot {
    revision: Revision,
    first: bool,
    views: VecDeque<Arc<ServiceView>>,
    /// How many instances of the first view were told.
    told: usize,
}

impl Watch {
    pub(crate) fn new(
        handle: Handle,
        config: &GrpcConfig,
        wanted: Wanted,
        since: Revision,
        place: OwnedSemaphorePermit,
    ) -> Self {
        let open = handle.open_watch();
        let mut watch = Self {
            handle,
            wanted,
            since,
            snapshot: None,
            keep_alive: config.keep_alive,
            stopping: config.stopping.clone(),
            over: false,
            _place: place,
            _open: open,
        };
        if since == Revision::ZERO {
            let catalog = watch.handle.catalog();
            watch.start_over(&catalog);
        }
        watch
    }

    /// What it tells, until its reader leaves or the server stops.
    pub(crate) fn answers(self) -> impl Stream<Item = Result<wire::WatchResponse, Status>> + Send {
        stream::unfold(self, async |mut watch| {
            if watch.over {
                return None;
            }
            let told = watch.next().await.map_err(|ended| ended.status());
            watch.over = told.is_err();
            let what = told.map(|news| wire::WatchResponse { what: Some(news) });
            Some((what, watch))
        })
    }

    async fn next(&mut self) -> Result<wire::News, Ended> {
        loop {
            if let Some(part) = self.part() {
                return Ok(wire::News::Snapshot(part));
            }
            match self.handle.changes_of(self.since, &self.wanted) {
                Changes::Snapshot(catalog) => {
                    self.start_over(&catalog);
                    continue;
                }
                Changes::Since { changes, upto } => {
                    self.since = self.since.max(upto);
                    if !changes.is_empty() {
                        return Ok(self.told(&changes));
                    }
                }
            }
            let (handle, wanted, since) = (&self.handle, &self.wanted, self.since);
            tokio::select! {
                () = handle.changed_of(since, wanted) => {}
                // No change, but a revision to resume from: whoever watches what does not change does
                // not fall off the ring because much happened elsewhere.
                () = tokio::time::sleep(self.keep_alive) => return Ok(self.told(&[])),
                () = stopped(&mut self.stopping) => return Err(Ended::Stopping),
            }
        }
    }

    fn start_over(&mut self, catalog: &Catalog) {
        let views = match &self.wanted {
            Wanted::All => catalog.services().cloned().collect(),
            Wanted::Services(names) => {
                names.iter().filter_map(|name| catalog.service(name.as_str()).cloned()).collect()
            }
        };
        let revision = catalog.revision();
        self.snapshot = Some(Snapshot { revision, first: true, views, told: 0 });
    }

    /// The next part of a snapshot. With the last, everything up to its revision was told.
    fn part(&mut self) -> Option<wire::SnapshotPart> {
        let snapshot = self.snapshot.as_mut()?;
        let part = snapshot.part();
        if part.last {
            self.since = snapshot.revision;
            self.snapshot = None;
        }
        Some(part)
    }

    fn told(&self, changes: &[FeedEntry]) -> wire::News {
        let changes = newest(changes).into_iter().map(convert::change).collect();
        wire::News::Changes(wire::Changes { revision: self.since.0, changes })
    }
}

impl Snapshot {
    fn part(&mut self) -> wire::SnapshotPart {
        let mut rows = self.views.iter().flat_map(|view| view.iter()).skip(self.told);
        let instances = piece(&mut rows, 0, |row| convert::instance(&row.instance));
        drop(rows);
        self.told += instances.len();
        while let Some(view) = self.views.front()
            && view.len() <= self.told
        {
            self.told -= view.len();
            self.views.pop_front();
        }
        let first = std::mem::replace(&mut self.first, false);
        wire::SnapshotPart { revision: self.revision.0, first, last: self.views.is_empty(), instances }
    }
}

/// The newest change of each instance, in the order of these.
fn newest(changes: &[FeedEntry]) -> Vec<&FeedEntry> {
    let mut last: BTreeMap<&InstanceKey, usize> = BTreeMap::new();
    for (place, entry) in changes.iter().enumerate() {
        last.insert(entry.change.key(), place);
    }
    let kept =
        changes.iter().enumerate().filter(|(place, entry)| last.get(entry.change.key()) == Some(place));
    kept.map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests {
    use lubdub_core::model::Generation;
    use lubdub_core::{Cause, Change, Sender, WallTime};

    use super::*;

    #[test]
    fn of_several_changes_of_an_instance_the_newest_is_told() {
        let left = |id: &str, revision| FeedEntry {
            revision: Revision(revision),
            at: WallTime(0),
            change: Change::Removed {
                key: InstanceKey::new("orders", id),
                generation: Generation(0),
                cause: Cause::Deregistered(Sender::default()),
            },
        };
        let changes = [left("a", 1), left("b", 2), left("a", 3), left("c", 4), left("a", 5)];
        let told: Vec<_> = newest(&changes).iter().map(|entry| entry.revision.0).collect();
        assert_eq!(told, [2, 4, 5]);
    }
}
