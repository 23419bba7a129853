//! That a registry behind real listeners hears its providers, and itself: without its own
//! beats nobody would ever leave.

use std::io::Write;
use std::time::Duration;

use lubdub_core::feed::{Changes, Filter};
use lubdub_core::{Cause, Change, Revision, Sender};
use lubdub_runtime::Handle;
use lubdub_testkit::provider;
use lubdub_testkit_server::{Exchange, TestServer};

/// Waits until somebody leaves; why.
pub(crate) async fn departure(handle: &Handle, mut since: Revision) -> Cause {
    let waiting = async {
        loop {
            let Changes::Since { changes, upto } = handle.changes(since, &Filter::ALL) else {
                panic!("the feed is too short");
            };
            if let Some(left) =
                changes.into_iter().find(|entry| matches!(entry.change, Change::Removed { .. }))
            {
                return left.change.cause().clone();
            }
            since = upto;
            handle.changed(since, &Filter::ALL).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap_or_else(|_| panic!("nobody left"))
}

#[tokio::test]
async fn the_silent_leave_whatever_the_listener_asks_for() {
    let mut token = tempfile::NamedTempFile::new().unwrap();
    writeln!(token, "open-sesame-1234").unwrap();
    let token = token.path().to_owned();
    let servers = [
        TestServer::in_memory(),
        TestServer::with(|config| config.token_file = Some(token)),
        TestServer::with(|config| {
            config.listen = vec!["0.0.0.0:0".parse().unwrap(), "127.0.0.2:0".parse().unwrap()];
            config.open = true;
        }),
        TestServer::durable(),
    ];
    for server in &servers {
        let handle = server.handle();
        let command = provider("orders", "a").ttl_secs(1).command();
        let registered = handle.submit(command, Sender::default()).await.unwrap();
        let Cause::Expired(silence) = departure(&handle, registered).await else {
            panic!("it did not expire")
        };
        assert!(silence.silent >= 1_000, "{silence:?}");
    }
}

#[tokio::test]
async fn a_beat_over_http_keeps_a_lease() {
    let server = TestServer::in_memory();
    let handle = server.handle();
    handle.submit(provider("orders", "a b").command(), Sender::default()).await.unwrap();
    let before = handle.counters().renewals;
    let address = server.address();
    let beating = tokio::task::spawn_blocking(move || {
        let mut exchange = Exchange::with(address);
        for path in
            ["/eureka/apps/ORDERS/a%20b", "/eureka/v2/apps/orders/a%20b?status=UP", "/v2/apps/Orders/a%20b"]
        {
            let answer = exchange.request("PUT", path, &[], "");
            assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{path}");
        }
        exchange.get("/api/v1/services/orders/instances/a%20b").body
    });
    let told = beating.await.unwrap();
    assert_eq!(handle.counters().renewals, before + 3);
    assert!(told.contains("\"state\":\"live\""), "{told}");
}
