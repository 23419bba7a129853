//! What watches are told.

use std::collections::BTreeSet;

use lubdub_core::{Command, Sender};
use lubdub_proto::v1::{ListInstancesRequest, ListServicesRequest};
use lubdub_testkit::provider;
use lubdub_testkit_server::TestServer;
use tonic::Code;

use crate::client::{Watch, connect, connect_narrowly, key, soon};

async fn submit(server: &TestServer, command: Command) {
    server.handle().submit(command, Sender::default()).await.expect("it is allowed");
}

fn deregister(service: &str, id: &str) -> Command {
    Command::Deregister { key: lubdub_core::model::InstanceKey::new(service, id) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn one_stream_tells_of_many_services_also_of_those_that_come_later() {
    let server = TestServer::in_memory();
    submit(&server, provider("orders", "a").command()).await;
    submit(&server, provider("other", "a").command()).await;
    let mut watch = Watch::of(server.address(), &["Orders", "stock"]).await;
    assert_eq!(watch.snapshot().await.1, [key("orders", "a")]);
    submit(&server, provider("other", "b").command()).await;
    submit(&server, provider("STOCK", "a").command()).await;
    submit(&server, deregister("orders", "a")).await;
    let told: Vec<_> =
        watch.next(2).await.into_iter().map(|change| (change.key.unwrap().service, change.cause)).collect();
    let expected = [("STOCK", "registered"), ("orders", "deregistered")];
    assert_eq!(told, expected.map(|(service, cause)| (service.to_owned(), cause.to_owned())));
}

/// Joins and leaves without a pause, while a watch reads, breaks and resumes: what it knows in the
/// end is what is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn nothing_is_missed_between_snapshot_changes_and_resumptions() {
    let server = TestServer::in_memory();
    let mut client = connect(server.address()).await;
    let mut watch = Watch::since(&mut client, &["orders"], 0).await.unwrap();
    let mut known: BTreeSet<String> = BTreeSet::new();
    let (_, keys) = watch.snapshot().await;
    known.extend(keys.into_iter().map(|key| key.id));
    let handle = server.handle();
    let churning = tokio::spawn(async move {
        for turn in 0..1_000 {
            let id = format!("web-{}", turn % 37);
            let command = if turn % 3 == 2 && handle.catalog().get("orders", &id, "").is_some() {
                deregister("orders", &id)
            } else {
                provider("orders", &id).command()
            };
            handle.submit(command, Sender::default()).await.unwrap();
        }
        handle.submit(provider("orders", "last").command(), Sender::default()).await.unwrap();
    });
    let mut pieces = 0;
    while !known.contains("last") {
        let changes = watch.changes().await;
        let revision = changes.revision;
        for change in changes.changes {
            let id = change.key.unwrap().id;
            if change.instance.is_some() {
                known.insert(id)
            } else {
                known.remove(&id)
            };
        }
        pieces += 1;
        if pieces % 50 == 0 {
            watch = Watch::since(&mut client, &["orders"], revision).await.unwrap();
        }
    }
    churning.await.unwrap();
    let there: BTreeSet<_> =
        server.handle().view("orders").unwrap().iter().map(|row| row.instance.key.id().to_owned()).collect();
    assert_eq!(known, there);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_slow_reader_misses_what_was_in_between_and_nothing_else() {
    let server = TestServer::in_memory();
    let mut client = connect_narrowly(server.address()).await;
    let mut watch = Watch::since(&mut client, &["orders"], 0).await.unwrap();
    watch.snapshot().await;
    // Far more than fits between the two: 128 KiB, and what the sockets take.
    let (turns, weight) = (4_000, "x".repeat(1_000));
    for turn in 0..turns {
        let turn = turn.to_string();
        let metadata = [("turn", turn.as_str()), ("weight", &weight)];
        submit(&server, provider("orders", "a").metadata(&metadata).command()).await;
    }
    let (mut told, last) = (0, (turns - 1).to_string());
    loop {
        let changes = watch.changes().await.changes;
        let ids: BTreeSet<_> = changes.iter().map(|change| change.key.clone().unwrap().id).collect();
        assert_eq!(ids.len(), changes.len(), "each instance once");
        told += changes.len();
        let newest = changes.last().and_then(|change| change.instance.clone()).unwrap();
        if newest.profile.unwrap().metadata["turn"] == last {
            break;
        }
    }
    assert!(told < turns / 2, "{told} of {turns} were told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn one_that_fell_behind_the_feed_is_told_what_is_there() {
    let server = TestServer::with(|config| config.core.feed_capacity = 4);
    submit(&server, provider("orders", "a").command()).await;
    let revision = server.handle().catalog().revision().0;
    for id in ["b", "c", "d", "e", "f"] {
        submit(&server, provider("orders", id).command()).await;
    }
    submit(&server, deregister("orders", "a")).await;
    let mut client = connect(server.address()).await;
    for since in [revision, 1, u64::MAX] {
        let mut watch = Watch::since(&mut client, &[], since).await.unwrap();
        assert_eq!(watch.snapshot().await.1.len(), 5);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn watches_that_are_abandoned_are_forgotten() {
    let server = TestServer::in_memory();
    let figures = || server.handle().figures();
    let mut watches = Vec::new();
    for _ in 0..10 {
        let mut client = connect(server.address()).await;
        for _ in 0..100 {
            let mut watch = Watch::since(&mut client, &["orders"], 0).await.unwrap();
            watch.snapshot().await;
            watches.push(watch);
        }
    }
    assert_eq!(figures().watches, 1_000);
    drop(watches);
    soon(async {
        while figures().watches + figures().watchers > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn lists_come_in_pages_and_an_unknown_name_is_told_as_such() {
    let server = TestServer::in_memory();
    for service in ["orders", "stock"] {
        for id in ["a", "b", "c"] {
            submit(&server, provider(service, id).command()).await;
        }
    }
    let mut client = connect(server.address()).await;
    let asked = ListServicesRequest { after: String::new(), limit: 1 };
    let first = client.list_services(asked).await.unwrap().into_inner();
    assert_eq!((first.services[0].name.as_str(), first.services[0].up, first.more), ("orders", 3, true));
    let asked = ListServicesRequest { after: "ORDERS".into(), limit: 0 };
    let second = client.list_services(asked).await.unwrap().into_inner();
    assert_eq!((second.services.len(), second.more), (1, false));
    let asked = |service: &str, after: &str| ListInstancesRequest {
        service: service.into(),
        after: after.into(),
        limit: 2,
    };
    let first = client.list_instances(asked("Stock", "")).await.unwrap().into_inner();
    assert_eq!((first.instances.len(), first.more), (2, true));
    let second = client.list_instances(asked("stock", "b")).await.unwrap().into_inner();
    assert_eq!((second.instances[0].key.clone(), second.more), (Some(key("stock", "c")), false));
    let unknown = client.list_instances(asked("nobody", "")).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
}
