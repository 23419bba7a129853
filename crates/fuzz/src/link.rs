//! What comes in on a link: frames that are none, beats, pauses and cuts in any order; and Motan's frames.

use std::io;
use std::time::Duration;

use bytes::{Buf, BufMut, BytesMut};
use futures_util::{FutureExt, SinkExt, StreamExt};
use lubdub_link::framed::{Beat, Beats, Ended, Link, LinkConfig, LinkError};
use lubdub_link::heartbeat::HeartbeatConfig;
use lubdub_link::motan::MotanCodec;
use tokio::io::DuplexStream;
use tokio::runtime::Builder;
use tokio_util::codec::{Decoder, Encoder, Framed};

/// What a frame of one byte is: a ping, a pong, or else for the application. The last of all is no frame.
const PINGS: u8 = 0x20;
const PONGS: u8 = 0x40;
const FRAMES: u8 = 0xA0;
const NO_FRAME: u8 = 0xFF;

struct OneByte;

impl Decoder for OneByte {
    type Item = u8;
    type Error = io::Error;

    fn decode(&mut self, bytes: &mut BytesMut) -> io::Result<Option<u8>> {
        match bytes.try_get_u8() {
            Ok(NO_FRAME) => Err(io::ErrorKind::InvalidData.into()),
            Ok(byte) => Ok(Some(byte)),
            Err(_) => Ok(None),
        }
    }
}

impl Encoder<u8> for OneByte {
    type Error = io::Error;

    fn encode(&mut self, byte: u8, bytes: &mut BytesMut) -> io::Result<()> {
        bytes.put_u8(byte);
        Ok(())
    }
}

impl Beats for OneByte {
    type Received = u8;
    type Sent = u8;

    fn ping(&self, id: u64) -> u8 {
        id as u8 % PINGS
    }

    fn pong(&self, ping: &u8) -> u8 {
        PINGS + ping
    }

    fn read(&self, frame: &u8) -> Option<Beat> {
        match *frame {
            ..PINGS => Some(Beat::Ping),
            pong @ PINGS..PONGS => Some(Beat::Pong(Some(u64::from(pong - PINGS)))),
            _ => None,
        }
    }
}

/// Each byte is something that happens: below `0xA0` a frame that comes; then, by 32 each, so many frames that are read, so many
/// seconds that pass, and from `0xE0` something that is written, or read at the other end.
pub(crate) fn live(bytes: &[u8]) {
    let Some((settings, bytes)) = bytes.split_first() else { return };
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime without sockets needs nothing").block_on(happen(*settings, bytes));
}

async fn happen(settings: u8, bytes: &[u8]) {
    let room = 1 + usize::from(settings & 0x0F);
    let (near, far) = tokio::io::duplex(room);
    let (near, mut far) = (Framed::new(near, OneByte), Framed::new(far, OneByte));
    let heartbeat =
        if settings & 0x10 == 0 { HeartbeatConfig::consumer() } else { HeartbeatConfig::provider() };
    let heartbeat = HeartbeatConfig { beats: 40, ..heartbeat };
    let parked = 1 + usize::from(settings >> 5);
    let config = LinkConfig { parked, ..heartbeat.into() };
    let mut link = Link::new(near, OneByte, config).expect("the usual settings can be used");
    let (mut came, mut read, mut failed) = (Vec::new(), Vec::new(), false);
    for byte in bytes {
        match *byte {
            frame if frame < FRAMES || frame == NO_FRAME => {
                // Kept in the codec where the way is full, and flushed with what comes after.
                if !failed && far.feed(frame).now_or_never().is_some_and(|fed| fed.is_ok()) {
                    failed |= frame == NO_FRAME;
                    came.push(frame);
                }
                let _ = SinkExt::<u8>::flush(&mut far).now_or_never();
            }
            some if some < 0xC0 => {
                for _ in 0..some & 0x1F {
                    match link.next().now_or_never() {
                        Some(Some(Ok(frame))) => read.push(frame),
                        Some(Some(Err(_)) | None) | None => break,
                    }
                }
            }
            seconds if seconds < 0xE0 => {
                tokio::time::sleep(Duration::from_secs(u64::from(seconds & 0x1F))).await;
            }
            written if written < 0xF0 => drop(link.send(FRAMES - 1).now_or_never()),
            _ => while let Some(Some(Ok(_))) = far.next().now_or_never() {},
        }
    }
    let _ = tokio::time::timeout(Duration::from_secs(1), empty(&mut far, &mut link, &mut read)).await;
    drop(far);
    let mut told = 0;
    loop {
        match link.next().await {
            Some(Ok(frame)) => read.push(frame),
            Some(Err(error)) => {
                told += 1;
                assert!(!error.to_string().is_empty(), "why is told in words");
                let is_failure = matches!(error, LinkError::Transport(_));
                assert!(!is_failure || failed, "the transport failed by itself: {error}");
            }
            None => break,
        }
    }
    let ended = link.ended().expect("whose other end is gone is over");
    assert!(told <= 1, "why is told once");
    let data: Vec<_> = came.into_iter().filter(|frame| (PONGS..FRAMES).contains(frame)).collect();
    assert!(data.starts_with(&read), "{read:?} are not the first of {data:?}");
    if ended == Ended::ByPeer && !failed {
        assert_eq!(told, 0, "an end in order is no error");
    }
}

/// Lets everything through that waits to be written at the other end.
async fn empty(
    far: &mut Framed<DuplexStream, OneByte>,
    link: &mut Link<Framed<DuplexStream, OneByte>, OneByte>,
    read: &mut Vec<u8>,
) {
    loop {
        tokio::select! {
            flushed = SinkExt::<u8>::flush(far) => return drop(flushed),
            frame = link.next() => match frame {
                Some(Ok(frame)) => read.push(frame),
                Some(Err(_)) | None => return,
            }
        }
    }
}

/// Motan's frames: the first byte says in what pieces the rest comes.
pub(crate) fn motan(bytes: &[u8]) {
    let Some((piece, bytes)) = bytes.split_first() else { return };
    let in_pieces = frames(bytes, usize::from(*piece).max(1));
    let at_once = frames(bytes, bytes.len().max(1));
    assert_eq!(in_pieces, at_once, "pieces change what is read");
    let (messages, failed) = at_once;
    let mut written = BytesMut::new();
    for message in messages {
        let encoded = MotanCodec::default().encode(message, &mut written);
        assert!(encoded.is_ok(), "what was read can be written");
    }
    assert!(bytes.starts_with(&written), "what is read is written back as it came");
    assert!(
        failed || bytes.len() - written.len() <= 21 + 10 * 1024 * 1024,
        "more is kept than one frame may have"
    );
}

/// What is read, and whether it ended with what is no frame.
fn frames(bytes: &[u8], piece: usize) -> (Vec<lubdub_link::motan::Message>, bool) {
    let (mut codec, mut buffer, mut messages) = (MotanCodec::default(), BytesMut::new(), Vec::new());
    for piece in bytes.chunks(piece) {
        buffer.extend_from_slice(piece);
        loop {
            match codec.decode(&mut buffer) {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => {
                    assert!(!error.to_string().is_empty(), "what is wrong is told");
                    return (messages, true);
                }
            }
        }
    }
    (messages, false)
}
