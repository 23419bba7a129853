//! Whom calls go to, and who is probed.

use std::time::Duration;

use tokio::time::{advance, sleep};
use tonic::Code;

use crate::scripted::{Does, Script, call, calls, request};

fn addresses(number: usize) -> Vec<String> {
    (0..number).map(|place| format!("10.0.0.{place}:80")).collect()
}

const FIRST: &str = "10.0.0.0:80";
const SECOND: &str = "10.0.0.1:80";
const STEP: Duration = Duration::from_millis(10);

#[tokio::test(start_paused = true)]
async fn nine_failures_an_answer_and_nine_more_leave_an_endpoint_in_and_ten_in_a_row_take_it_out() {
    let script = Script::default();
    let channel = script.setup("nine failures", addresses(1)).open().await.unwrap();
    for does in [Does::Say(Code::Unavailable), Does::Say(Code::Ok), Does::Break] {
        script.does(FIRST, does);
        let number = if does == Does::Say(Code::Ok) { 1 } else { 9 };
        calls(&channel, number).await;
        assert!(channel.links()[0].is_available, "{does:?}");
    }
    assert_eq!(channel.links()[0].failures, 9);
    calls(&channel, 1).await;
    let link = &channel.links()[0];
    assert!(!link.is_available);
    assert_eq!(link.last_failure.as_deref(), Some("Break"));
}

#[tokio::test(start_paused = true)]
async fn a_business_error_is_an_answer() {
    let script = Script::default();
    let channel = script.setup("business errors", addresses(1)).open().await.unwrap();
    script.does(FIRST, Does::Break);
    calls(&channel, 9).await;
    script.does(FIRST, Does::Say(Code::FailedPrecondition));
    assert_eq!(calls(&channel, 30).await, [Code::FailedPrecondition; 30]);
    assert!(channel.links()[0].is_available);
    assert_eq!(channel.links()[0].failures, 0);
}

#[tokio::test(start_paused = true)]
async fn calls_go_elsewhere_while_an_endpoint_is_unavailable_and_return_within_a_second_of_its_recovery() {
    let script = Script::default();
    let setup = script.setup("recovery", addresses(2)).strategy("round-robin").fail_fast();
    let channel = setup.open().await.unwrap();
    script.does(FIRST, Does::Break);
    calls(&channel, 20).await;
    assert!(!channel.links()[0].is_available);
    let before = script.calls(FIRST);
    assert_eq!(calls(&channel, 50).await, [Code::Ok; 50]);
    assert_eq!(script.calls(FIRST), before);
    sleep(Duration::from_secs(3)).await;
    assert!((5..=6).contains(&script.probes(FIRST)), "each half second: {}", script.probes(FIRST));
    assert!(!channel.links()[0].is_available);
    script.does(FIRST, Does::Say(Code::Ok));
    sleep(Duration::from_millis(999)).await;
    assert!(channel.links()[0].is_available);
    let probes = channel.probes_sent();
    sleep(Duration::from_secs(60)).await;
    assert_eq!(channel.probes_sent(), probes, "who is back is asked no more");
    calls(&channel, 100).await;
    assert!(script.calls(FIRST) > before);
}

#[tokio::test(start_paused = true)]
async fn one_recovers_within_a_second_beside_twenty_that_swallow_everything() {
    let script = Script::default();
    let setup = script.setup("twenty black holes", addresses(21)).strategy("round-robin").fail_fast();
    let channel = setup.open().await.unwrap();
    for address in addresses(21) {
        script.does(&address, Does::Refuse);
    }
    calls(&channel, 21 * 5).await;
    assert!(channel.links().iter().all(|link| !link.is_available));
    for address in addresses(21) {
        script.does(&address, Does::Swallow);
    }
    sleep(Duration::from_secs(30)).await;
    script.does(FIRST, Does::Say(Code::Ok));
    // The probe that was swallowed is out until its time is over.
    let mut recovering = Duration::ZERO;
    while !channel.links()[0].is_available {
        advance(STEP).await;
        recovering += STEP;
    }
    assert!(recovering <= Duration::from_millis(1_000), "{recovering:?}");
    assert_eq!(channel.links().iter().filter(|link| link.is_available).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_probed_while_everybody_answers() {
    let script = Script::default();
    let channel = script.setup("healthy", addresses(5)).open().await.unwrap();
    for _ in 0..20 {
        calls(&channel, 10).await;
        sleep(Duration::from_secs(600)).await;
    }
    assert_eq!(channel.probes_sent(), 0);
    assert!(addresses(5).iter().all(|address| script.probes(address) == 0));
}

#[tokio::test(start_paused = true)]
async fn a_link_that_falls_silent_is_avoided_before_any_call_fails() {
    let script = Script::default();
    let setup = script.setup("silent", addresses(2)).strategy("round-robin");
    let channel = setup.open().await.unwrap();
    calls(&channel, 4).await;
    script.does(SECOND, Does::Swallow);
    script.falls_silent(SECOND);
    assert!(!channel.links()[1].is_available);
    assert_eq!(calls(&channel, 20).await, [Code::Ok; 20]);
    assert_eq!(script.calls(SECOND), 2);
    assert_eq!(channel.links()[1].last_failure.as_deref(), Some("no beat was answered"));
}

#[tokio::test(start_paused = true)]
async fn where_all_are_unavailable_calls_are_tried_all_the_same_and_one_that_is_answered_brings_one_back() {
    let script = Script::default();
    let channel = script.setup("last resort", addresses(2)).open().await.unwrap();
    for address in addresses(2) {
        script.does(&address, Does::Refuse);
    }
    calls(&channel, 20).await;
    assert!(channel.links().iter().all(|link| !link.is_available));
    script.does(FIRST, Does::Say(Code::Ok));
    assert_eq!(call(&channel, request("now")).await, Code::Ok);
    assert!(channel.links()[0].is_available);
    assert_eq!(channel.probes_sent(), 0, "it needed none");
}

#[tokio::test(start_paused = true)]
async fn calls_and_connections_are_counted_and_nothing_is_left_when_a_channel_is_dropped() {
    let script = Script::default();
    let channel = script.setup("leaks", addresses(3)).strategy("round-robin").open().await.unwrap();
    assert_eq!(script.wires(), 3);
    script.does(FIRST, Does::Swallow);
    let waiting: Vec<_> = (0..3)
        .map(|_| {
            let channel = channel.clone();
            tokio::spawn(async move { call(&channel, request("held")).await })
        })
        .collect();
    sleep(Duration::from_millis(1)).await;
    let held = |channel: &lubdub_link::channel::Channel| {
        channel.links().iter().map(|link| (link.calls, link.connections)).collect::<Vec<_>>()
    };
    assert_eq!(held(&channel), [(1, 1), (0, 1), (0, 1)]);
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
    sleep(Duration::from_millis(1)).await;
    assert_eq!(held(&channel)[0], (0, 1));
    // Also while it is being probed.
    script.falls_silent(FIRST);
    sleep(Duration::from_secs(5)).await;
    let probes = script.probes(FIRST);
    assert!(probes > 0);
    drop(channel);
    sleep(Duration::from_secs(5)).await;
    assert_eq!(script.wires(), 0);
    assert!(script.probes(FIRST) <= probes + 1);
}
