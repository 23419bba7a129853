//! An application that does not read: its link answers all the same.

use std::time::Duration;

use futures_util::StreamExt;
use lubdub_link::framed::{Link, LinkConfig};
use lubdub_link::heartbeat::HeartbeatConfig;
use tokio::time::sleep;

use crate::words::{Began, Words, end_of, hear, linked, patient, say, secs, wires};

/// Keeps so many frames.
fn keeping(parked: usize) -> LinkConfig {
    LinkConfig { parked, ..HeartbeatConfig::provider().into() }
}

#[tokio::test(start_paused = true)]
async fn an_application_that_never_reads_is_spoken_for() {
    let (_link, mut far) = linked(HeartbeatConfig::provider());
    for id in 0..5 {
        let asked = Began::now();
        say(&mut far, &format!("ping {id}")).await;
        assert_eq!(hear(&mut far).await, Some(format!("pong {id}")));
        assert!(asked.elapsed() <= Duration::from_millis(1_001), "{:?}", asked.elapsed());
        sleep(secs(20)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_application_that_is_stuck_with_a_frame_gets_the_others_later_and_in_order() {
    let (mut link, mut far) = linked(keeping(16));
    say(&mut far, "work 0").await;
    assert_eq!(link.next().await.unwrap().unwrap(), "work 0");
    // It is stuck from here on.
    for number in 1..=10 {
        say(&mut far, &format!("work {number}")).await;
        say(&mut far, &format!("ping {number}")).await;
        assert_eq!(hear(&mut far).await, Some(format!("pong {number}")));
    }
    for number in 1..=10 {
        assert_eq!(link.next().await.unwrap().unwrap(), format!("work {number}"));
    }
    say(&mut far, "ping 11").await;
    tokio::select! {
        frame = link.next() => panic!("{frame:?}"),
        pong = hear(&mut far) => assert_eq!(pong, Some("pong 11".to_owned())),
    }
}

#[tokio::test(start_paused = true)]
async fn once_it_is_known_to_be_stuck_pings_are_answered_at_once() {
    let (_link, mut far) = linked(HeartbeatConfig::provider());
    say(&mut far, "ping 1").await;
    hear(&mut far).await;
    let began = Began::now();
    for id in 2..20 {
        say(&mut far, &format!("ping {id}")).await;
        assert_eq!(hear(&mut far).await, Some(format!("pong {id}")));
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn beyond_what_is_kept_the_other_end_is_held_back_and_nothing_is_lost_or_judged() {
    let (near, mut far) = wires(256);
    let mut link = Link::new(near, Words, keeping(4)).unwrap();
    let writer = tokio::spawn(async move {
        for number in 0..1_000 {
            say(&mut far, &format!("work {number}")).await;
        }
        far
    });
    sleep(secs(600)).await;
    assert!(!writer.is_finished(), "it is held back");
    assert_eq!(link.ended(), None);
    for number in 0..1_000 {
        assert_eq!(link.next().await.unwrap().unwrap(), format!("work {number}"));
    }
    let far = writer.await.unwrap();
    let began = Began::now();
    let (_, after) = end_of(link, began).await;
    assert!((39.0..=41.1).contains(&after), "as soon as it has read, it judges: {after}");
    drop(far);
}

#[tokio::test(start_paused = true)]
async fn a_stuck_application_pings_too_and_hears_of_the_end_later() {
    let (mut link, mut far) = linked(HeartbeatConfig::consumer());
    assert_eq!(hear(&mut far).await, Some("ping 1".to_owned()));
    say(&mut far, "pong 1").await;
    assert_eq!(hear(&mut far).await, Some("ping 2".to_owned()));
    assert_eq!(hear(&mut far).await, None, "it gave up");
    assert!(link.next().await.unwrap().is_err());
    assert!(link.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn who_reads_again_in_between_is_not_taken_for_stuck_for_ever() {
    let (mut link, mut far) = linked(patient());
    for round in 0..20 {
        say(&mut far, &format!("work {round}")).await;
        if round % 3 == 0 {
            sleep(secs(5)).await;
        }
        assert_eq!(link.next().await.unwrap().unwrap(), format!("work {round}"));
        say(&mut far, &format!("ping {round}")).await;
        sleep(secs(5)).await;
        assert_eq!(hear(&mut far).await, Some(format!("pong {round}")));
    }
}

/// A handler that blocks its thread does not block the link, as long as the runtime has another one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_blocks_its_thread_is_spoken_for_by_another() {
    let config = HeartbeatConfig { interval: Duration::from_millis(4), ..patient() };
    let (near, mut far) = wires(1_000);
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (stuck, is_stuck) = tokio::sync::oneshot::channel();
    let handler = tokio::spawn(async move {
        let mut link = Link::new(near, Words, config).unwrap();
        let work = link.next().await.unwrap().unwrap();
        stuck.send(()).unwrap();
        let _ = released.recv();
        work
    });
    say(&mut far, "work").await;
    is_stuck.await.unwrap();
    say(&mut far, "ping 77").await;
    while hear(&mut far).await.as_deref() != Some("pong 77") {}
    release.send(()).unwrap();
    assert_eq!(handler.await.unwrap(), "work");
}
