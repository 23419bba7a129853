//! How a link ends, and what is said of it.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use lubdub_link::framed::{Ended, Link, LinkError};
use lubdub_link::heartbeat::{HeartbeatConfig, HeartbeatFault};
use tokio::io::AsyncWriteExt;

use crate::words::{Began, Words, end_of, hear, linked, patient, say, secs, wire, wires};

#[tokio::test(start_paused = true)]
async fn the_end_of_the_other_end_is_told_after_its_last_frame_and_is_no_error() {
    let (mut link, mut far) = linked(patient());
    say(&mut far, "last").await;
    drop(far);
    assert_eq!(link.next().await.unwrap().unwrap(), "last");
    assert!(link.next().await.is_none());
    assert_eq!(link.ended(), Some(Ended::ByPeer));
    assert!(link.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn an_end_that_says_nothing_more_can_still_be_answered() {
    let (mut link, mut far) = linked(patient());
    say(&mut far, "question").await;
    far.get_mut().shutdown().await.unwrap();
    assert_eq!(link.next().await.unwrap().unwrap(), "question");
    assert!(link.next().await.is_none());
    link.send("answer".to_owned()).await.unwrap();
    drop(link);
    assert_eq!(hear(&mut far).await, Some("answer".to_owned()));
    assert_eq!(hear(&mut far).await, None);
}

#[tokio::test(start_paused = true)]
async fn whoever_drops_a_link_closes_the_connection() {
    let (link, mut far) = linked(patient());
    let pulse = link.pulse();
    drop(link);
    assert_eq!(hear(&mut far).await, None);
    assert_eq!(pulse.ended(), Some(Ended::ByUs));
}

#[tokio::test(start_paused = true)]
async fn a_link_is_closed_from_outside_and_its_reader_told() {
    let (mut link, mut far) = linked(patient());
    let pulse = link.pulse();
    let reader = tokio::spawn(async move { link.next().await.is_none() });
    tokio::task::yield_now().await;
    pulse.close();
    assert!(reader.await.unwrap());
    assert_eq!(hear(&mut far).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_closes_in_order_reads_on_until_the_other_end_does() {
    let (mut link, mut far) = linked(patient());
    link.send("goodbye".to_owned()).await.unwrap();
    link.close().await.unwrap();
    say(&mut far, "last").await;
    assert_eq!(hear(&mut far).await, Some("goodbye".to_owned()));
    assert_eq!(hear(&mut far).await, None);
    assert_eq!(link.next().await.unwrap().unwrap(), "last");
    drop(far);
    assert!(link.next().await.is_none());
    assert_eq!(link.ended(), Some(Ended::ByUs));
}

#[tokio::test(start_paused = true)]
async fn a_reason_is_told_once_to_whoever_reads_and_always_to_whoever_writes() {
    let (mut link, far) = linked(HeartbeatConfig::provider());
    let silent = Ended::Silent { lasted: secs(40) };
    let told = link.next().await.unwrap().unwrap_err();
    assert_eq!(told.ended(), Some(&silent));
    assert_eq!(told.to_string(), "the connection was given up: nothing was heard for 40s");
    assert!(link.next().await.is_none());
    for _ in 0..2 {
        let refused = link.send("too late".to_owned()).await.unwrap_err();
        assert_eq!(refused.ended(), Some(&silent));
    }
    drop(far);
}

#[tokio::test(start_paused = true)]
async fn pongs_with_wrong_ids_and_pongs_that_come_twice_are_survived_and_counted() {
    let (link, mut far) = linked(HeartbeatConfig::consumer());
    let pulse = link.pulse();
    tokio::spawn(end_of(link, Began::now()));
    for id in 1..=10 {
        assert_eq!(hear(&mut far).await, Some(format!("ping {id}")));
        for pong in [id + 1, id, id] {
            say(&mut far, &format!("pong {pong}")).await;
        }
    }
    tokio::task::yield_now().await;
    assert_eq!((pulse.ended(), pulse.unanswered()), (None, 0));
    assert_eq!((pulse.strays(), pulse.round_trip().samples()), (20, 10));
}

#[tokio::test(start_paused = true)]
async fn who_answers_only_with_wrong_ids_is_given_up() {
    let (link, mut far) = linked(HeartbeatConfig::consumer());
    let end = tokio::spawn(end_of(link, Began::now()));
    while hear(&mut far).await.is_some() {
        drop(far.send("pong 4711".to_owned()).await);
    }
    let (ended, after) = end.await.unwrap();
    assert_eq!(ended, Ended::Unanswered { pings: 1, lasted: secs(30) });
    assert!((60.0..60.1).contains(&after), "{after}");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_pings_ends_the_link_and_no_more_of_them_are_answered_than_is_said() {
    let (link, mut far) = linked(HeartbeatConfig { beats: 10, ..patient() });
    let end = tokio::spawn(end_of(link, Began::now()));
    for id in 0..100 {
        if far.feed(format!("ping {id}")).await.is_err() {
            break;
        }
    }
    drop(SinkExt::<String>::flush(&mut far).await);
    let mut answers = 0;
    while let Some(Ok(line)) = far.next().await {
        assert_eq!(line, format!("pong {answers}"));
        answers += 1;
    }
    assert_eq!(answers, 10);
    assert_eq!(end.await.unwrap().0, Ended::Flood { beats: 11, within: secs(30) });
}

#[tokio::test(start_paused = true)]
async fn another_protocol_ends_the_link_with_what_the_codec_says() {
    let (mut link, mut far) = linked(patient());
    far.get_mut().write_all(b"\xff\xfe\n").await.unwrap();
    let told = link.next().await.unwrap().unwrap_err();
    assert!(matches!(told, LinkError::Transport(_)), "{told}");
    assert!(matches!(link.ended(), Some(Ended::Transport { .. })));
    assert!(link.next().await.is_none());
    assert_eq!(hear(&mut far).await, None, "the connection is closed");
}

#[tokio::test(start_paused = true)]
async fn a_ping_that_cannot_be_written_is_told_with_the_end() {
    let (near, far) = tokio::io::duplex(100);
    let mut link = Link::new(wire(near), Words, HeartbeatConfig::consumer()).unwrap();
    drop(far);
    assert!(link.next().await.is_none());
    assert_eq!(link.ended(), Some(Ended::ByPeer));
    let failed = loop {
        if let Err(error) = link.send("anybody?".to_owned()).await {
            break error;
        }
    };
    assert!(matches!(failed, LinkError::Transport(_)), "{failed}");
}

#[tokio::test(start_paused = true)]
async fn settings_against_the_rule_are_refused() {
    let (near, _far) = wires(64);
    let (interval, timeout) = (secs(30), secs(30));
    let fault =
        Link::new(near, Words, HeartbeatConfig { timeout, ..HeartbeatConfig::provider() }).unwrap_err();
    assert_eq!(fault, HeartbeatFault::TimeoutWithinInterval { interval, timeout });
    assert_eq!(Duration::from_secs(30), interval);
}
