//! What is said on a session, and what is answered.

use lubdub_proto::v1::answer::Outcome;
use lubdub_proto::v1::session_request::What as Say;
use lubdub_proto::v1::session_response::What as Told;
use lubdub_proto::v1::{
    AddMetadata, Address, ClosingReason, Declare, Deregister, GetInstanceRequest, Goodbye, LeaseKind,
    LostReason, Profile, RefusalCode, Register, SetStatus, Status,
};
use lubdub_testkit_server::TestServer;
use tonic::Code;

use crate::client::{Session, Watch, by_port, connect, key, register};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_message_is_answered_on_its_stream_in_order() {
    let server = TestServer::in_memory();
    let mut session = Session::open(server.address()).await;
    // All at once, before anything is answered.
    let mut said = vec![session.say(Say::Declare(by_port(8080)))];
    for number in 0..10 {
        said.push(session.say(register("orders", &format!("web-{number}"))));
    }
    for _ in 0..5 {
        said.push(session.say(Say::Beat(lubdub_proto::v1::Beat::default())));
    }
    let (service, id) = ("orders".to_owned(), "web-0".to_owned());
    said.push(session.say(Say::SetStatus(SetStatus {
        service: service.clone(),
        id: id.clone(),
        status: Status::OutOfService.into(),
    })));
    let mut kinds = Vec::new();
    for id in said {
        let answer = session.answer().await;
        assert_eq!(answer.id, id);
        kinds.push(match answer.outcome.unwrap() {
            Outcome::Granted(_) => "granted",
            Outcome::Done(_) => "done",
            Outcome::Beaten(beaten) => {
                assert_eq!(beaten.renewed, 10, "what was said before is done");
                "beaten"
            }
            Outcome::Refusal(refusal) => panic!("{refusal:?}"),
        });
    }
    assert_eq!(kinds[..2], ["granted", "done"]);
    assert_eq!(kinds.iter().filter(|kind| **kind == "beaten").count(), 5);
    assert!(matches!(session.ask(Say::Deregister(Deregister { service, id })).await, Outcome::Done(_)));
    assert_eq!(session.beat(vec![]).await, (9, vec![]));
    assert_eq!(server.handle().catalog().counts().total(), 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_provider_is_called_where_its_connection_comes_from_unless_it_says_otherwise() {
    let server = TestServer::in_memory();
    let mut session = Session::open(server.address()).await;
    session.declare(by_port(8080)).await;
    assert_eq!(session.register("orders", "").await.id, "127.0.0.1:8080");
    let elsewhere = Address { host: "web.example".into(), port: 9090, secure_port: 9443 };
    let said = Register { service: "stock".into(), address: Some(elsewhere), ..Register::default() };
    session.ask(Say::Register(said)).await;
    let mut client = connect(server.address()).await;
    let mut told = async |service: &str, id: &str| {
        let asked = GetInstanceRequest { service: service.into(), id: id.into() };
        client.get_instance(asked).await.unwrap().into_inner().instance.unwrap().address.unwrap()
    };
    let address = told("ORDERS", "127.0.0.1:8080").await;
    assert_eq!((address.host.as_str(), address.port, address.secure_port), ("127.0.0.1", 8080, 0));
    let address = told("stock", "web.example:9090").await;
    assert_eq!((address.host.as_str(), address.port, address.secure_port), ("web.example", 9090, 9443));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn everything_that_a_provider_says_of_itself_is_told() {
    let server = TestServer::in_memory();
    let mut session = Session::open(server.address()).await;
    session.declare(by_port(8080)).await;
    let profile = Profile {
        version: "1.2".into(),
        group: "blue".into(),
        zone: "eu-1".into(),
        weight: Some(3),
        tags: vec!["a".into(), "b".into()],
        metadata: [("name".to_owned(), "value".to_owned())].into(),
    };
    let said = Register {
        service: "orders".into(),
        id: "web-1".into(),
        profile: Some(profile.clone()),
        status: Status::Starting.into(),
        ..Register::default()
    };
    session.ask(Say::Register(said)).await;
    let more = AddMetadata {
        service: "orders".into(),
        id: "web-1".into(),
        metadata: [("more".to_owned(), "1".to_owned())].into(),
    };
    session.ask(Say::AddMetadata(more)).await;
    let asked = GetInstanceRequest { service: "orders".into(), id: "web-1".into() };
    let mut client = connect(server.address()).await;
    let told = client.get_instance(asked).await.unwrap().into_inner().instance.unwrap();
    let mut expected = profile;
    expected.metadata.insert("more".into(), "1".into());
    assert_eq!(told.profile, Some(expected));
    assert_eq!((told.status(), told.reported()), (Status::Starting, Status::Starting));
    assert_eq!((told.lease(), told.timeout_millis), (LeaseKind::Session, 60_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_goodbye_is_answered_and_takes_everything_along() {
    let server = TestServer::in_memory();
    let mut watch = Watch::of(server.address(), &[]).await;
    watch.snapshot().await;
    let mut session = Session::open(server.address()).await;
    session.declare(by_port(8080)).await;
    session.register("orders", "web-1").await;
    session.register("stock", "web-1").await;
    watch.next(2).await;
    assert!(matches!(session.ask(Say::Goodbye(Goodbye {})).await, Outcome::Done(_)));
    let left = watch.next(2).await;
    assert!(left.iter().all(|change| change.cause == "deregistered" && change.instance.is_none()));
    assert_eq!(session.end().await, Code::Ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_newer_session_wins_and_what_the_older_says_later_changes_nothing() {
    let server = TestServer::in_memory();
    let mut older = Session::open(server.address()).await;
    older.declare(by_port(1)).await;
    older.register("orders", "web-1").await;
    older.register("orders", "web-2").await;
    let mut newer = Session::open(server.address()).await;
    newer.declare(by_port(2)).await;
    newer.register("orders", "web-1").await;
    let Some(Told::Lost(lost)) = older.told().await.unwrap() else { panic!("it is told") };
    assert_eq!((lost.instance.clone(), lost.reason()), (Some(key("orders", "web-1")), LostReason::TakenOver));
    let both = vec![key("orders", "web-1"), key("orders", "web-2")];
    assert_eq!(older.beat(both).await, (1, vec![key("orders", "web-1")]));
    let (service, id) = ("orders".to_owned(), "web-1".to_owned());
    let down = SetStatus { service: service.clone(), id: id.clone(), status: Status::Down.into() };
    for late in [Say::SetStatus(down), Say::Deregister(Deregister { service, id })] {
        match older.ask(late).await {
            Outcome::Refusal(refusal) => assert_eq!(refusal.code(), RefusalCode::UnknownInstance),
            other => panic!("{other:?}"),
        }
    }
    let told = server.handle().catalog().get("orders", "web-1", "").unwrap().instance.clone();
    assert_eq!((told.address.port, told.reported), (Some(2), lubdub_core::model::Status::Up));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_session_goes_on_by_its_token_and_the_connection_before_is_told() {
    let server = TestServer::in_memory();
    let mut first = Session::open(server.address()).await;
    let granted = first.declare(by_port(8080)).await;
    assert!(!granted.resumed && granted.instances.is_empty());
    first.register("orders", "web-1").await;
    let mut second = Session::open(server.address()).await;
    let with = |resume_token| Declare { resume_token, ..by_port(8080) };
    let again = second.declare(with(granted.resume_token.clone())).await;
    assert!(again.resumed && again.session == granted.session);
    assert_eq!(again.instances, [key("orders", "web-1")]);
    let Some(Told::Closing(closing)) = first.told().await.unwrap() else { panic!("it is told") };
    assert_eq!(closing.reason(), ClosingReason::ResumedElsewhere);
    assert_eq!(first.end().await, Code::Aborted);
    assert_eq!(second.beat(vec![]).await, (1, vec![]));
    // A token that is nearly right opens a new session.
    let mut wrong = granted.resume_token;
    *wrong.last_mut().unwrap() ^= 1;
    let other = Session::open(server.address()).await.declare(with(wrong)).await;
    assert!(!other.resumed && other.session != again.session);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_session_is_told_what_an_operator_removes() {
    let server = TestServer::in_memory();
    let mut session = Session::open(server.address()).await;
    session.declare(by_port(8080)).await;
    session.register("orders", "web-1").await;
    let command =
        lubdub_core::Command::Deregister { key: lubdub_core::model::InstanceKey::new("orders", "web-1") };
    let sender = lubdub_core::Sender { face: "rest", ..lubdub_core::Sender::default() };
    server.handle().submit(command, sender).await.unwrap();
    let Some(Told::Lost(lost)) = session.told().await.unwrap() else { panic!("it is told") };
    assert_eq!(lost.reason(), LostReason::Removed);
    assert_eq!(session.beat(vec![]).await, (0, vec![]));
}
