//! A renewal allocates nothing, asserted by a counting allocator.

use lubdub_core::lease::{LeaseRef, Renewal};
use lubdub_testkit::{Counting, Scene, provider};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_renewal_allocates_nothing_known_or_not() {
    let mut scene = Scene::new();
    for id in 0..1_000 {
        scene.register(provider("orders", &format!("web-{id}")));
    }
    let table = scene.registry.lease_table();
    let before = Counting::on_this_thread();
    let known = table.renew(scene.now().tick, LeaseRef::heartbeat("ORDERS", "web-7"), None);
    let unknown = table.renew(scene.now().tick, LeaseRef::heartbeat("ORDERS", "web-1000"), None);
    let allocated = Counting::on_this_thread() - before;
    assert!(matches!(known, Renewal::Renewed { .. }));
    assert_eq!((unknown, allocated), (Renewal::Unknown, 0));
}
