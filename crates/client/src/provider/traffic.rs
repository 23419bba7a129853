//! [`Call`]: a call that is being served; leaving waits for all of them.

use tokio::sync::watch;

/// A call that is being served. It is over when this is dropped.
#[derive(Debug)]
#[must_use = "a call that is dropped at once is over at once"]
pub struct Call {
    calls: watch::Sender<usize>,
}

impl Call {
    pub(crate) fn begin(calls: &watch::Sender<usize>) -> Self {
        calls.send_modify(|count| *count += 1);
        Self { calls: calls.clone() }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.calls.send_modify(|count| *count = count.saturating_sub(1));
    }
}
