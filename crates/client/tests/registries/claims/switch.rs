//! The switch, and the preview.

use lubdub_client::{Availability, Switch};
use tokio::net::TcpStream;

use super::until_listed;
use crate::beds::Bed;

pub(crate) async fn what_is_unavailable_is_previewed_and_not_offered_until_it_is_opened(bed: &Bed) {
    let (registry, elsewhere) = (bed.registry(), bed.registry());
    let served = bed.instance().await;
    let provider = registry.provide_unavailable(served.instance.clone()).await.unwrap();
    until_listed(&elsewhere, bed.service(), (0, 1)).await;
    let consumer = elsewhere.consume(bed.service()).await.unwrap();
    assert!(consumer.endpoints().is_empty());
    // The preview: found by asking for it, and called by its address.
    let found = elsewhere.lookup(bed.service()).await.unwrap();
    assert_eq!(found[0].availability, Availability::Unavailable);
    TcpStream::connect(found[0].instance.address()).await.unwrap();

    provider.open();
    assert_eq!(consumer.until(|all| all.len() == 1).await[0].address(), served.instance.address());
    provider.close();
    consumer.until(<[_]>::is_empty).await;
    until_listed(&elsewhere, bed.service(), (0, 1)).await;
    // It is alive all the same.
    let beats = provider.status().beats;
    provider.until(|status| status.beats > beats + 1).await;
}

pub(crate) async fn one_switch_moves_all_instances_and_another_client_changes_nothing(bed: &Bed) {
    let switch = Switch::on();
    let (one, consumer) = (bed.registry_with(switch.clone()), bed.registry());
    let consumer = consumer.consume(bed.service()).await.unwrap();
    let (a, b, c) = (bed.instance().await, bed.instance().await, bed.instance().await);
    let _a = one.provide(a.instance.clone()).await.unwrap();
    let _b = one.provide(b.instance.clone()).await.unwrap();
    consumer.until(|all| all.len() == 2).await;
    // Motan's second registry object turns the switch off again.
    let other = bed.registry_with(switch.clone());
    let _c = other.provide(c.instance.clone()).await.unwrap();
    assert!(switch.is_on());
    consumer.until(|all| all.len() == 3).await;
    switch.turn(false);
    consumer.until(<[_]>::is_empty).await;
    until_listed(&other, bed.service(), (0, 3)).await;
    switch.turn(true);
    consumer.until(|all| all.len() == 3).await;
}

pub(crate) async fn who_registers_while_the_switch_is_on_is_available_and_while_it_is_off_is_not(bed: &Bed) {
    let switch = Switch::on();
    let registry = bed.registry_with(switch.clone());
    let (a, b) = (bed.instance().await, bed.instance().await);
    let _a = registry.provide(a.instance.clone()).await.unwrap();
    until_listed(&registry, bed.service(), (1, 0)).await;
    switch.turn(false);
    until_listed(&registry, bed.service(), (0, 1)).await;
    let _b = registry.provide(b.instance.clone()).await.unwrap();
    until_listed(&registry, bed.service(), (0, 2)).await;
    switch.turn(true);
    until_listed(&registry, bed.service(), (2, 0)).await;
}
