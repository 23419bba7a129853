//! A protocol of lines for the tests: `ping 7` is answered with `pong 7`, all else is for the application.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use lubdub_detect::Tick;
use lubdub_link::Clock;
use lubdub_link::framed::{Beat, Beats, Ended, Link, LinkConfig};
use lubdub_link::heartbeat::HeartbeatConfig;
use tokio::io::DuplexStream;
use tokio_util::codec::{Framed, LinesCodec};

/// When something began, on the paused clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Began(Clock);

impl Began {
    pub(crate) fn now() -> Self {
        Self(Clock::start())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.now().since(Tick(0))
    }
}

pub(crate) struct Words;

impl Beats for Words {
    type Received = String;
    type Sent = String;

    fn ping(&self, id: u64) -> String {
        format!("ping {id}")
    }

    fn pong(&self, ping: &String) -> String {
        ping.replacen("ping", "pong", 1)
    }

    fn read(&self, frame: &String) -> Option<Beat> {
        if frame.starts_with("ping ") {
            return Some(Beat::Ping);
        }
        frame.strip_prefix("pong ").map(|id| Beat::Pong(id.parse().ok()))
    }
}

/// One end without a link.
pub(crate) type Wire = Framed<DuplexStream, LinesCodec>;
pub(crate) type Linked = Link<Wire, Words>;

pub(crate) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub(crate) fn wire(bytes: DuplexStream) -> Wire {
    Framed::new(bytes, LinesCodec::new_with_max_length(100_000))
}

/// Both ends, with so many bytes of room on the way in each direction.
pub(crate) fn wires(room: usize) -> (Wire, Wire) {
    let (left, right) = tokio::io::duplex(room);
    (wire(left), wire(right))
}

/// A link, and the other end of it as it is.
pub(crate) fn linked(config: impl Into<LinkConfig>) -> (Linked, Wire) {
    let (near, far) = wires(64 * 1024);
    (Link::new(near, Words, config).unwrap(), far)
}

/// As usual for a consumer, except that it never gives up.
pub(crate) fn patient() -> HeartbeatConfig {
    HeartbeatConfig { timeout: Duration::ZERO, unanswered: 0, ..HeartbeatConfig::consumer() }
}

pub(crate) async fn say(wire: &mut Wire, line: &str) {
    wire.send(line.to_owned()).await.unwrap();
}

/// The next line, where one comes within an hour.
pub(crate) async fn hear(wire: &mut Wire) -> Option<String> {
    tokio::time::timeout(secs(3_600), wire.next()).await.ok()?.map(Result::unwrap)
}

/// Reads to the end, and tells why it ended and after how many seconds.
pub(crate) async fn end_of(mut link: Linked, began: Began) -> (Ended, f64) {
    while let Some(Ok(_)) = link.next().await {}
    (link.ended().unwrap(), began.elapsed().as_secs_f64())
}

/// Two links whose lines pass by somebody who listens, and may cut either direction at a time.
pub(crate) struct Sniffed {
    pub(crate) consumer: Linked,
    pub(crate) provider: Linked,
    log: Arc<Mutex<Vec<(u64, Heading, String)>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heading {
    ToProvider,
    ToConsumer,
}

impl Sniffed {
    /// A direction is cut after so long: what is said in it then is lost, though its writer does not notice.
    pub(crate) fn new(
        consumer: HeartbeatConfig,
        provider: HeartbeatConfig,
        cut: Option<(Heading, Duration)>,
    ) -> Self {
        let ((near, from_consumer), (from_provider, far)) = (wires(64 * 1024), wires(64 * 1024));
        let log = Arc::new(Mutex::new(Vec::new()));
        let (to_consumer, from_consumer) = from_consumer.split();
        let (to_provider, from_provider) = from_provider.split();
        let began = Began::now();
        for (heading, mut from, mut to) in [
            (Heading::ToProvider, from_consumer, to_provider),
            (Heading::ToConsumer, from_provider, to_consumer),
        ] {
            let (log, cut) = (Arc::clone(&log), cut.filter(|(cut, _)| *cut == heading));
            tokio::spawn(async move {
                while let Some(Ok(line)) = from.next().await {
                    if cut.is_some_and(|(_, after)| began.elapsed() >= after) {
                        continue;
                    }
                    log.lock().unwrap().push((began.elapsed().as_secs(), heading, line.clone()));
                    if to.send(line).await.is_err() {
                        return;
                    }
                }
                // The end of one direction is told in the other, too.
                drop(to.close().await);
            });
        }
        let consumer = Link::new(near, Words, consumer).unwrap();
        Self { consumer, provider: Link::new(far, Words, provider).unwrap(), log }
    }

    pub(crate) fn heard(&self) -> Vec<(u64, Heading, String)> {
        self.log.lock().unwrap().clone()
    }
}
