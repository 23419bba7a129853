//! [`stripe`]: which part of a counter this thread adds to, so that workers do not take each
//! other's cache lines.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// More stripes than workers, so that two workers rarely share one.
pub(crate) const STRIPES: usize = 16;

thread_local! {
    static STRIPE: Cell<usize> = {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        Cell::new(NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES)
    };
}

/// This thread's stripe, below [`STRIPES`].
pub(crate) fn stripe() -> usize {
    STRIPE.get()
}
