//! [`Changes`]: what joins, leaves and changes, as a stream.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::Stream;
use tokio::sync::watch;

use super::follow::Followed;
use crate::endpoint::Endpoint;
use crate::machine::{Change, changes_between};

/// What joins, leaves and changes. It begins with everyone who is there, as joined. Whoever reads
/// slowly misses what was undone meanwhile, and nothing else.
#[derive(Debug)]
pub struct Changes {
    followed: watch::Receiver<Arc<Followed>>,
    told: Vec<Endpoint>,
    waiting: VecDeque<Change>,
}

impl Changes {
    pub(super) fn of(mut followed: watch::Receiver<Arc<Followed>>) -> Self {
        followed.mark_changed();
        Self { followed, told: Vec::new(), waiting: VecDeque::new() }
    }

    /// The next change; waits for one. `None` when the program's last handle on the registry is gone.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Option<Change> {
        loop {
            if let Some(change) = self.waiting.pop_front() {
                return Some(change);
            }
            self.followed.changed().await.ok()?;
            let now = self.followed.borrow_and_update().view.endpoints.clone();
            self.waiting.extend(changes_between(&self.told, &now));
            self.told = now;
        }
    }

    /// The same as a [`Stream`].
    pub fn into_stream(self) -> impl Stream<Item = Change> + Send {
        futures_util::stream::unfold(self, |mut changes| async move {
            let change = changes.next().await?;
            Some((change, changes))
        })
    }
}
