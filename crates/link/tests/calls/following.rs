//! Calls follow the registry, and go on without it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use lubdub_client::Registry;
use lubdub_link::channel::Channel;
use lubdub_testkit_server::TestServer;

use crate::programs::{answered, call, calls, consume, knows, provide, registry, soon};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_joins_is_called_and_who_leaves_is_not() {
    let server = TestServer::in_memory();
    let providers = registry(&server);
    let one = provide(&providers, "one").await;
    let channel = consume(&registry(&server)).open().await.unwrap();
    knows(&channel, 1).await;
    assert_eq!(calls(&channel, 3).await, answered([("one", 3)]));
    let _two = provide(&providers, "two").await;
    knows(&channel, 2).await;
    let both = calls(&channel, 200).await;
    assert!(both["one"] > 0 && both["two"] > 0, "{both:?}");
    one.shut_down().await;
    knows(&channel, 1).await;
    assert_eq!(calls(&channel, 10).await, answered([("two", 10)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn calls_go_over_one_long_connection_to_each_provider_and_none_of_them_through_the_registry() {
    let mut server = TestServer::in_memory();
    let providers = registry(&server);
    let _running = (provide(&providers, "one").await, provide(&providers, "two").await);
    let consumers = registry(&server);
    let channel = consume(&consumers).open().await.unwrap();
    knows(&channel, 2).await;
    assert_eq!(calls(&channel, 100).await, answered([("one", 50), ("two", 50)]));
    let connections =
        |channel: &Channel| channel.links().iter().map(|link| link.connections).collect::<Vec<_>>();
    assert_eq!(connections(&channel), [1, 1]);
    // What is gone cannot have carried a call.
    server.stop();
    assert_eq!(calls(&channel, 100).await, answered([("one", 50), ("two", 50)]));
    assert_eq!(connections(&channel), [1, 1]);
    assert!(channel.links().iter().all(|link| link.calls == 0));
}

/// Calls until it is told to end; says how many calls it made, of which none failed.
async fn call_on(channel: Channel, is_over: Arc<AtomicBool>, made: Arc<AtomicUsize>) {
    while !is_over.load(Ordering::Relaxed) {
        call(&channel).await.expect("a call failed");
        made.fetch_add(1, Ordering::Relaxed);
        // The rate of the load: the machine is to do other things, too.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_rolling_restart_under_load_fails_no_call() {
    let server = TestServer::in_memory();
    let providers: Registry = registry(&server);
    let mut running = vec![provide(&providers, "old").await, provide(&providers, "old").await];
    let channel = consume(&registry(&server)).open().await.unwrap();
    knows(&channel, 2).await;
    let (is_over, made) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let calling: Vec<_> =
        (0..4).map(|_| tokio::spawn(call_on(channel.clone(), is_over.clone(), made.clone()))).collect();
    for old in std::mem::take(&mut running) {
        running.push(provide(&providers, "new").await);
        knows(&channel, 3).await;
        assert_eq!(soon(old.shut_down()).await.unfinished_calls, 0);
        knows(&channel, 2).await;
    }
    let before = made.load(Ordering::Relaxed);
    soon(async {
        while made.load(Ordering::Relaxed) < before + 20 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    is_over.store(true, Ordering::Relaxed);
    for calling in calling {
        soon(calling).await.unwrap();
    }
    assert!(before > 0);
    assert!(calls(&channel, 10).await.contains_key("new"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_provider_that_is_gone_at_once_fails_no_call_of_a_method_that_may_be_called_twice() {
    let server = TestServer::in_memory();
    let providers = registry(&server);
    let (one, _two) = (provide(&providers, "one").await, provide(&providers, "two").await);
    let channel = consume(&registry(&server)).all_idempotent().open().await.unwrap();
    knows(&channel, 2).await;
    let (is_over, made) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let calling = tokio::spawn(call_on(channel.clone(), is_over.clone(), made.clone()));
    while made.load(Ordering::Relaxed) < 20 && !calling.is_finished() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(one);
    let before = made.load(Ordering::Relaxed);
    while made.load(Ordering::Relaxed) < before + 100 && !calling.is_finished() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    is_over.store(true, Ordering::Relaxed);
    soon(calling).await.unwrap();
}
