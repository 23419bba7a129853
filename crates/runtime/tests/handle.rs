//! What faces may count on.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::time::Duration;

use lubdub_core::feed::{Changes, Filter};
use lubdub_core::lease::{LeaseRef, Renewal};
use lubdub_core::{Reject, Sender};
use lubdub_runtime::{Runtime, RuntimeConfig};
use lubdub_testkit::provider;

fn start() -> Runtime {
    Runtime::start(RuntimeConfig::default()).unwrap()
}

#[tokio::test]
async fn what_was_answered_is_visible_to_the_next_read_of_every_kind() {
    let runtime = start();
    let handle = runtime.handle();
    let before = handle.catalog().revision();
    let revision = handle.submit(provider("orders", "web-1").command(), Sender::default()).await.unwrap();
    assert_eq!(handle.view("ORDERS").map(|view| view.len()), Some(1));
    assert_eq!(handle.catalog().revision(), revision);
    assert!(matches!(handle.renew(LeaseRef::heartbeat("orders", "web-1"), None), Renewal::Renewed { .. }));
    let Changes::Since { changes, upto } = handle.changes(before, &Filter::ALL) else { panic!("it is held") };
    assert_eq!((changes.len(), upto), (1, revision));
    let counters = handle.counters();
    assert_eq!((counters.renewals, counters.registrations), (1, 1));
    runtime.stop();
}

#[tokio::test]
async fn a_watcher_is_woken_by_its_service_and_not_by_another() {
    let runtime = start();
    let handle = runtime.handle();
    let since = handle.catalog().revision();
    let stock = Filter::service("stock");
    let watched = handle.clone();
    let mut waiting = tokio::spawn(async move { watched.changed(since, &stock).await });
    handle.submit(provider("orders", "web-1").command(), Sender::default()).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(20), &mut waiting).await.is_err());
    let revision = handle.submit(provider("STOCK", "web-1").command(), Sender::default()).await.unwrap();
    assert_eq!(waiting.await.unwrap(), revision);
    runtime.stop();
}

#[tokio::test]
async fn a_watcher_who_is_behind_need_not_wait() {
    let runtime = start();
    let handle = runtime.handle();
    let since = handle.catalog().revision();
    let revision = handle.submit(provider("orders", "web-1").command(), Sender::default()).await.unwrap();
    assert_eq!(handle.changed(since, &Filter::service("orders")).await, revision);
    runtime.stop();
}

#[tokio::test]
async fn a_registry_that_stops_says_so() {
    let runtime = start();
    let handle = runtime.handle();
    runtime.stop();
    let outcome = handle.submit(provider("orders", "web-1").command(), Sender::default()).await;
    assert_eq!(outcome, Err(Reject::Stopping));
}

#[tokio::test]
async fn a_silent_provider_leaves_by_itself_and_its_watcher_is_told() {
    let runtime = start();
    let handle = runtime.handle();
    let mut short = provider("orders", "web-1").registration();
    short.checks[0].ttl = Duration::from_millis(100);
    let command = lubdub_core::Command::Register(Box::new(short));
    let since = handle.submit(command, Sender::default()).await.unwrap();
    handle.changed(since, &Filter::service("orders")).await;
    assert!(handle.view("orders").is_none());
    assert_eq!(handle.counters().expirations, 1);
    runtime.stop();
}
