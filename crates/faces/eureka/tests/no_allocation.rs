//! A heartbeat's fast path touches no heap.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test may panic"
)]

mod support;

use http::{HeaderMap, Method, Uri};
use lubdub_testkit::Counting;
use support::Eureka;

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
        let before = Counting::on_this_thread();
        let answer = eureka.face.renewal(&Method::PUT, &uri, &headers);
        assert_eq!(Counting::on_this_thread() - before, 0, "{path}");
        assert_eq!(answer.unwrap().answer.status(), status, "{path}");
    }
}
