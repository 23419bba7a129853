//! What is refused, and that the registry lives on.

use std::io::{Read, Write};
use std::net::TcpStream;

use lubdub_proto::v1::answer::Outcome;
use lubdub_proto::v1::session_request::What as Say;
use lubdub_proto::v1::{
    Address, Declare, ListServicesRequest, Profile, RefusalCode, Register, SetStatus, Status, WatchRequest,
};
use lubdub_testkit_server::{Exchange, TestServer};
use tonic::metadata::MetadataValue;
use tonic::{Code, Request};

use crate::client::{Session, Watch, by_port, connect, register, soon};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn bad_input_is_told_with_its_field_and_the_session_goes_on() {
    let server = TestServer::with(|config| config.core.limits.session_instances = 1);
    let mut session = Session::open(server.address()).await;
    let port = |port| Some(Address { port, ..Address::default() });
    for (declare, field) in [
        (Declare { address: port(65_536), ..Declare::default() }, "address.port"),
        (Declare { timeout_millis: 1, ..Declare::default() }, "timeout"),
        (Declare { timeout_millis: u64::MAX, ..Declare::default() }, "timeout"),
        (Declare { timeout_millis: 1_000, grace_millis: 1_001, ..Declare::default() }, "grace"),
        (Declare { phi: 17.0, ..Declare::default() }, "phi"),
        (Declare { phi: f64::NAN, ..Declare::default() }, "phi"),
        (Declare { phi: -8.0, ..Declare::default() }, "phi"),
    ] {
        let Outcome::Refusal(refusal) = session.ask(Say::Declare(declare)).await else { panic!("{field}") };
        assert_eq!((refusal.code(), refusal.field.as_str()), (RefusalCode::Invalid, field));
        assert!(!refusal.value.is_empty() && !refusal.expected.is_empty(), "{refusal:?}");
    }
    session.declare(by_port(8080)).await;
    let asked =
        |service: &str, id: &str| Register { service: service.into(), id: id.into(), ..Register::default() };
    let tagged = Profile { tags: vec![String::new(); 257], ..Profile::default() };
    let cases = [
        (asked("", "a"), "service"),
        (asked(" ", "a"), "service"),
        (asked("a\nb", "a"), "service"),
        (asked(&"a".repeat(513), "a"), "service"),
        (asked("orders", "a\0"), "id"),
        (Register { status: 77, ..asked("orders", "a") }, "status"),
        (Register { address: port(70_000), ..asked("orders", "a") }, "address.port"),
        (Register { profile: Some(tagged), ..asked("orders", "a") }, "tags"),
    ];
    for (said, field) in cases {
        let Outcome::Refusal(refusal) = session.ask(Say::Register(said)).await else { panic!("{field}") };
        assert_eq!((refusal.code(), refusal.field.as_str()), (RefusalCode::Invalid, field));
    }
    let nothing = SetStatus { service: "orders".into(), id: "a".into(), status: Status::Unspecified.into() };
    let Outcome::Refusal(refusal) = session.ask(Say::SetStatus(nothing)).await else { panic!("status") };
    assert_eq!(refusal.field, "status");
    session.register("orders", "a").await;
    let Outcome::Refusal(refusal) = session.ask(register("orders", "b")).await else { panic!("the limit") };
    assert_eq!(refusal.code(), RefusalCode::LimitReached);
    assert_eq!(server.handle().catalog().counts().total(), 1, "nothing is half done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_comes_in_the_wrong_order_ends_the_stream_and_loses_nobody() {
    let server = TestServer::in_memory();
    let mut early = Session::open(server.address()).await;
    assert_eq!(early.beat(vec![]).await, (0, vec![]), "a beat may come first");
    early.say(register("orders", "a"));
    assert_eq!(early.end().await, Code::FailedPrecondition);
    let mut twice = Session::open(server.address()).await;
    twice.declare(by_port(1)).await;
    twice.register("orders", "a").await;
    twice.say(Say::Declare(by_port(2)));
    assert_eq!(twice.end().await, Code::FailedPrecondition);
    soon(async {
        while server.handle().figures().sessions_connected > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(server.handle().figures().sessions, 1, "it may be resumed");
    assert!(server.handle().view("orders").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_message_beyond_the_limit_ends_its_stream_alone() {
    let server = TestServer::with(|config| config.traffic.max_body_bytes = 10_000);
    let mut client = connect(server.address()).await;
    let mut other = Session::on(&mut client).await.unwrap();
    other.declare(by_port(1)).await;
    let mut session = Session::on(&mut client).await.unwrap();
    session.declare(by_port(2)).await;
    session.say(register("orders", &"a".repeat(20_000)));
    assert_eq!(session.end().await, Code::ResourceExhausted);
    assert_eq!(other.beat(vec![]).await, (0, vec![]));
    let services = vec!["a".repeat(20_000)];
    let asked = WatchRequest { services, since_revision: 0 };
    assert_eq!(client.watch(asked).await.unwrap_err().code(), Code::OutOfRange);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_flood_is_answered_as_it_is_read() {
    let server = TestServer::in_memory();
    let mut session = Session::open(server.address()).await;
    session.declare(by_port(1)).await;
    let first = session.say(Say::Beat(lubdub_proto::v1::Beat::default()));
    let last = (0..50_000).map(|_| session.say(Say::Beat(lubdub_proto::v1::Beat::default()))).last().unwrap();
    for id in first..=last {
        assert_eq!(session.answer().await.id, id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn there_are_as_many_streams_as_are_allowed() {
    let server = TestServer::with(|config| {
        (config.core.limits.sessions, config.traffic.max_subscribers) = (2, 1);
    });
    let mut client = connect(server.address()).await;
    let mut first = Session::on(&mut client).await.unwrap();
    let second = Session::on(&mut client).await.unwrap();
    assert_eq!(Session::on(&mut client).await.err().unwrap().code(), Code::ResourceExhausted);
    let watch = Watch::since(&mut client, &[], 0).await.unwrap();
    assert_eq!(Watch::since(&mut client, &[], 0).await.err().unwrap().code(), Code::ResourceExhausted);
    // Places are given back.
    drop((second, watch));
    first.declare(by_port(1)).await;
    soon(async {
        while Session::on(&mut client).await.is_err() || Watch::since(&mut client, &[], 0).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let many = (0..1_001).map(|number| number.to_string()).collect();
    let asked = WatchRequest { services: many, since_revision: 0 };
    soon(async {
        loop {
            // The place of the watch above may not be free yet.
            match client.watch(asked.clone()).await.unwrap_err().code() {
                Code::ResourceExhausted => tokio::task::yield_now().await,
                other => break assert_eq!(other, Code::InvalidArgument),
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_may_not_ask_is_told_so_in_the_words_of_grpc() {
    let mut token = tempfile::NamedTempFile::new().unwrap();
    writeln!(token, "open-sesame-1234").unwrap();
    let path = token.path().to_owned();
    let server = TestServer::with(|config| config.token_file = Some(path));
    let mut client = connect(server.address()).await;
    let refused = client.list_services(ListServicesRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let mut request = Request::new(ListServicesRequest::default());
    let bearer = MetadataValue::from_static("Bearer open-sesame-1234");
    request.metadata_mut().insert("authorization", bearer);
    client.list_services(request).await.unwrap();
    // A page of another origin, or under another name.
    let server = TestServer::in_memory();
    let mut request = Request::new(ListServicesRequest::default());
    request.metadata_mut().insert("origin", MetadataValue::from_static("http://evil.example"));
    let refused = connect(server.address()).await.list_services(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let endpoint = tonic::transport::Endpoint::from_shared(server.url()).unwrap();
    let evil = endpoint.origin("http://evil.example".parse().unwrap()).connect_lazy();
    let mut evil = lubdub_proto::v1::registry_client::RegistryClient::new(evil);
    let refused = evil.list_services(ListServicesRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn bytes_that_are_no_http_harm_nobody() {
    let server = TestServer::in_memory();
    let address = server.address();
    let torn = tokio::task::spawn_blocking(move || {
        let mut longest = 0;
        for bytes in [
            &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
            b"PRI nothing of the kind\r\n\r\n",
            b"PR",
            b"P",
            b"\0\0\0\0",
        ] {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(bytes).unwrap();
            // Closed or reset, perhaps already: all are an end.
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            longest = longest.max(answer.len());
        }
        (longest, Exchange::with(address).get("/healthz").status)
    });
    let (longest, status) = soon(torn).await.unwrap();
    assert!(longest < 4_096 && status == 200, "{longest} {status}");
    connect(server.address()).await.list_services(ListServicesRequest::default()).await.unwrap();
}

/// A network may cut what a client sends wherever it likes.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_beginning_in_pieces_is_taken_for_the_version_that_it_is_of() {
    let server = TestServer::in_memory();
    let address = server.address();
    let told = tokio::task::spawn_blocking(move || {
        let sent_in_pieces = |bytes: &[u8], rest: &[u8]| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_nodelay(true).unwrap();
            for piece in bytes.chunks(1) {
                stream.write_all(piece).unwrap();
                // Whoever came first has been looked at when a later one is answered.
                assert_eq!(Exchange::with(address).get("/healthz").status, 200);
            }
            stream.write_all(rest).unwrap();
            let mut answer = [0; 9];
            stream.read_exact(&mut answer).unwrap();
            answer
        };
        let settings = b"\0\0\0\x04\0\0\0\0\0";
        let newer = sent_in_pieces(b"PRI * ", &[b"HTTP/2.0\r\n\r\nSM\r\n\r\n", &settings[..]].concat());
        (newer[3], sent_in_pieces(b"PROP", b"FIND / HTTP/1.1\r\nhost: localhost\r\n\r\n"))
    });
    let (frame, older) = soon(told).await.unwrap();
    assert_eq!((frame, &older), (4, b"HTTP/1.1 "), "settings of HTTP/2, an answer of HTTP/1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_server_describes_itself_and_its_health() {
    use tonic_health::pb::health_client::HealthClient;
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

    let server = TestServer::in_memory();
    let endpoint = tonic::transport::Endpoint::from_shared(server.url()).unwrap();
    let channel = endpoint.connect().await.unwrap();
    for service in ["", "lubdub.v1.Registry"] {
        let asked = tonic_health::pb::HealthCheckRequest { service: service.into() };
        let told = HealthClient::new(channel.clone()).check(asked).await.unwrap().into_inner();
        assert_eq!(told.status(), tonic_health::pb::health_check_response::ServingStatus::Serving);
    }
    let asked = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let asking = futures_util::stream::iter([asked]);
    let mut told = ServerReflectionClient::new(channel.clone())
        .server_reflection_info(asking)
        .await
        .unwrap()
        .into_inner();
    let answer = told.message().await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::ListServicesResponse(listed) = answer else { panic!("{answer:?}") };
    let names: Vec<_> = listed.service.iter().map(|service| service.name.as_str()).collect();
    assert!(names.contains(&"lubdub.v1.Registry") && names.contains(&"grpc.health.v1.Health"), "{names:?}");
}
