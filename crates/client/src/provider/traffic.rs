//! [`Call`]: a call that is being served; leaving waits for all of them.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// The calls that an instance is serving. Counting one takes no lock. A clone is the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls(Arc<Open>);

#[derive(Debug, Default)]
struct Open {
    count: AtomicUsize,
    none: Notify,
}

impl Calls {
    pub(crate) fn begin(&self) -> Call {
        self.0.count.fetch_add(1, Ordering::SeqCst);
        Call { calls: self.clone() }
    }

    /// How many there are.
    pub(crate) fn open(&self) -> usize {
        self.0.count.load(Ordering::SeqCst)
    }

    /// Waits until there are none.
    pub(crate) async fn finished(&self) {
        loop {
            // Whoever ends after this is created wakes it, so it comes before the count is read.
            let none = pin!(self.0.none.notified());
            if self.open() == 0 {
                return;
            }
            none.await;
        }
    }
}

/// A call that is being served. It is over when this is dropped.
#[derive(Debug)]
#[must_use = "a call that is dropped at once is over at once"]
pub struct Call {
    calls: Calls,
}

impl Drop for Call {
    fn drop(&mut self) {
        let open = &self.calls.0;
        if open.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            open.none.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_is_waited_for_the_last_call() {
        let calls = Calls::default();
        calls.finished().await;
        let (first, second) = (calls.begin(), calls.begin());
        let mut finished = pin!(calls.finished());
        drop(first);
        assert!(futures_util::poll!(finished.as_mut()).is_pending());
        drop(second);
        assert!(futures_util::poll!(finished).is_ready());
        assert_eq!(calls.open(), 0);
    }
}
