//! An end that does not read what is written to it: reading and the timers go on, and beats go first.

use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use lubdub_link::framed::{Ended, Link, LinkError, Watched};
use lubdub_link::heartbeat::HeartbeatConfig;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;
use tokio_util::codec::{Framed, LinesCodec};

use crate::words::{Began, Words, end_of, hear, patient, say, secs, wires};

#[tokio::test(start_paused = true)]
async fn a_write_that_waits_stops_neither_reading_nor_the_timers() {
    let (near, mut far) = wires(64);
    let link = Link::new(near, Words, HeartbeatConfig::provider()).unwrap();
    let pulse = link.pulse();
    let (mut writing, mut reading) = link.split();
    let began = Began::now();
    let writer = tokio::spawn(async move {
        let refused = loop {
            if let Err(error) = writing.send("x".repeat(10_000)).await {
                break error;
            }
        };
        (refused, began.elapsed())
    });
    sleep(secs(20)).await;
    say(&mut far, "still here").await;
    assert_eq!(reading.next().await.unwrap().unwrap(), "still here");
    let (refused, after) = writer.await.unwrap();
    assert!(matches!(refused, LinkError::Ended(Ended::Silent { lasted }) if lasted == secs(40)), "{refused}");
    // Its reader did not read on, so that the guard saw a second later that this was all.
    assert!((60..=61).contains(&after.as_secs()), "40 s after the last word: {after:?}");
    assert!(matches!(pulse.ended(), Some(Ended::Silent { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_pong_that_cannot_be_written_at_once_is_when_there_is_room_also_while_the_application_is_stuck() {
    let (near, mut far) = wires(64);
    let mut link = Link::new(near, Words, patient()).unwrap();
    assert!(link.send("x".repeat(1_000)).now_or_never().is_none(), "there is no room for it");
    say(&mut far, "ping 1").await;
    sleep(secs(5)).await;
    assert_eq!(hear(&mut far).await.map(|line| line.len()), Some(1_000));
    assert_eq!(hear(&mut far).await, Some("pong 1".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_pong_that_waits_is_written_as_soon_as_there_is_room_though_the_application_polls_no_more() {
    let (near, mut far) = wires(64);
    let mut link = Link::new(near, Words, patient()).unwrap();
    // The guard has looked, and will not for a second.
    tokio::task::yield_now().await;
    assert!(link.send("x".repeat(10_000)).now_or_never().is_none(), "there is no room for it");
    say(&mut far, "ping 1").await;
    assert!(link.next().now_or_never().is_none(), "it takes the ping, and is stuck from here on");
    let began = Began::now();
    assert_eq!(hear(&mut far).await.map(|line| line.len()), Some(10_000));
    assert_eq!(hear(&mut far).await, Some("pong 1".to_owned()));
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_waits_is_told_at_once_when_reading_ends_the_link() {
    let (near, mut far) = wires(64);
    let (mut writing, mut reading) = Link::new(near, Words, HeartbeatConfig::provider()).unwrap().split();
    let writer = tokio::spawn(async move { writing.send("x".repeat(10_000)).await });
    tokio::task::yield_now().await;
    let began = Began::now();
    far.get_mut().write_all(b"\xff\xfe\n").await.unwrap();
    assert!(matches!(reading.next().await, Some(Err(LinkError::Transport(_)))));
    let refused = writer.await.unwrap().unwrap_err();
    assert!(matches!(refused, LinkError::Ended(Ended::Transport { .. })), "{refused}");
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_beat_goes_before_what_has_not_been_handed_to_the_transport() {
    let (near, mut far) = wires(1_000);
    let link = Link::new(near, Words, patient()).unwrap();
    let (mut writing, mut reading) = link.split();
    tokio::spawn(async move {
        for _ in 0..1_000 {
            writing.send("x".repeat(1_000)).await.unwrap();
        }
    });
    tokio::spawn(async move { reading.next().await });
    sleep(secs(1)).await;
    say(&mut far, "ping 1").await;
    sleep(secs(1)).await;
    let mut before = 0;
    while hear(&mut far).await.unwrap() != "pong 1" {
        before += 1;
    }
    assert!(before <= 3, "{before} frames went first: more than was on the way");
}

#[tokio::test(start_paused = true)]
async fn who_pings_and_never_fetches_the_answers_is_flooding() {
    let (near, mut far) = wires(64);
    let link = Link::new(near, Words, HeartbeatConfig { beats: 50, ..patient() }).unwrap();
    let end = tokio::spawn(end_of(link, Began::now()));
    let mut pings = 0;
    // Each interval by itself has few of them.
    while far.send(format!("ping {pings}")).await.is_ok() {
        pings += 1;
        sleep(secs(2)).await;
    }
    assert!(matches!(end.await.unwrap().0, Ended::Flood { .. }));
    assert!(pings < 1_100, "{pings}: more than the codec's buffer takes, and 50");
}

/// 100 000 bytes in 100 s: one frame, sent in pieces.
async fn trickle(config: HeartbeatConfig, pieces: usize) -> (Ended, f64) {
    let (near, mut far) = tokio::io::duplex(10_000);
    let (near, progress) = Watched::new(near);
    let codec = LinesCodec::new_with_max_length(1_000_000);
    let mut link = Link::with_progress(Framed::new(near, codec), Words, config, progress).unwrap();
    let began = Began::now();
    tokio::spawn(async move {
        for _ in 0..pieces {
            sleep(secs(1)).await;
            if far.write_all(&[b'x'; 1_000]).await.is_err() {
                return;
            }
        }
        far.write_all(b"\n").await.unwrap();
        sleep(secs(1_000)).await;
    });
    while let Some(Ok(_)) = link.next().await {}
    (link.ended().unwrap(), began.elapsed().as_secs_f64())
}

#[tokio::test(start_paused = true)]
async fn a_large_frame_on_a_slow_link_is_not_taken_for_silence() {
    let (ended, after) = trickle(HeartbeatConfig::provider(), 100).await;
    assert_eq!(ended, Ended::Silent { lasted: secs(40) });
    assert!((139.9..142.0).contains(&after), "40 s after it was whole: {after}");
}

#[tokio::test(start_paused = true)]
async fn bytes_without_an_end_keep_nobody() {
    let config = HeartbeatConfig { frame: secs(120), ..HeartbeatConfig::provider() };
    let (ended, after) = trickle(config, 900).await;
    assert!(matches!(ended, Ended::Silent { .. }), "{ended:?}");
    assert!((120.0..=165.0).contains(&after), "{after}");
}

#[tokio::test(start_paused = true)]
async fn a_large_frame_holds_back_no_ping_of_whoever_reads_it() {
    let (near, mut far) = tokio::io::duplex(10_000);
    let (near, progress) = Watched::new(near);
    let codec = LinesCodec::new_with_max_length(1_000_000);
    let config = HeartbeatConfig::consumer();
    let mut link = Link::with_progress(Framed::new(near, codec), Words, config, progress).unwrap();
    let (written, whole) = tokio::join!(
        async move {
            for _ in 0..200 {
                sleep(secs(1)).await;
                far.write_all(&[b'x'; 100]).await.unwrap();
            }
            far.write_all(b"\n").await.unwrap();
            far
        },
        link.next()
    );
    assert_eq!(whole.unwrap().unwrap().len(), 20_000);
    let mut far = Framed::new(written, LinesCodec::new());
    let mut pings = 0;
    while let Some(Some(Ok(line))) = far.next().now_or_never() {
        assert!(line.starts_with("ping"));
        pings += 1;
    }
    assert_eq!(pings, 6, "one each 30 s, so that this end is heard");
    assert_eq!(link.pulse().silent_for(), Duration::ZERO);
}
