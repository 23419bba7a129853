//! A registry that is gone, silent, or comes back with nothing.

use lubdub_client::{Change, Config, Error, Registry, State, Switch};
use tokio::net::TcpListener;

use super::{sure, until_listed};
use crate::beds::Bed;

pub(crate) async fn a_registry_that_is_gone_stops_neither_providers_nor_consumers(bed: &Bed) {
    let folder = tempfile::tempdir().unwrap();
    let with_files = || {
        Registry::with(&bed.url(), Config::default().switch(Switch::on()).snapshots(folder.path())).unwrap()
    };
    let (registry, consuming) = (bed.registry(), with_files());
    let (a, b) = (bed.instance().await, bed.instance().await);
    let one = registry.provide(a.instance.clone()).await.unwrap();
    let _other = registry.provide(b.instance.clone()).await.unwrap();
    let consumer = consuming.consume(bed.service()).await.unwrap();
    consumer.until(|all| all.len() == 2).await;
    assert_eq!(consumer.stale_for(), None);

    bed.proxy.cut();
    consumer.until_stale(true).await;
    let status = one.until(|status| status.failures_in_a_row >= 2).await;
    assert_eq!(status.state, State::Retrying);
    assert!(status.last_error.is_some());
    for _ in 0..100 {
        assert_eq!(consumer.endpoints().len(), 2);
    }
    assert!(consumer.stale_for().is_some());
    // The consumer is started again, too: it goes on with what stands in its file.
    drop((consumer, consuming));
    let consumer = with_files().consume(bed.service()).await.unwrap();
    let endpoints = consumer.endpoints();
    assert_eq!((endpoints.len(), sure(&endpoints)), (2, 0));
    for endpoint in &endpoints {
        tokio::net::TcpStream::connect(endpoint.address()).await.unwrap();
    }

    bed.proxy.heal();
    consumer.until_stale(false).await;
    consumer.until(|all| sure(all) == 2).await;
    let status = one.registered().await;
    assert!(status.last_error.is_none());
    until_listed(&registry, bed.service(), (2, 0)).await;
}

pub(crate) async fn a_connection_that_swallows_everything_is_noticed_and_outlived(bed: &Bed) {
    let registry = bed.registry();
    let served = bed.instance().await;
    let provider = registry.provide(served.instance.clone()).await.unwrap();
    let consumer = registry.consume(bed.service()).await.unwrap();
    consumer.until(|all| all.len() == 1).await;
    bed.proxy.swallow();
    let status = provider.until(|status| status.failures > 0).await;
    assert!(matches!(status.last_error, Some(Error::TimedOut { .. })), "{status:?}");
    consumer.until_stale(true).await;
    assert_eq!(consumer.endpoints().len(), 1);
    // Moved meanwhile, the switch is told as soon as that is possible.
    provider.close();
    bed.proxy.heal();
    consumer.until_stale(false).await;
    consumer.until(<[_]>::is_empty).await;
    let beats = provider.status().beats;
    provider.until(|status| status.beats > beats).await;
    until_listed(&registry, bed.service(), (0, 1)).await;
}

pub(crate) async fn what_cannot_be_reached_is_told_and_does_not_hang(bed: &Bed) {
    let served = bed.instance().await;
    // A port on which nobody listens: one that was free a moment ago.
    let free = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    let nobody = Registry::at(&bed.url_at(free)).unwrap();
    assert!(matches!(nobody.provide(served.instance.clone()).await, Err(Error::Unreachable { .. })));
    assert!(matches!(nobody.lookup(bed.service()).await, Err(Error::Unreachable { .. })));
    assert!(matches!(nobody.consume(bed.service()).await, Err(Error::Unreachable { .. })));
    // One that accepts and never answers.
    bed.proxy.swallow();
    let silent = bed.registry();
    assert!(matches!(silent.lookup(bed.service()).await, Err(Error::TimedOut { .. })));
    assert!(matches!(silent.provide(served.instance.clone()).await, Err(Error::TimedOut { .. })));
    // Whoever wants to start without its registry does, and is registered when it comes.
    let waiting = silent.provide_in_background(served.instance.clone()).unwrap();
    waiting.until(|status| status.failures > 0).await;
    bed.proxy.heal();
    waiting.registered().await;
    until_listed(&silent, bed.service(), (1, 0)).await;
}

pub(crate) async fn a_registry_that_is_killed_and_restarted_empties_nobody(bed: &Bed) {
    let registry = bed.registry();
    let (a, b) = (bed.instance().await, bed.instance().await);
    let one = registry.provide(a.instance.clone()).await.unwrap();
    let other = registry.provide_unavailable(b.instance.clone()).await.unwrap();
    let consumer = registry.consume(bed.service()).await.unwrap();
    let mut changes = consumer.changes();
    assert!(matches!(changes.next().await, Some(Change::Joined(_))));
    // Doubted for a while, perhaps; gone, never.
    let somebody_left = tokio::spawn(async move {
        while let Some(change) = changes.next().await {
            if matches!(change, Change::Left(_)) {
                return;
            }
        }
    });
    bed.restart();
    for provider in [&one, &other] {
        let beats = provider.status().beats;
        provider.until(|status| status.beats > beats + 1).await;
    }
    until_listed(&registry, bed.service(), (1, 1)).await;
    consumer.until(|all| sure(all) == 1).await;
    consumer.until_stale(false).await;
    assert!(!somebody_left.is_finished());
}
