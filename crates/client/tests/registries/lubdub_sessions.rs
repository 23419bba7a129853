//! What only sessions and watches can keep: lubdub by its own protocol.

use std::time::{Duration, Instant};

use lubdub_client::{Availability, Change, Config, Consumer, Error, Instance, Provider, Registry, Switch};
use lubdub_testkit_server::{Proxy, TestServer};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::beds::lubdub_grpc;
use crate::claims::programs::example;
use crate::within;

/// Far less than any lease here, and far more than a busy machine takes.
const SOON: Duration = Duration::from_secs(10);

/// Sessions of which so many end at once are no deaths to the registry.
const MASS: u16 = 20;

fn registry(url: &str) -> Registry {
    Registry::with(url, Config::default().switch(Switch::on())).unwrap()
}

/// Ends when anybody left whom a consumer knew.
fn somebody_left(consumer: &Consumer) -> JoinHandle<()> {
    let mut changes = consumer.changes();
    tokio::spawn(async move {
        while let Some(change) = changes.next().await {
            if matches!(change, Change::Left(_)) {
                return;
            }
        }
    })
}

async fn next_beats(providers: &[Provider]) {
    for provider in providers {
        let beats = provider.status().beats;
        within(provider.until(|status| status.beats > beats + 1)).await;
    }
}

#[tokio::test]
async fn a_provider_that_is_killed_is_out_at_once() {
    let bed = lubdub_grpc().await;
    let mut provider = example("provider").arg(bed.url()).spawn().expect("cargo test builds the examples");
    let mut said = BufReader::new(provider.stdout.take().unwrap()).lines();
    within(said.next_line()).await.unwrap().unwrap();
    let consumer = within(bed.direct().consume("hello")).await.unwrap();
    within(consumer.until(|all| all.len() == 1)).await;
    let killed = Instant::now();
    provider.kill().await.unwrap();
    within(consumer.until(<[_]>::is_empty)).await;
    // Its lease is for a minute.
    assert!(killed.elapsed() < SOON, "{:?}", killed.elapsed());
}

#[tokio::test]
async fn a_proxy_that_is_reloaded_loses_nobody() {
    let bed = lubdub_grpc().await;
    let mut providers = Vec::new();
    let registries: Vec<_> = (0..MASS).map(|_| bed.registry()).collect();
    for (registry, port) in registries.iter().zip(1..) {
        let instance = Instance::new(bed.service(), "127.0.0.1", port);
        providers.push(within(registry.provide(instance)).await.unwrap());
    }
    let consumer = within(bed.direct().consume(bed.service())).await.unwrap();
    within(consumer.until(|all| all.len() == usize::from(MASS))).await;
    let somebody_left = somebody_left(&consumer);
    bed.proxy.cut();
    bed.proxy.heal();
    next_beats(&providers).await;
    assert!(!somebody_left.is_finished());
    assert_eq!(consumer.endpoints().len(), usize::from(MASS));
    for status in providers.iter().map(Provider::status) {
        assert_eq!((status.registrations, status.forgotten), (1, 0), "{status:?}");
    }
}

#[tokio::test]
async fn a_connection_that_closes_is_taken_up_again_by_itself_within_its_grace() {
    let server = TestServer::in_memory();
    let proxy = Proxy::to(server.address());
    // No beat comes in time for this.
    let registry = registry(&format!("lubdub://{}?timeout=10m&interval=3m&grace=2m", proxy.address()));
    let instance = Instance::new("orders", "127.0.0.1", 8080);
    let provider = within(registry.provide(instance)).await.unwrap();
    let connected = async |wanted: bool| {
        while (server.handle().figures().sessions_connected > 0) != wanted {
            tokio::task::yield_now().await;
        }
    };
    proxy.cut();
    within(connected(false)).await;
    proxy.heal();
    within(connected(true)).await;
    // On the session that went on: another would not know the instance.
    provider.close();
    within(provider.until(|status| status.availability == Some(Availability::Unavailable))).await;
    let status = provider.status();
    assert_eq!((status.registrations, status.forgotten), (1, 0), "{status:?}");
}

#[tokio::test]
async fn a_connection_that_swallows_everything_is_replaced_and_loses_nobody() {
    let bed = lubdub_grpc().await;
    let registry = bed.registry();
    let instance = Instance::new(bed.service(), "127.0.0.1", 8080);
    let provider = within(registry.provide(instance)).await.unwrap();
    let consumer = within(bed.direct().consume(bed.service())).await.unwrap();
    within(consumer.until(|all| all.len() == 1)).await;
    let somebody_left = somebody_left(&consumer);
    bed.proxy.swallow();
    let status = within(provider.until(|status| status.failures > 0)).await;
    assert!(matches!(status.last_error, Some(Error::TimedOut { .. })), "{status:?}");
    bed.proxy.heal();
    next_beats(std::slice::from_ref(&provider)).await;
    assert!(!somebody_left.is_finished());
    let status = provider.status();
    assert_eq!((status.registrations, status.forgotten), (1, 0), "{status:?}");
}

