//! Links that speak Motan's second protocol: byte by byte, and with each other.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use lubdub_link::framed::{Ended, Link, LinkError};
use lubdub_link::heartbeat::{HeartbeatConfig, Pings};
use lubdub_link::motan::{Message, MotanBeats, MotanCodec, MotanError, MotanListener, connect};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_util::codec::Framed;

/// A heartbeat request and its answer, as Motan's Java implementation writes them.
const REQUEST: [u8; 21] =
    [0xF1, 0xF1, 0x10, 0x08, 0x08, 0x17, 0x9A, 0x4C, 0x52, 0x6E, 0x10, 0x00, 0x2A, 0, 0, 0, 0, 0, 0, 0, 0];
const ANSWER: [u8; 21] =
    [0xF1, 0xF1, 0x11, 0x08, 0x08, 0x17, 0x9A, 0x4C, 0x52, 0x6E, 0x10, 0x00, 0x2A, 0, 0, 0, 0, 0, 0, 0, 0];

type Near = Link<Framed<DuplexStream, MotanCodec>, MotanBeats>;

fn linked(config: HeartbeatConfig) -> (Near, DuplexStream) {
    let (near, far) = tokio::io::duplex(10_000);
    (Link::new(Framed::new(near, MotanCodec::default()), MotanBeats, config).unwrap(), far)
}

fn call(id: u64) -> Message {
    let metadata = Bytes::from_static(b"M_p\ncom.example.Orders\nM_m\nplace");
    Message { kind: 0, metadata, body: Bytes::from_static(b"\x00\x01"), ..Message::heartbeat(id) }
}

#[tokio::test]
async fn a_recorded_heartbeat_over_tcp_is_answered_byte_by_byte() {
    let listener = MotanListener::bind("127.0.0.1:0", HeartbeatConfig::quiet()).await.unwrap();
    let mut client = TcpStream::connect(listener.address().unwrap()).await.unwrap();
    let (mut link, from) = listener.accept().await.unwrap();
    assert_eq!(from, client.local_addr().unwrap());
    let server = tokio::spawn(async move { (link.next().await.is_none(), link.ended()) });
    for _ in 0..3 {
        client.write_all(&REQUEST).await.unwrap();
        let mut answer = [0; 21];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, ANSWER);
    }
    drop(client);
    assert_eq!(server.await.unwrap(), (true, Some(Ended::ByPeer)));
}

#[tokio::test]
async fn a_client_and_a_listener_call_each_other_between_their_heartbeats() {
    let each = |interval| HeartbeatConfig {
        pings: Pings::EachInterval,
        ..HeartbeatConfig::of_interval(Duration::from_millis(interval))
    };
    let patient = |config| HeartbeatConfig { timeout: Duration::ZERO, ..config };
    let listener = MotanListener::bind("127.0.0.1:0", patient(each(3))).await.unwrap();
    let address = listener.address().unwrap();
    let client = connect(address, Duration::from_secs(10), patient(each(2)));
    let (client, accepted) = tokio::join!(client, listener.accept());
    let (mut client, (mut server, _)) = (client.unwrap(), accepted.unwrap());
    let echo = tokio::spawn(async move {
        while let Some(Ok(request)) = server.next().await {
            server.send(Message { kind: 0x01, ..request }).await.unwrap();
        }
        server.pulse().round_trip().samples()
    });
    let mut id = 0;
    while client.pulse().round_trip().samples() < 5 {
        client.send(call(id)).await.unwrap();
        let answer = client.next().await.unwrap().unwrap();
        assert_eq!((answer.id, answer.is_response(), answer.value("M_m")), (id, true, Some("place")));
        id += 1;
    }
    drop(client);
    assert!(echo.await.unwrap() > 0, "the server pinged, too");
}

