//! What an instance says of itself, on its way to consumers.

use lubdub_client::{Change, Selector};

use super::until_listed;
use crate::beds::Bed;

pub(crate) async fn what_an_instance_says_of_itself_comes_to_its_consumers(bed: &Bed) {
    let registry = bed.registry();
    let served = bed.instance().await;
    let said = served
        .instance
        .clone()
        .with_id("the first, 100% ü/ä")
        .with_version("2.1")
        .with_group(bed.group())
        .with_zone("eu-1")
        .with_weight(7)
        .with_tag("canary")
        .with_tag("ssd")
        .with_metadata("commit", "4be1c3")
        .with_metadata("said", "\"<&>\" = ü");
    let _provider = registry.provide(said.clone()).await.unwrap();
    let consumer = bed.registry().consume(bed.service()).await.unwrap();
    let endpoints = consumer.until(|all| all.len() == 1).await;
    assert_eq!(endpoints[0].instance, said);
    assert!(!endpoints[0].doubted);
    // Another version of the same service, in the same group.
    let other = bed.instance().await;
    let other = other.instance.clone().with_version("3").with_group(bed.group());
    let _other = registry.provide(other.clone()).await.unwrap();
    consumer.until(|all| all.len() == 2).await;
    for (selector, expected) in [
        (Selector::any().version("2.1").group(bed.group()), &said),
        (Selector::any().version("3"), &other),
        (Selector::any().tag("canary").zone("eu-1"), &said),
    ] {
        let consumer = registry.consume_only(bed.service(), selector).await.unwrap();
        let endpoints = consumer.until(|all| !all.is_empty()).await;
        assert_eq!(endpoints.len(), 1);
        assert_eq!(&endpoints[0].instance, expected);
    }
    let nobody = registry.consume_only(bed.service(), Selector::any().version("4")).await.unwrap();
    assert!(nobody.endpoints().is_empty());
}

pub(crate) async fn a_second_registration_replaces_the_first_without_a_gap(bed: &Bed) {
    let (registry, again) = (bed.registry(), bed.registry());
    let served = bed.instance().await;
    let first = registry.provide(served.instance.clone()).await.unwrap();
    let consumer = bed.registry().consume(bed.service()).await.unwrap();
    let mut changes = consumer.changes();
    assert!(matches!(changes.next().await, Some(Change::Joined(_))));
    // A process that was killed and started again: it knows nothing of the first.
    first.abandon();
    let _second = again.provide(served.instance.clone().with_metadata("try", "2")).await.unwrap();
    let Some(Change::Updated(endpoint)) = changes.next().await else { panic!("it was gone in between") };
    assert_eq!(endpoint.instance.metadata["try"], "2");
    until_listed(&again, bed.service(), (1, 0)).await;
}