#[tokio::test]
async fn consumers_are_told_without_asking() {
    let bed = lubdub_grpc().await;
    let patient = registry(&format!("lubdub://{}?poll=10m", bed.proxy.address()));
    let consumer = within(patient.consume(bed.service())).await.unwrap();
    let began = Instant::now();
    let instance = Instance::new(bed.service(), "127.0.0.1", 8080);
    let provider = within(bed.registry().provide(instance)).await.unwrap();
    within(consumer.until(|all| all.len() == 1)).await;
    provider.close();
    within(consumer.until(<[_]>::is_empty)).await;
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test]
async fn everything_that_is_provided_has_one_session_which_ends_with_the_last() {
    let server = TestServer::in_memory();
    let registry = registry(&format!("lubdub://{}?timeout=60s&interval=500ms", server.address()));
    let provide = async |service: &str, port| {
        within(registry.provide(Instance::new(service, "127.0.0.1", port))).await.unwrap()
    };
    let (one, other) = (provide("orders", 1).await, provide("stock", 2).await);
    assert_eq!(server.handle().figures().sessions, 1);
    next_beats(&[one, other]).await;
    within(async {
        while server.handle().figures().sessions > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let third = provide("orders", 3).await;
    next_beats(&[third]).await;
}

#[tokio::test]
async fn providers_and_consumers_find_each_other_whatever_protocol_each_speaks() {
    let server = TestServer::in_memory();
    let [eureka, lubdub] = ["eureka", "lubdub"].map(|scheme| {
        registry(&format!("{scheme}://{}?timeout=60s&interval=500ms&poll=200ms", server.address()))
    });
    let said = |port| {
        Instance::new("orders", "127.0.0.1", port)
            .with_version("2.1")
            .with_zone("eu-1")
            .with_metadata("commit", "4be1c3")
    };
    let by_eureka = within(eureka.provide(said(1))).await.unwrap();
    let by_lubdub = within(lubdub.provide(said(2))).await.unwrap();
    for registry in [&eureka, &lubdub] {
        let consumer = within(registry.consume("orders")).await.unwrap();
        let endpoints = within(consumer.until(|all| all.len() == 2)).await;
        for endpoint in endpoints {
            assert!(endpoint.instance.metadata["commit"] == "4be1c3", "{endpoint:?}");
        }
        for provider in [&by_eureka, &by_lubdub] {
            provider.close();
            within(consumer.until(|all| all.len() == 1)).await;
            provider.open();
            within(consumer.until(|all| all.len() == 2)).await;
        }
    }
}

#[tokio::test]
async fn the_newer_registration_keeps_an_id_as_long_as_it_is_there() {
    let bed = lubdub_grpc().await;
    let (older, newer) = (bed.registry(), bed.registry());
    let instance = Instance::new(bed.service(), "127.0.0.1", 8080);
    let first = within(older.provide(instance.clone())).await.unwrap();
    let second = within(newer.provide(instance.with_version("2"))).await.unwrap();
    let status = within(first.until(|status| status.failures > 1)).await;
    assert!(
        matches!(&status.last_error, Some(Error::Refused { status, .. }) if status == "TAKEN_OVER"),
        "{status:?}"
    );
    assert_eq!(status.registrations, 1);
    next_beats(std::slice::from_ref(&second)).await;
    let found = within(older.lookup(bed.service())).await.unwrap();
    assert_eq!(found[0].instance.version.as_deref(), Some("2"));
    assert_eq!(second.status().registrations, 1);
    // When it is gone, whoever waits is back.
    drop(second);
    within(first.until(|status| status.registrations == 2)).await;
}

#[tokio::test]
async fn a_server_of_another_protocol_is_told_apart() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("lubdub://{}?timeout=6s", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut heard = [0; 1024];
                drop(stream.read(&mut heard).await);
                let answer = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
                drop(stream.write_all(answer).await);
                // What else comes is not answered.
                while stream.read(&mut heard).await.is_ok_and(|length| length > 0) {}
            });
        }
    });
    let registry = registry(&url);
    let provided = within(registry.provide(Instance::new("orders", "127.0.0.1", 1))).await;
    assert!(matches!(provided, Err(Error::NotSuchARegistry { .. })), "{provided:?}");
    let found = within(registry.lookup("orders")).await;
    assert!(matches!(found, Err(Error::NotSuchARegistry { .. })), "{found:?}");
    serving.abort();
}
