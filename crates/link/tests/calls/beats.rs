//! Beats between consumers and providers, as they are on the wire: HTTP/2's own (RFC 9113, section 6.7).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lubdub_link::channel::{KeepAlive, channel};
use lubdub_testkit_server::TestServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::programs::{Orders, SERVICE, call, registry, soon, until};

const DATA: u8 = 0;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const ACK: u8 = 1;
/// For an answer to a beat: long enough for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(3);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

#[derive(Debug, Clone, PartialEq, Eq)]
struct Frame {
    kind: u8,
    flags: u8,
    payload: Vec<u8>,
}

impl Frame {
    fn new(kind: u8, flags: u8, payload: &[u8]) -> Self {
        Self { kind, flags, payload: payload.to_vec() }
    }

    async fn read(from: &mut TcpStream) -> std::io::Result<Self> {
        let mut head = [0; 9];
        from.read_exact(&mut head).await?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let mut payload = vec![0; length];
        from.read_exact(&mut payload).await?;
        Ok(Self { kind: head[3], flags: head[4], payload })
    }

    async fn write(&self, to: &mut TcpStream) -> std::io::Result<()> {
        let mut bytes = u32::try_from(self.payload.len()).unwrap().to_be_bytes()[1..].to_vec();
        bytes.extend([self.kind, self.flags, 0, 0, 0, 0]);
        bytes.extend(&self.payload);
        to.write_all(&bytes).await
    }

    fn is_ping(&self) -> bool {
        self.kind == PING && self.flags & ACK == 0
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_provider_beats_a_consumer_that_says_nothing_and_closes_one_that_reads_and_never_answers() {
    let server = TestServer::in_memory();
    let registry = registry(&server);
    let setup = registry.serve("127.0.0.1:0").keep_alive(Duration::from_millis(50), PATIENCE);
    let serving = setup.mount(Orders::new("one")).start().await.unwrap();

    // One that answers stays, however long it says nothing else.
    let mut answering = TcpStream::connect(serving.address()).await.unwrap();
    answering.write_all(PREFACE).await.unwrap();
    Frame::new(SETTINGS, 0, &[]).write(&mut answering).await.unwrap();
    let mut pings = 0;
    soon(async {
        while pings < 10 {
            let frame = Frame::read(&mut answering).await.expect("it is not closed");
            if frame.is_ping() {
                pings += 1;
                Frame::new(PING, ACK, &frame.payload).write(&mut answering).await.unwrap();
            }
        }
    })
    .await;

    let mut silent = TcpStream::connect(serving.address()).await.unwrap();
    silent.write_all(PREFACE).await.unwrap();
    Frame::new(SETTINGS, 0, &[]).write(&mut silent).await.unwrap();
    let mut seen = Vec::new();
    soon(async {
        while let Ok(frame) = Frame::read(&mut silent).await {
            seen.push(frame);
        }
    })
    .await;
    assert_eq!(seen.iter().filter(|frame| frame.is_ping()).count(), 1, "{seen:?}");
    serving.shut_down().await;
}

/// What takes a consumer's connection and answers its beats while it is told to; tells of each by its id.
async fn provider(listener: TcpListener, answers: Arc<AtomicBool>, beats: mpsc::UnboundedSender<Vec<u8>>) {
    loop {
        let (mut consumer, _) = listener.accept().await.unwrap();
        let mut preface = [0; PREFACE.len()];
        if consumer.read_exact(&mut preface).await.is_err() {
            continue;
        }
        assert_eq!(preface, PREFACE);
        Frame::new(SETTINGS, 0, &[]).write(&mut consumer).await.unwrap();
        while let Ok(frame) = Frame::read(&mut consumer).await {
            if frame.is_ping() {
                if answers.load(Ordering::SeqCst) {
                    drop(Frame::new(PING, ACK, &frame.payload).write(&mut consumer).await);
                }
                drop(beats.send(frame.payload));
            }
        }
    }
}

#[tokio::test]
async fn a_consumer_beats_a_silent_provider_each_interval_and_gives_up_after_one_beat_without_an_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answers = Arc::new(AtomicBool::new(true));
    let (tell, mut beats) = mpsc::unbounded_channel();
    let provider = tokio::spawn(provider(listener, answers.clone(), tell));
    let keep_alive =
        KeepAlive { interval: Some(Duration::from_millis(50)), timeout: PATIENCE, ..KeepAlive::default() };
    let channel = channel(SERVICE).direct([address]).keep_alive(keep_alive).open().await.unwrap();
    // It connects when it is called first; this provider never answers a call.
    let calling = tokio::spawn({
        let channel = channel.clone();
        async move { call(&channel).await }
    });
    for _ in 0..10 {
        soon(beats.recv()).await.unwrap();
    }
    let link = || channel.links().remove(0);
    assert!(link().is_available && link().connections == 1);
    answers.store(false, Ordering::SeqCst);
    until(|| !link().is_available).await;
    assert_eq!(link().last_failure.as_deref(), Some("no beat was answered"));
    assert!(soon(calling).await.unwrap().is_err(), "whoever waits on the connection is told");
    provider.abort();
}

#[tokio::test]
async fn a_link_whose_beats_are_switched_off_is_beaten_by_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let keep_alive = KeepAlive { interval: None, ..KeepAlive::default() };
    let setup = channel(SERVICE).direct([address]).keep_alive(keep_alive);
    let channel = setup.open().await.unwrap();
    let (tell, mut beats) = mpsc::unbounded_channel();
    let provider = tokio::spawn(provider(listener, Arc::new(AtomicBool::new(false)), tell));
    let calling = tokio::spawn({
        let channel = channel.clone();
        async move { call(&channel).await }
    });
    until(|| channel.links()[0].connections == 1).await;
    // Ten of the intervals that the other test counts.
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(beats.try_recv().is_err());
    assert!(channel.links()[0].is_available && !calling.is_finished());
    calling.abort();
    provider.abort();
}

#[tokio::test]
async fn a_channel_that_is_dropped_closes_its_connections() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let channel = channel(SERVICE).direct([address]).open().await.unwrap();
    let calling = tokio::spawn({
        let channel = channel.clone();
        async move { call(&channel).await }
    });
    let (mut consumer, _) = soon(listener.accept()).await.unwrap();
    Frame::new(SETTINGS, 0, &[]).write(&mut consumer).await.unwrap();
    let mut preface = [0; PREFACE.len()];
    consumer.read_exact(&mut preface).await.unwrap();
    // Its call has come.
    while soon(Frame::read(&mut consumer)).await.unwrap().kind != DATA {}
    drop(channel);
    calling.abort();
    // What is left to be read ends.
    while soon(Frame::read(&mut consumer)).await.is_ok() {}
}
