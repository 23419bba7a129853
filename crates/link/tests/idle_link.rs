//! What an idle link costs: memory beyond its bare transport, and allocations for its beats.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io;
use std::time::Duration;

use bytes::{Buf, BufMut, BytesMut};
use futures_util::{SinkExt, Stream, StreamExt};
use lubdub_link::framed::{Beat, Beats, Link};
use lubdub_link::heartbeat::HeartbeatConfig;
use lubdub_testkit::Counting;
use tokio::io::DuplexStream;
use tokio::task::AbortHandle;
use tokio_util::codec::{Decoder, Encoder, Framed};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Nine bytes: what it is, and an id. Neither reading nor writing one needs memory of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Small(u8, u64);

struct SmallCodec;

impl Decoder for SmallCodec {
    type Item = Small;
    type Error = io::Error;

    fn decode(&mut self, bytes: &mut BytesMut) -> io::Result<Option<Small>> {
        if bytes.len() < 9 {
            return Ok(None);
        }
        Ok(Some(Small(bytes.get_u8(), bytes.get_u64())))
    }
}

impl Encoder<Small> for SmallCodec {
    type Error = io::Error;

    fn encode(&mut self, Small(kind, id): Small, bytes: &mut BytesMut) -> io::Result<()> {
        bytes.put_u8(kind);
        bytes.put_u64(id);
        Ok(())
    }
}

struct SmallBeats;

impl Beats for SmallBeats {
    type Received = Small;
    type Sent = Small;

    fn ping(&self, id: u64) -> Small {
        Small(1, id)
    }

    fn pong(&self, Small(_, id): &Small) -> Small {
        Small(2, *id)
    }

    fn read(&self, Small(kind, id): &Small) -> Option<Beat> {
        match kind {
            1 => Some(Beat::Ping),
            2 => Some(Beat::Pong(Some(*id))),
            _ => None,
        }
    }
}

type Wire = Framed<DuplexStream, SmallCodec>;

/// A small buffer, so that little else is measured.
fn wires() -> (Wire, Wire) {
    let (left, right) = tokio::io::duplex(64);
    let framed = |bytes| Framed::with_capacity(bytes, SmallCodec, 64);
    (framed(left), framed(right))
}

const PAIRS: usize = 500;

/// Pairs that have exchanged a frame in each direction, so that every buffer of theirs is there.
async fn warm() -> Vec<Wire> {
    let mut warm = Vec::with_capacity(2 * PAIRS);
    for _ in 0..PAIRS {
        let (mut left, mut right) = wires();
        left.send(Small(0, 1)).await.unwrap();
        right.send(Small(0, 2)).await.unwrap();
        assert_eq!(right.next().await.unwrap().unwrap(), Small(0, 1));
        assert_eq!(left.next().await.unwrap().unwrap(), Small(0, 2));
        warm.extend([left, right]);
    }
    warm
}

/// A task for each that reads it.
fn read<S: Stream + Unpin + Send + 'static>(all: impl IntoIterator<Item = S>) -> Vec<AbortHandle> {
    let read = |mut one: S| tokio::spawn(async move { while one.next().await.is_some() {} }).abort_handle();
    all.into_iter().map(read).collect()
}

/// One test, as other threads that allocate would be counted, too.
#[tokio::test(start_paused = true)]
async fn an_idle_link_costs_less_than_a_kibibyte_and_its_beats_no_allocation() {
    let minutes = |minutes: u64| tokio::time::sleep(Duration::from_secs(60 * minutes));
    let none = Counting::bytes();
    let bare = read(warm().await);
    minutes(2).await;
    let of_bare = Counting::bytes() - none;

    let before = Counting::bytes();
    let config = [HeartbeatConfig::consumer(), HeartbeatConfig::provider()];
    let ends = warm().await.into_iter().zip(config.into_iter().cycle());
    let links = read(ends.map(|(wire, config)| Link::new(wire, SmallBeats, config).unwrap()));
    // Until each lane and timer has been used.
    minutes(2).await;
    let of_links = Counting::bytes() - before;
    let each = (of_links - of_bare) / (2 * PAIRS);
    println!("{each} bytes a link, beside {} of its transport and reader", of_bare / (2 * PAIRS));
    assert!(each < 1_024, "{each} bytes");

    let before = Counting::on_this_thread();
    minutes(60).await;
    let allocations = Counting::on_this_thread() - before;
    assert!(links.iter().all(|reader| !reader.is_finished()), "they all live on their beats");
    assert!(allocations < 10, "{allocations} allocations for {} beats", 2 * 120 * PAIRS);
    drop(bare);
}
