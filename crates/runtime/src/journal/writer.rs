//! The journal's thread: commits one batch while the driver fills the next.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use lubdub_core::{Revision, WallTime};

use super::batch::{Batch, Journal, JournalError};
use crate::clock::Clock;

/// How often a registry at rest notes that it is alive. A restart learns from it how long it
/// was away.
const ALIVE_EVERY: Duration = Duration::from_secs(10);

/// The thread's inbox. Dropping it ends the thread.
#[derive(Debug)]
pub(crate) struct Writer {
    batches: mpsc::Sender<Batch>,
    thread: thread::JoinHandle<()>,
}

impl Writer {
    /// Starts the thread; `answer` is called on it after each batch, in order.
    pub(crate) fn start(
        mut journal: Box<dyn Journal>,
        clock: Clock,
        answer: impl Fn(Result<(), JournalError>) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (batches, inbox) = mpsc::channel::<Batch>();
        let thread = thread::Builder::new().name("lubdub-journal".into()).spawn(move || {
            let mut revision = Revision::ZERO;
            loop {
                match inbox.recv_timeout(ALIVE_EVERY) {
                    Ok(batch) => {
                        revision = revision.max(batch.revision);
                        answer(journal.append(&batch));
                    }
                    Err(mpsc::RecvTimeoutError::Timeout) => alive(&mut *journal, revision, clock.now().wall),
                    Err(mpsc::RecvTimeoutError::Disconnected) => {
                        return alive(&mut *journal, revision, clock.now().wall);
                    }
                }
            }
        })?;
        Ok(Self { batches, thread })
    }

    /// Hands over a batch; its answer comes through the callback.
    pub(crate) fn append(&self, batch: Batch) {
        // The thread ends only when this sender is dropped, or by a panic of the back end; then the
        // answer never comes, and the driver's patience tells.
        if self.batches.send(batch).is_err() {
            tracing::error!("the journal's thread has ended; nothing is written any more");
        }
    }

    /// Ends the thread after what it has in hand.
    pub(crate) fn stop(self) {
        drop(self.batches);
        if self.thread.join().is_err() {
            tracing::error!("the journal's thread panicked");
        }
    }
}

fn alive(journal: &mut dyn Journal, revision: Revision, at: WallTime) {
    if let Err(error) = journal.append(&Batch { revision, at, writes: Vec::new() }) {
        tracing::warn!(%error, "could not note in the journal that the registry is alive");
    }
}