#[tokio::test(start_paused = true)]
async fn both_ends_live_on_their_heartbeats_alone() {
    let (near, far) = tokio::io::duplex(10_000);
    let framed = |bytes| Framed::new(bytes, MotanCodec::default());
    let mut consumer = Link::new(framed(near), MotanBeats, HeartbeatConfig::consumer()).unwrap();
    let mut provider = Link::new(framed(far), MotanBeats, HeartbeatConfig::provider()).unwrap();
    tokio::select! {
        _ = consumer.next() => panic!("{:?}", consumer.ended()),
        _ = provider.next() => panic!("{:?}", provider.ended()),
        () = sleep(Duration::from_secs(3_600)) => {}
    }
    // The ping of one end may keep the other from its own.
    let pings = consumer.pulse().round_trip().samples() + provider.pulse().round_trip().samples();
    assert!(pings >= 119, "{pings}");
}

#[tokio::test(start_paused = true)]
async fn a_motan_process_that_stops_answering_is_given_up() {
    let (mut link, mut far) = linked(HeartbeatConfig::consumer());
    let told = tokio::spawn(async move { link.next().await.unwrap().unwrap_err() });
    let mut ping = [0; 21];
    far.read_exact(&mut ping).await.unwrap();
    assert_eq!(ping[..5], REQUEST[..5]);
    assert!(matches!(told.await.unwrap(), LinkError::Ended(Ended::Unanswered { pings: 1, .. })));
    assert_eq!(far.read(&mut ping).await.unwrap(), 0, "the connection is closed");
}

#[tokio::test]
async fn a_ping_that_a_busy_server_refuses_is_answered_and_no_call_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config =
        HeartbeatConfig { timeout: Duration::ZERO, ..HeartbeatConfig::of_interval(Duration::from_millis(5)) };
    let link = connect(listener.local_addr().unwrap(), Duration::from_secs(10), config).await.unwrap();
    let mut server = listener.accept().await.unwrap().0;
    let pulse = link.pulse();
    let told = tokio::spawn(async move {
        let mut link = link;
        link.next().await.unwrap().unwrap()
    });
    let refusal = |id: &[u8]| [&[0xF1, 0xF1, 0x01, 0x09, 0x00], id, &[0; 8]].concat();
    for _ in 0..3 {
        let mut ping = [0; 21];
        server.read_exact(&mut ping).await.unwrap();
        server.write_all(&refusal(&ping[5..13])).await.unwrap();
    }
    server.write_all(&refusal(&1_u64.to_be_bytes())).await.unwrap();
    let told = told.await.unwrap();
    assert_eq!((told.id, told.is_exception()), (1, true), "the answer to the call of this id");
    assert_eq!((pulse.round_trip().samples(), pulse.strays()), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn motans_first_protocol_is_refused_with_what_to_do_and_closed() {
    let (mut link, mut far) = linked(HeartbeatConfig::provider());
    let heartbeat = [&[0xF1, 0xF1, 0, 0][..], &[0; 8], &[0, 0, 0, 16], &[0xF0, 0xF0]].concat();
    far.write_all(&heartbeat).await.unwrap();
    let told = link.next().await.unwrap().unwrap_err();
    assert!(matches!(told, LinkError::Transport(MotanError::Motan1)), "{told}");
    assert!(told.to_string().ends_with("set its protocol to `motan2`"), "{told}");
    assert_eq!(far.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_magic_or_a_content_that_is_too_long_closes() {
    let long = [&REQUEST[..13], &u32::MAX.to_be_bytes()].concat();
    for bytes in [b"\x00\x00\x00".to_vec(), long] {
        let (mut link, mut far) = linked(HeartbeatConfig::provider());
        far.write_all(&bytes).await.unwrap();
        assert!(matches!(link.next().await, Some(Err(LinkError::Transport(_)))));
        assert_eq!(far.read(&mut [0]).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn settings_against_the_rule_are_refused_before_anybody_calls() {
    let interval = Duration::from_secs(30);
    let config = HeartbeatConfig { timeout: interval, ..HeartbeatConfig::provider() };
    let error = MotanListener::bind("127.0.0.1:0", config).await.unwrap_err();
    assert!(error.to_string().contains("timeout > interval > round trip"), "{error}");
}
