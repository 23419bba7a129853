//! A heartbeat's fast path touches no heap.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]
#![expect(unsafe_code, reason = "an allocator that counts is unsafe by its trait")]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use http::{HeaderMap, Method, Uri};
use support::Eureka;

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is passed on to the system's allocator; counting neither allocates nor
// unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // At a thread's end the counter may be gone already.
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[tokio::test]
async fn a_heartbeat_allocates_nothing() {
    let eureka = Eureka::start();
    eureka.register("ORDERS", "web-1:orders:8080", r#""lastDirtyTimestamp":"1000""#).await;
    let headers = HeaderMap::new();
    for (path, status) in [
        ("/eureka/apps/ORDERS/web-1:orders:8080?status=UP&lastDirtyTimestamp=1000", 200),
        ("/eureka/v2/apps/orders/web-1%3Aorders%3A8080?status=UP", 200),
        ("/eureka/apps/ORDERS/web-1:orders:8080?lastDirtyTimestamp=1001", 404),
        ("/eureka/apps/ORDERS/unknown", 404),
    ] {
        let uri: Uri = path.parse().unwrap();
        // The first beat of a thread may set up what the thread keeps.
        eureka.face.renewal(&Method::PUT, &uri, &headers);
        let before = COUNT.get();
        let answer = eureka.face.renewal(&Method::PUT, &uri, &headers);
        assert_eq!(COUNT.get() - before, 0, "{path}");
        assert_eq!(answer.unwrap().answer.status(), status, "{path}");
    }
}
