//! What becomes of connections whose other end answers nothing any more, and of what they carry.

use std::time::Duration;

use lubdub_core::model::InstanceKey;
use lubdub_proto::v1::Declare;
use lubdub_testkit_server::{Proxy, TestServer};

use crate::client::{Session, Watch, by_port, connect, soon};

/// One that asks often.
fn attentive() -> TestServer {
    TestServer::with(|config| {
        config.traffic.ping_interval = Duration::from_millis(200);
        config.traffic.ping_timeout = Duration::from_millis(200);
    })
}

async fn until(holds: impl Fn() -> bool) {
    soon(async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

fn causes(server: &TestServer) -> Vec<&'static str> {
    let key = InstanceKey::new("orders", "web-1");
    server.handle().history(&key).iter().map(|entry| entry.cause.name()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn watches_of_a_network_that_lost_everything_are_forgotten_and_those_of_others_stay() {
    let server = attentive();
    let proxy = Proxy::to(server.address());
    let mut there = Watch::of(server.address(), &[]).await;
    there.snapshot().await;
    let mut lost = Vec::new();
    for _ in 0..10 {
        lost.push(Watch::of(proxy.address(), &["orders"]).await);
    }
    let watches = || server.handle().figures().watches;
    until(|| watches() == 11).await;
    proxy.swallow();
    until(|| watches() == 1).await;
    assert_eq!(server.handle().figures().watchers, 1);
    let mut session = Session::open(server.address()).await;
    session.declare(by_port(8080)).await;
    session.register("orders", "web-1").await;
    assert_eq!(there.next(1).await[0].cause, "registered", "it answered what it was asked");
}

/// The connection is closed for the watch on it; what that says of the process is nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_session_whose_connection_was_given_up_is_judged_at_its_own_timeout() {
    let server = attentive();
    let proxy = Proxy::to(server.address());
    let mut client = connect(proxy.address()).await;
    let mut session = Session::on(&mut client).await.unwrap();
    session.declare(Declare { timeout_millis: 3_000, ..by_port(8080) }).await;
    session.register("orders", "web-1").await;
    let _watch = Watch::since(&mut client, &["orders"], 0).await.unwrap();
    proxy.swallow();
    until(|| server.handle().figures().sessions_connected == 0).await;
    assert_eq!(causes(&server), ["registered"], "nothing is concluded from it");
    until(|| server.handle().view("orders").is_none()).await;
    assert_eq!(causes(&server), ["registered", "expired"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_provider_whose_connection_was_given_up_goes_on_by_its_token() {
    let server = attentive();
    let proxy = Proxy::to(server.address());
    let mut client = connect(proxy.address()).await;
    let mut session = Session::on(&mut client).await.unwrap();
    let resume_token = session.declare(by_port(8080)).await.resume_token;
    session.register("orders", "web-1").await;
    let _watch = Watch::since(&mut client, &["orders"], 0).await.unwrap();
    proxy.swallow();
    until(|| server.handle().figures().sessions_connected == 0).await;
    let mut again = Session::open(server.address()).await;
    let granted = again.declare(Declare { resume_token, ..by_port(8080) }).await;
    assert_eq!((granted.resumed, granted.instances.len()), (true, 1));
    assert_eq!(causes(&server), ["registered"]);
}

/// A process that is paused for a while finds its session as it left it.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_connection_that_carries_nothing_but_sessions_is_left_to_their_timeouts() {
    let server = attentive();
    let proxy = Proxy::to(server.address());
    let mut session = Session::open(proxy.address()).await;
    session.declare(by_port(8080)).await;
    session.register("orders", "web-1").await;
    let _watch = Watch::of(proxy.address(), &["orders"]).await;
    until(|| server.handle().figures().watches == 1).await;
    proxy.swallow();
    until(|| server.handle().figures().watches == 0).await;
    proxy.heal();
    assert_eq!(session.beat(Vec::new()).await, (1, Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn nobody_is_asked_where_the_interval_is_zero() {
    let server = TestServer::with(|config| {
        config.traffic.ping_interval = Duration::ZERO;
        config.traffic.ping_timeout = Duration::from_millis(100);
        config.session_timeout = Duration::from_millis(700);
    });
    let proxy = Proxy::to(server.address());
    let _watch = Watch::of(proxy.address(), &["orders"]).await;
    proxy.swallow();
    // Its end takes longer than a ping would have.
    let mut silent = Session::open(server.address()).await;
    silent.end().await;
    assert_eq!(server.handle().figures().watches, 1);
}
