//! One consumer cannot reach one provider, though the registry, and everybody else, can.

use std::sync::Arc;
use std::time::Duration;

use lubdub_client::Serving;
use lubdub_link::channel::{ChannelFault, Http2, KeepAlive, Target, Transport, Watcher, Wire, add_transport};
use lubdub_testkit_server::{Proxy, TestServer};

use crate::programs::{answered, calls, consume, knows, provide, registry, until};

/// HTTP/2, where what goes to one address goes through a proxy.
#[derive(Debug)]
struct ThroughProxy {
    address: String,
    proxy: String,
}

impl Transport for ThroughProxy {
    fn open(&self, target: &Target, watcher: Watcher) -> Result<Arc<dyn Wire>, ChannelFault> {
        let mut target = target.clone();
        if target.address == self.address {
            target.address.clone_from(&self.proxy);
        }
        Http2.open(&target, watcher)
    }
}

/// A proxy before a provider, for whoever takes the transport of this name; with the provider's own address.
fn between(name: &str, provider: &Serving) -> (Proxy, String) {
    let proxy = Proxy::to(provider.address());
    let (address, through) = (provider.address().to_string(), proxy.address().to_string());
    add_transport(name, ThroughProxy { address: address.clone(), proxy: through });
    (proxy, address)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_consumer_that_is_cut_off_avoids_the_provider_and_the_others_go_on_with_it() {
    let server = TestServer::in_memory();
    let providers = registry(&server);
    let (one, _two) = (provide(&providers, "one").await, provide(&providers, "two").await);
    let (proxy, address) = between("cut off", &one);
    let consumers = registry(&server);
    let cut = consume(&consumers).transport("cut off").all_idempotent().open().await.unwrap();
    let other = consume(&registry(&server)).open().await.unwrap();
    knows(&cut, 2).await;
    knows(&other, 2).await;
    for channel in [&cut, &other] {
        assert_eq!(calls(channel, 10).await, answered([("one", 5), ("two", 5)]));
    }

    proxy.cut();
    assert_eq!(calls(&cut, 50).await, answered([("two", 50)]));
    let link = |channel: &lubdub_link::channel::Channel| {
        channel.links().into_iter().find(|link| link.address == address).unwrap()
    };
    assert!(!link(&cut).is_available);
    assert_eq!(calls(&other, 10).await, answered([("one", 5), ("two", 5)]));
    assert!(link(&other).is_available && other.probes_sent() == 0);
    assert_eq!(consumers.lookup(crate::programs::SERVICE).await.unwrap().len(), 2, "the registry has both");

    proxy.heal();
    until(|| link(&cut).is_available).await;
    let again = calls(&cut, 200).await;
    assert!(again.contains_key("one"), "{again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_link_that_swallows_everything_is_avoided_before_a_call_is_lost_to_it_and_found_again() {
    let server = TestServer::in_memory();
    let providers = registry(&server);
    let (one, _two) = (provide(&providers, "one").await, provide(&providers, "two").await);
    let (proxy, address) = between("swallowed", &one);
    let beats = KeepAlive {
        interval: Some(Duration::from_millis(200)),
        // Long enough for a machine that is busy.
        timeout: Duration::from_secs(3),
        ..KeepAlive::default()
    };
    let channel = consume(&registry(&server)).transport("swallowed").keep_alive(beats).open().await.unwrap();
    knows(&channel, 2).await;
    assert_eq!(calls(&channel, 10).await, answered([("one", 5), ("two", 5)]));
    proxy.swallow();
    let is_available = || channel.links().iter().any(|link| link.address == address && link.is_available);
    until(|| !is_available()).await;
    assert_eq!(calls(&channel, 50).await, answered([("two", 50)]));
    proxy.heal();
    until(is_available).await;
    assert!(calls(&channel, 200).await.contains_key("one"));
}
