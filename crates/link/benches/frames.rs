//! What a link costs for each frame, beside the bare framed transport, and what an idle one costs in memory.
//!
//! Each round runs both, one after the other, in one process; the differences are those of a round. Run it with `cargo xtask bench`; quote
//! the difference and the ratio, not the time.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use lubdub_link::framed::{Beat, Beats, Link};
use lubdub_link::heartbeat::HeartbeatConfig;
use lubdub_testkit::Counting;
use tokio::io::DuplexStream;
use tokio::runtime::Builder;
use tokio_util::codec::{Framed, LengthDelimitedCodec};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Many short ones, so that most of them are interrupted by nobody, and the median is of those.
const ROUNDS: usize = 401;
const FRAMES: usize = 5_120;
/// Frames that are written before they are flushed.
const BATCH: usize = 64;

/// The first byte says what a frame is.
struct Marked;

impl Beats for Marked {
    type Received = BytesMut;
    type Sent = Bytes;

    fn ping(&self, id: u64) -> Bytes {
        [b"?".as_slice(), &id.to_be_bytes()].concat().into()
    }

    fn pong(&self, ping: &BytesMut) -> Bytes {
        [b"!", ping.get(1..).unwrap_or_default()].concat().into()
    }

    fn read(&self, frame: &BytesMut) -> Option<Beat> {
        let id = || frame.get(1..9)?.try_into().ok().map(u64::from_be_bytes);
        match frame.first()? {
            b'?' => Some(Beat::Ping),
            b'!' => Some(Beat::Pong(id())),
            _ => None,
        }
    }
}

type Wire = Framed<DuplexStream, LengthDelimitedCodec>;

fn wires() -> (Wire, Wire) {
    let (left, right) = tokio::io::duplex(64 * 1024);
    let framed = |bytes| Framed::new(bytes, LengthDelimitedCodec::new());
    (framed(left), framed(right))
}

fn link(wire: Wire) -> Link<Wire, Marked> {
    Link::new(wire, Marked, HeartbeatConfig::consumer()).expect("the usual settings can be used")
}

/// Nanoseconds for each frame that one end writes, in batches, and the other reads.
async fn one_way<E>(mut from: impl Sink<Bytes, Error = E> + Unpin, mut to: impl Stream + Unpin) -> f64 {
    let frame = Bytes::from_static(&[b'x'; 64]);
    let began = Instant::now();
    let write = async {
        for number in 1..=FRAMES {
            let frame = frame.clone();
            let sent = if number % BATCH == 0 { from.send(frame).await } else { from.feed(frame).await };
            assert!(sent.is_ok(), "the other end is there");
        }
        assert!(from.flush().await.is_ok(), "the other end is there");
    };
    let read = async {
        for _ in 0..FRAMES {
            black_box(to.next().await);
        }
    };
    tokio::join!(write, read);
    began.elapsed().as_nanos() as f64 / FRAMES as f64
}

/// Nanoseconds for each frame of a conversation in which each waits for the last.
async fn in_turns<S, E>(mut left: S, mut right: S) -> f64
where
    S: Stream<Item = Result<BytesMut, E>> + Sink<Bytes> + Unpin,
{
    let frame = Bytes::from_static(&[b'x'; 64]);
    let began = Instant::now();
    for _ in 0..FRAMES / 4 {
        assert!(left.send(frame.clone()).await.is_ok(), "the other end is there");
        black_box(right.next().await);
        assert!(right.send(frame.clone()).await.is_ok(), "the other end is there");
        black_box(left.next().await);
    }
    began.elapsed().as_nanos() as f64 / (FRAMES / 2) as f64
}

/// The median of the rounds by their difference: bare, linked, and what the link costs one end.
fn row(name: &str, ends: f64, mut rounds: Vec<(f64, f64)>) {
    rounds.sort_by(|left, right| (left.1 - left.0).total_cmp(&(right.1 - right.0)));
    let each = |round: &(f64, f64)| (round.1 - round.0) / ends;
    let at = |part: usize| rounds.get(ROUNDS * part / 4).map(each).unwrap_or_default();
    let Some((bare, linked)) = rounds.get(ROUNDS / 2) else { return };
    println!(
        "{name:<34} {bare:>9.1} {linked:>10.1} {:>7.2} {:>10.1} {:>8.1} to {:.1}",
        linked / bare,
        at(2),
        at(1),
        at(3)
    );
}

async fn of_frames() {
    println!(
        "{:<34} {:>9} {:>10} {:>7} {:>10}   quartiles",
        "64 bytes, in memory", "bare ns", "linked ns", "ratio", "an end ns"
    );
    let (mut reads, mut writes, mut turns) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (from, to) = wires();
        let bare = one_way(from, to).await;
        let (from, to) = wires();
        let read = (bare, one_way(from, link(to)).await);
        let (from, to) = wires();
        let bare = one_way(from, to).await;
        let (from, to) = wires();
        let written = (bare, one_way(link(from), to).await);
        let (left, right) = wires();
        let bare = in_turns(left, right).await;
        let (left, right) = wires();
        let turn = (bare, in_turns(link(left), link(right)).await);
        // The first one warms up.
        if round > 0 {
            reads.push(read);
            writes.push(written);
            turns.push(turn);
        }
    }
    row("read, in batches of 64", 1.0, reads);
    row("written, in batches of 64", 1.0, writes);
    row("in turns, both ends linked", 2.0, turns);
}

/// Bytes and pieces of memory of a link that was used once, beyond those of its transport.
async fn of_idle_links() -> io::Result<()> {
    const LINKS: usize = 1_000;
    let mut wires: Vec<_> = (0..LINKS).map(|_| wires()).collect();
    for (left, right) in &mut wires {
        left.send(Bytes::from_static(b"x")).await?;
        right.next().await;
    }
    let mut others = Vec::with_capacity(LINKS);
    let mut links = Vec::with_capacity(LINKS);
    let (bytes, blocks) = (Counting::bytes(), Counting::blocks());
    for (near, far) in wires.drain(..) {
        links.push(link(near));
        others.push(far);
    }
    tokio::time::sleep(Duration::from_millis(10)).await;
    let bytes = (Counting::bytes() - bytes) / LINKS - size_of::<Wire>();
    println!(
        "an idle link: {bytes} bytes in {} pieces, beside its transport",
        (Counting::blocks() - blocks) / LINKS
    );
    Ok(())
}

fn main() -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_time().build()?;
    runtime.block_on(of_frames());
    runtime.block_on(of_idle_links())
}
