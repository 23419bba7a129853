//! A program that stood still: its links do not take that for the silence of others.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use lubdub_link::framed::Ended;
use lubdub_link::heartbeat::HeartbeatConfig;
use tokio::time::{advance, sleep};

use crate::words::{Began, end_of, hear, linked, say, secs};

#[tokio::test(start_paused = true)]
async fn after_a_pause_of_its_own_what_came_meanwhile_counts_before_anybody_is_judged() {
    let (mut link, mut far) = linked(HeartbeatConfig::provider());
    let reader = tokio::spawn(async move {
        let frame = link.next().await.unwrap().unwrap();
        (frame, link)
    });
    tokio::task::yield_now().await;
    // Said in time, and read by nobody before all is late.
    say(&mut far, "in time").await;
    advance(secs(100)).await;
    let (frame, link) = reader.await.unwrap();
    assert_eq!((frame.as_str(), link.ended()), ("in time", None));
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_of_its_own_there_is_time_to_be_heard_and_the_dead_go_then() {
    let (link, mut far) = linked(HeartbeatConfig::provider());
    let began = Began::now();
    let end = tokio::spawn(end_of(link, began));
    tokio::task::yield_now().await;
    advance(secs(100)).await;
    assert!(hear(&mut far).await.unwrap().starts_with("ping"));
    let (ended, after) = end.await.unwrap();
    assert!(matches!(ended, Ended::Silent { .. }));
    assert!((104.9..105.1).contains(&after), "{after}");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_judged_before_what_has_arrived_is_read_though_the_application_does_not_read_it() {
    let (mut link, mut far) = linked(HeartbeatConfig::provider());
    assert!(link.next().now_or_never().is_none());
    // Too late for the guard to know that the application does not read on.
    sleep(Duration::from_millis(39_500)).await;
    say(&mut far, "in time").await;
    sleep(secs(10)).await;
    assert_eq!(link.ended(), None);
    assert_eq!(link.next().await.unwrap().unwrap(), "in time");
}
