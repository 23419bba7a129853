//! Leaving so that nobody fails.

use std::time::Duration;

use lubdub_client::{Config, Consumer, Farewell, Registry, Serving, Switch};
use lubdub_testkit_server::TestServer;

use crate::services::{Echo, Gate, Greeter, Named, Orders, call, connect, consume, registry, soon};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_shuts_down_is_unavailable_first_finishes_its_calls_and_is_out_then() {
    let server = TestServer::in_memory();
    let (registry, elsewhere) = (registry(&server), registry(&server));
    let gate = Gate::new(0);
    let setup = registry.serve("127.0.0.1:0").mount(Echo::<Greeter>::new());
    let serving = setup.mount(Echo::<Orders>::behind(&gate)).start().await.unwrap();
    let address = serving.address().to_string();
    let orders = consume::<Orders>(&server).await.unwrap();
    soon(orders.until(|all| all.len() == 1)).await;
    let channel = connect(&address).await.unwrap();
    let slow = tokio::spawn({
        let channel = channel.clone();
        async move { call::<Orders>(&channel).await }
    });
    soon(gate.came.acquire()).await.unwrap().forget();
    let leaving = tokio::spawn(serving.shut_down());
    soon(orders.until(<[_]>::is_empty)).await;
    // Only calls that are being served are waited for, and only by their own service.
    soon(async { while !elsewhere.lookup(Greeter::NAME).await.unwrap().is_empty() {} }).await;
    assert_eq!(elsewhere.lookup(Orders::NAME).await.unwrap().len(), 1, "it is registered while it serves");
    assert!(!leaving.is_finished() && !slow.is_finished());
    gate.may_go.add_permits(1);
    assert_eq!(slow.await.unwrap().unwrap(), "hello from shop.v1.Orders");
    let parting = soon(leaving).await.unwrap();
    assert!(parting.announced);
    assert_eq!(parting.unfinished_calls, 0);
    assert!(elsewhere.lookup(Orders::NAME).await.unwrap().is_empty());
    assert!(connect(&address).await.is_err(), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_server_that_is_dropped_is_out_and_listens_no_more() {
    let server = TestServer::in_memory();
    let (registry, elsewhere) = (registry(&server), registry(&server));
    let serving = registry.serve("127.0.0.1:0").mount(Echo::<Orders>::new()).start().await.unwrap();
    let address = serving.address().to_string();
    drop(serving);
    soon(async { while !elsewhere.lookup(Orders::NAME).await.unwrap().is_empty() {} }).await;
    soon(async { while connect(&address).await.is_ok() {} }).await;
}

/// Calls one endpoint after the other, each over a connection of its own; says how often.
async fn call_in_turn(consumer: Consumer) -> usize {
    let mut calls = 0;
    loop {
        let endpoints = consumer.endpoints();
        // Only the end takes the last one away.
        let Some(endpoint) = endpoints.get(calls % endpoints.len().max(1)) else { return calls };
        let channel = connect(&endpoint.address()).await.expect("a connection failed");
        call::<Orders>(&channel).await.expect("a call failed");
        calls += 1;
        // The rate of the load: the machine is to do other things, too.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_rolling_restart_under_load_fails_no_call() {
    async fn start(registry: &Registry) -> Serving {
        registry.serve("127.0.0.1:0").mount(Echo::<Orders>::new()).start().await.unwrap()
    }
    let server = TestServer::in_memory();
    // Consumers are pushed what changes, and a machine may be busy.
    let farewell = Farewell { notice: Duration::from_secs(1), drain: Duration::from_secs(60) };
    let config = Config::default().switch(Switch::on()).farewell(farewell);
    let registry = Registry::with(&format!("lubdub://{}", server.address()), config).unwrap();
    let mut running = vec![start(&registry).await, start(&registry).await];
    let consumer = consume::<Orders>(&server).await.unwrap();
    soon(consumer.until(|all| all.len() == 2)).await;
    let calling = tokio::spawn(call_in_turn(consumer.clone()));
    for old in std::mem::take(&mut running) {
        running.push(start(&registry).await);
        soon(consumer.until(|all| all.len() == 3)).await;
        assert_eq!(soon(old.shut_down()).await.unfinished_calls, 0);
        soon(consumer.until(|all| all.len() == 2)).await;
    }
    assert!(!calling.is_finished());
    for last in running {
        soon(last.shut_down()).await;
    }
    assert!(soon(calling).await.unwrap() > 0);
}
