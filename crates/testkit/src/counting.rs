//! [`Counting`]: an allocator that counts, for tests and benches that say what is allocated.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, counting. A program that asks it puts it in place:
///
/// ```
/// use lubdub_testkit::Counting;
///
/// #[global_allocator]
/// static ALLOCATOR: Counting = Counting;
///
/// let before = Counting::on_this_thread();
/// let text = String::from("a");
/// assert_eq!(Counting::on_this_thread() - before, 1);
/// # drop(text);
/// ```
#[derive(Debug)]
pub struct Counting;

thread_local! {
    static ON_THIS_THREAD: Cell<usize> = const { Cell::new(0) };
}

static BYTES: AtomicUsize = AtomicUsize::new(0);
static BLOCKS: AtomicUsize = AtomicUsize::new(0);

impl Counting {
    /// How often this thread has allocated.
    pub fn on_this_thread() -> usize {
        ON_THIS_THREAD.get()
    }

    /// The bytes that all threads together have asked for and not given back; what the system's
    /// allocator adds of its own is beyond them.
    pub fn bytes() -> usize {
        BYTES.load(Ordering::Relaxed)
    }

    /// In how many pieces.
    pub fn blocks() -> usize {
        BLOCKS.load(Ordering::Relaxed)
    }
}

#[expect(
    unsafe_code,
    reason = "an allocator can only be wrapped so; both calls go to the system's as they came"
)]
// SAFETY: every call is passed on to the system's allocator unchanged. Counting touches atomic
// numbers and a thread-local without a destructor: neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // At a thread's end its counter may be gone already.
        let _ = ON_THIS_THREAD.try_with(|count| count.set(count.get() + 1));
        BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        BLOCKS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        BLOCKS.fetch_sub(1, Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(place, layout) }
    }
}
