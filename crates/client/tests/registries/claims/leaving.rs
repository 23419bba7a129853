//! Leaving so that nobody fails.

use std::time::Duration;

use lubdub_client::{Config, Consumer, Farewell, Instance, Provider, Registry, Switch};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{pause, until_listed};
use crate::beds::Bed;

fn registry(bed: &Bed) -> Registry {
    let farewell = Farewell { notice: Duration::from_millis(300), drain: Duration::from_secs(60) };
    Registry::with(&bed.url(), Config::default().switch(Switch::on()).farewell(farewell)).unwrap()
}

pub(crate) async fn who_stops_is_unavailable_first_finishes_its_calls_and_is_out_then(bed: &Bed) {
    let (registry, elsewhere) = (registry(bed), bed.registry());
    let served = bed.instance().await;
    let provider = registry.provide(served.instance.clone()).await.unwrap();
    let consumer = elsewhere.consume(bed.service()).await.unwrap();
    consumer.until(|all| all.len() == 1).await;
    let call = provider.begin_call();
    let stopping = tokio::spawn(provider.stop());
    consumer.until(<[_]>::is_empty).await;
    // Nobody is sent there any more, and whoever is being served is not interrupted.
    until_listed(&elsewhere, bed.service(), (0, 1)).await;
    assert!(!stopping.is_finished());
    drop(call);
    let parting = stopping.await.unwrap();
    assert!(parting.announced);
    assert_eq!(parting.unfinished_calls, 0);
    until_listed(&elsewhere, bed.service(), (0, 0)).await;
}

pub(crate) async fn everything_that_is_provided_stops_with_one_call(bed: &Bed) {
    let (registry, elsewhere) = (registry(bed), bed.registry());
    let (a, b) = (bed.instance().await, bed.instance().await);
    let _a = registry.provide(a.instance.clone()).await.unwrap();
    let _b = registry.provide(b.instance.clone()).await.unwrap();
    registry.shut_down().await;
    until_listed(&elsewhere, bed.service(), (0, 0)).await;
    assert!(registry.provide(a.instance.clone()).await.is_err());
}

/// A provider that really answers: a process, as its consumers see it.
struct Process {
    provider: Provider,
    serving: JoinHandle<()>,
}

impl Process {
    async fn start(registry: &Registry, service: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move { stream.write_all(b"served").await });
            }
        });
        let provider = registry.provide(Instance::new(service, "127.0.0.1", port)).await.unwrap();
        Self { provider, serving }
    }

    async fn stop(self) {
        assert!(self.provider.stop().await.announced);
        // From now on its port refuses.
        self.serving.abort();
    }
}

/// Calls one after the other, all endpoints in turn, and says how many.
async fn call(consumer: Consumer) -> usize {
    let mut calls = 0;
    loop {
        let endpoints = consumer.endpoints();
        if endpoints.is_empty() && calls > 0 {
            // Only the end takes the last one away.
            return calls;
        }
        let Some(endpoint) = endpoints.get(calls % endpoints.len().max(1)) else {
            pause().await;
            continue;
        };
        let mut answer = String::new();
        let mut stream = TcpStream::connect(endpoint.address()).await.expect("a call failed");
        stream.read_to_string(&mut answer).await.expect("a call failed");
        assert_eq!(answer, "served");
        calls += 1;
        // The rate of the load: the machine is to do other things, too.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

pub(crate) async fn a_rolling_restart_under_load_fails_no_call(bed: &Bed) {
    // Consumers ask each 200 ms, and a machine may be busy.
    let farewell = Farewell { notice: Duration::from_millis(2000), drain: Duration::from_secs(60) };
    let config = Config::default().switch(Switch::on()).farewell(farewell);
    let registry = Registry::with(&bed.url(), config).unwrap();
    let mut processes = Vec::new();
    for _ in 0..2 {
        processes.push(Process::start(&registry, bed.service()).await);
    }
    let consumer = bed.registry().consume(bed.service()).await.unwrap();
    consumer.until(|all| all.len() == 2).await;
    let calling = tokio::spawn(call(consumer.clone()));
    for old in std::mem::take(&mut processes) {
        processes.push(Process::start(&registry, bed.service()).await);
        consumer.until(|all| all.len() == 3).await;
        old.stop().await;
        consumer.until(|all| all.len() == 2).await;
    }
    assert!(!calling.is_finished());
    futures_util::future::join_all(processes.into_iter().map(Process::stop)).await;
    assert!(calling.await.unwrap() > 0);
}
