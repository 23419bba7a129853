//! [`Signals`]: who is woken when the transport has something.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake};

use futures_util::task::AtomicWaker;

/// The one waker that the transport ever sees. Transports keep the waker of whoever polled last; here that may be the application's
/// reader, its writer, or the guard, and all of them have to be woken.
///
/// Flags are sequentially consistent: each side writes one and reads another, and none may miss the other's.
#[derive(Debug, Default)]
pub(super) struct Signals {
    reader: AtomicWaker,
    writer: AtomicWaker,
    guard: AtomicWaker,
    /// How often the transport woke anybody.
    wakes: AtomicUsize,
    /// There may be something that nobody has read.
    is_unsettled: AtomicBool,
    /// The guard looks again soon, whether it is woken or not.
    is_armed: AtomicBool,
    /// The guard itself waits for the transport.
    is_awaited: AtomicBool,
}

/// Whose task waits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Who {
    Reader,
    Writer,
}

impl Wake for Signals {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
        // The guard first: tokio keeps the task that was woken last for the thread that woke it, and that is to be the application, so that
        // another thread runs the guard where the application blocks this one.
        self.unsettled();
        if self.is_awaited.load(Ordering::SeqCst) {
            self.guard.wake();
        }
        self.reader.wake();
        self.writer.wake();
    }
}

impl Signals {
    /// Polls, and lets the task be woken where it has to wait. Its waker is kept only then, as that costs; what was missed in
    /// between is noticed by the number of wakes.
    pub(super) fn wait_for<T>(&self, who: Who, cx: &Context<'_>, poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
        let before = self.wakes.load(Ordering::SeqCst);
        let polled = poll();
        if polled.is_pending() {
            let waker = match who {
                Who::Reader => &self.reader,
                Who::Writer => &self.writer,
            };
            waker.register(cx.waker());
            if self.wakes.load(Ordering::SeqCst) != before {
                cx.waker().wake_by_ref();
            }
        }
        polled
    }

    /// How often the transport has woken anybody; for [`settled`](Self::settled).
    pub(super) fn wakes(&self) -> usize {
        self.wakes.load(Ordering::SeqCst)
    }

    /// There may be something that nobody has read: the guard is to see whether anybody does.
    pub(super) fn unsettled(&self) {
        if !self.is_unsettled.load(Ordering::SeqCst) {
            self.is_unsettled.store(true, Ordering::SeqCst);
        }
        if !self.is_armed.load(Ordering::SeqCst) && !self.is_armed.swap(true, Ordering::SeqCst) {
            self.guard.wake();
        }
    }

    /// Everything was read, unless the transport has woken anybody since there were so many wakes.
    pub(super) fn settled(&self, wakes: usize) {
        self.is_unsettled.store(false, Ordering::SeqCst);
        if self.wakes() != wakes {
            self.unsettled();
        }
    }

    pub(super) fn is_unsettled(&self) -> bool {
        self.is_unsettled.load(Ordering::SeqCst)
    }

    pub(super) fn is_armed(&self) -> bool {
        self.is_armed.load(Ordering::SeqCst)
    }

    /// The guard looks no more by itself, unless something came while it decided that.
    pub(super) fn disarm(&self) {
        self.is_armed.store(false, Ordering::SeqCst);
        if self.is_unsettled() {
            self.is_armed.store(true, Ordering::SeqCst);
        }
    }

    /// Whether the guard itself is to be woken by the transport.
    pub(super) fn await_transport(&self, is_awaited: bool) {
        self.is_awaited.store(is_awaited, Ordering::SeqCst);
    }

    pub(super) fn register_guard(&self, cx: &Context<'_>) {
        self.guard.register(cx.waker());
    }

    pub(super) fn wake_guard(&self) {
        self.guard.wake();
    }

    /// Whoever waits is to look again, as something else changed.
    pub(super) fn wake_application(&self) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
        self.reader.wake();
        self.writer.wake();
    }
}
