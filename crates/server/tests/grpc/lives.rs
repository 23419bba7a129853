//! How sessions over real connections end.

use std::time::Duration;

use lubdub_proto::v1::answer::Outcome;
use lubdub_proto::v1::session_request::What as Say;
use lubdub_proto::v1::session_response::What as Told;
use lubdub_proto::v1::{AddMetadata, Beat, ClosingReason, Declare, LeaseKind, LostReason, SetStatus, Status};
use lubdub_testkit_server::TestServer;
use tonic::Code;

use crate::client::{Process, Session, Watch, by_port, soon};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_killed_provider_takes_its_ten_services_along_and_watchers_are_told() {
    let server = TestServer::in_memory();
    let mut watch = Watch::of(server.address(), &[]).await;
    watch.snapshot().await;
    let process = Process::start();
    let mut session = process.session(server.address()).await;
    session.declare(by_port(8080)).await;
    for number in 0..10 {
        session.register(&format!("service-{number}"), "a").await;
    }
    watch.next(10).await;
    process.kill();
    let left = watch.next(10).await;
    assert!(left.iter().all(|change| change.cause == "connection-lost"), "{left:?}");
    assert_eq!(server.handle().catalog().counts().total(), 0);
    soon(async {
        while server.handle().figures().sessions > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(server.handle().figures().sessions_connected, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_session_that_declares_a_level_is_judged_by_what_is_learnt_of_its_messages() {
    let server = TestServer::in_memory();
    let mut watch = Watch::of(server.address(), &[]).await;
    watch.snapshot().await;
    let mut session = Session::open(server.address()).await;
    let granted = session.declare(Declare { phi: 8.0, timeout_millis: 30_000, ..by_port(8080) }).await;
    session.register("orders", "web-1").await;
    let told = watch.next(1).await.remove(0).instance.expect("it is there");
    assert_eq!((granted.phi, told.phi, told.lease()), (8.0, 8.0, LeaseKind::Session));
    assert_eq!((told.timeout_millis, server.handle().counters().expirations), (30_000, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_closing_with_a_grace_is_resumed_without_anybody_noticing() {
    let server = TestServer::in_memory();
    let mut watch = Watch::of(server.address(), &[]).await;
    watch.snapshot().await;
    let process = Process::start();
    let mut session = process.session(server.address()).await;
    let granted = session.declare(Declare { grace_millis: 30_000, ..by_port(8080) }).await;
    session.register("orders", "web-1").await;
    watch.next(1).await;
    process.kill();
    let mut again = Session::open(server.address()).await;
    let token = granted.resume_token;
    assert!(again.declare(Declare { resume_token: token, ..by_port(8080) }).await.resumed);
    again.register("stock", "web-1").await;
    assert_eq!(watch.next(1).await[0].key.as_ref().unwrap().service, "stock", "nothing else was told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_reloaded_proxy_loses_nobody_and_everybody_comes_back_by_token() {
    const SESSIONS: usize = 200;
    let server = TestServer::in_memory();
    let mut watch = Watch::of(server.address(), &[]).await;
    watch.snapshot().await;
    let proxy = Process::start();
    let address = proxy.proxy(server.address()).await;
    let mut tokens = Vec::new();
    let mut sessions = Vec::new();
    for number in 0..SESSIONS {
        let mut session = Session::open(address).await;
        tokens.push(session.declare(by_port(8080)).await.resume_token);
        session.register("orders", &format!("web-{number}")).await;
        sessions.push(session);
    }
    watch.next(SESSIONS).await;
    proxy.kill();
    let told = watch.next(SESSIONS).await;
    assert!(told.iter().all(|change| change.cause == "suspected"), "{told:?}");
    assert!(told.iter().all(|change| change.instance.as_ref().is_some_and(|instance| instance.held)));
    let proxy = Process::start();
    let address = proxy.proxy(server.address()).await;
    let mut back = Vec::new();
    for resume_token in tokens {
        let mut session = Session::open(address).await;
        assert!(session.declare(Declare { resume_token, ..by_port(8080) }).await.resumed);
        back.push(session);
    }
    let told = watch.next(SESSIONS).await;
    assert!(told.iter().all(|change| change.cause == "returned"), "{told:?}");
    assert_eq!(server.handle().catalog().counts().total(), SESSIONS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_silent_session_ends_at_its_timeout_with_all_that_it_keeps() {
    let server = TestServer::in_memory();
    let mut session = Session::open(server.address()).await;
    session.declare(Declare { timeout_millis: 300, ..by_port(8080) }).await;
    session.register("orders", "web-1").await;
    let Some(Told::Lost(lost)) = session.told().await.unwrap() else { panic!("it is told") };
    assert_eq!(lost.reason(), LostReason::Expired);
    let Some(Told::Closing(closing)) = session.told().await.unwrap() else { panic!("it is told") };
    assert_eq!(closing.reason(), ClosingReason::Silent);
    assert_eq!(session.end().await, Code::DeadlineExceeded);
    let key = lubdub_core::model::InstanceKey::new("orders", "web-1");
    let causes: Vec<_> = server.handle().history(&key).iter().map(|entry| entry.cause.name()).collect();
    assert_eq!(causes, ["registered", "expired"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_stream_on_which_nothing_is_ever_said_is_ended_too() {
    let server = TestServer::with(|config| config.session_timeout = Duration::from_millis(200));
    let mut session = Session::open(server.address()).await;
    assert_eq!(session.end().await, Code::DeadlineExceeded);
    let mut declared = Session::open(server.address()).await;
    assert_eq!(declared.declare(Declare::default()).await.timeout_millis, 200);
    assert_eq!(declared.end().await, Code::DeadlineExceeded);
}

/// It was waited for until the most that could ever be allowed to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_adaptive_session_that_keeps_nothing_ends_at_its_timeout() {
    let server = TestServer::with(|config| config.core.adaptive.ceiling = 1_000);
    let mut session = Session::open(server.address()).await;
    session.declare(Declare { phi: 8.0, timeout_millis: 300, ..by_port(8080) }).await;
    assert_eq!(session.end().await, Code::DeadlineExceeded);
}

/// Says each kind of message in turn, a few in each second, until somebody who is silent for the
/// same timeout has left.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_message_of_any_kind_keeps_a_session() {
    let server = TestServer::in_memory();
    let (handle, timeout_millis) = (server.handle(), 1_500);
    let mut pace = tokio::time::interval(Duration::from_millis(200));
    for kind in 0..4 {
        let mut talker = Session::open(server.address()).await;
        talker.declare(Declare { timeout_millis, ..by_port(1) }).await;
        talker.register("talkers", "a").await;
        let mut silent = Session::open(server.address()).await;
        silent.declare(Declare { timeout_millis, ..by_port(2) }).await;
        silent.register("silent", "a").await;
        let (service, id) = ("talkers".to_owned(), "a".to_owned());
        let mut turn = 0;
        while handle.view("silent").is_some() {
            pace.tick().await;
            turn += 1;
            let (service, id) = (service.clone(), id.clone());
            let said = match kind {
                0 => Say::Beat(Beat::default()),
                1 => {
                    let status = if turn % 2 == 0 { Status::Up } else { Status::Starting };
                    Say::SetStatus(SetStatus { service, id, status: status.into() })
                }
                2 => {
                    let metadata = [("turn".to_owned(), turn.to_string())].into();
                    Say::AddMetadata(AddMetadata { service, id, metadata })
                }
                // One that is refused is a sign of life as well.
                _ => Say::SetStatus(SetStatus { service, id: "other".into(), status: Status::Up.into() }),
            };
            let outcome = talker.ask(said).await;
            assert_eq!(matches!(outcome, Outcome::Refusal(_)), kind == 3);
        }
        assert!(turn >= 6, "the silent one was waited for");
        assert!(handle.view("talkers").is_some(), "kind {kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_server_that_stops_says_so_and_loses_nobody() {
    let server = TestServer::durable();
    let mut session = Session::open(server.address()).await;
    session.declare(Declare { timeout_millis: 3_000, ..by_port(8080) }).await;
    session.register("orders", "web-1").await;
    let mut watch = Watch::of(server.address(), &["orders"]).await;
    watch.snapshot().await;
    let restarting = tokio::task::spawn_blocking(move || server.restart());
    let Some(Told::Closing(closing)) = session.told().await.unwrap() else { panic!("it is told") };
    assert_eq!(closing.reason(), ClosingReason::Shutdown);
    assert_eq!(session.end().await, Code::Unavailable);
    assert_eq!(watch.news().await.unwrap_err().code(), Code::Unavailable);
    let server = restarting.await.unwrap();
    // Its session is not known any more, but has one timeout to come back.
    let mut watch = Watch::of(server.address(), &["orders"]).await;
    assert_eq!(watch.snapshot().await.1.len(), 1);
    assert_eq!(watch.next(1).await[0].cause, "expired");
    tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
}
