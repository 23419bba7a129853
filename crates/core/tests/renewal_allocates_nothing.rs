//! A renewal allocates nothing, asserted by a counting allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use lubdub_core::lease::{LeaseRef, Renewal};
use lubdub_testkit::{Scene, provider};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[expect(
    unsafe_code,
    reason = "an allocator can only be wrapped so; both calls go to the system's as they came"
)]
// SAFETY: every call is passed on to the system's allocator unchanged; counting touches only a
// thread-local without a destructor, which does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_renewal_allocates_nothing_known_or_not() {
    let mut scene = Scene::new();
    for id in 0..1_000 {
        scene.register(provider("orders", &format!("web-{id}")));
    }
    let table = scene.registry.lease_table();
    let before = ALLOCATIONS.get();
    let known = table.renew(scene.now().tick, LeaseRef::heartbeat("ORDERS", "web-7"), None);
    let unknown = table.renew(scene.now().tick, LeaseRef::heartbeat("ORDERS", "web-1000"), None);
    let allocated = ALLOCATIONS.get() - before;
    assert!(matches!(known, Renewal::Renewed { .. }));
    assert_eq!((unknown, allocated), (Renewal::Unknown, 0));
}
