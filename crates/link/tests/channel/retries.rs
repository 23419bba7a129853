//! What happens to a call that fails.

use std::time::Duration;

use http::{HeaderValue, Request};
use lubdub_link::channel::{Channel, ChannelSetup, IsIdempotent};
use tokio::time::timeout;
use tonic::Code;
use tonic::body::Body;
use tower::ServiceExt;

use crate::scripted::{Does, Script, call, request};

/// Three endpoints, in turn; the first two of them fail like this.
async fn failing(test: &str, does: Does, set: impl Fn(ChannelSetup) -> ChannelSetup) -> (Script, Channel) {
    let script = Script::default();
    let setup = script.setup(test, ["a:1", "b:1", "c:1"].map(str::to_owned)).strategy("round-robin");
    let channel = set(setup).open().await.unwrap();
    script.does("a:1", does);
    script.does("b:1", does);
    (script, channel)
}

fn called(script: &Script) -> [usize; 3] {
    ["a:1", "b:1", "c:1"].map(|address| script.calls(address))
}

#[tokio::test(start_paused = true)]
async fn a_call_of_which_nothing_was_sent_is_made_elsewhere_whatever_it_does() {
    let (script, channel) = failing("unsent", Does::Refuse, |setup| setup).await;
    for _ in 0..4 {
        assert_eq!(call(&channel, request("place it")).await, Code::Ok);
    }
    assert_eq!(script.messages("c:1"), ["place it"; 4]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_may_have_been_received_is_not_made_twice() {
    let (script, channel) = failing("sent", Does::Break, |setup| setup).await;
    let codes = [
        call(&channel, request("1")).await,
        call(&channel, request("2")).await,
        call(&channel, request("3")).await,
    ];
    assert_eq!(codes.iter().filter(|code| **code == Code::Ok).count(), 1, "{codes:?}");
    assert_eq!(called(&script), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_method_that_was_said_to_be_idempotent_is_called_again_with_the_whole_message() {
    for (test, does) in [("broken", Does::Break), ("unavailable", Does::Say(Code::Unavailable))] {
        let (script, channel) = failing(test, does, |setup| setup.idempotent("/shop.v1.Orders/Place")).await;
        assert_eq!(call(&channel, request("place it")).await, Code::Ok);
        let messages: Vec<_> =
            ["a:1", "b:1", "c:1"].iter().flat_map(|address| script.messages(address)).collect();
        assert!(messages.iter().all(|message| message == "place it"), "{messages:?}");
        assert_eq!(script.calls("c:1"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_single_call_can_say_that_it_is_idempotent() {
    let (script, channel) = failing("marked", Does::Break, |setup| setup).await;
    for _ in 0..3 {
        let mut marked = request("place it");
        marked.extensions_mut().insert(IsIdempotent);
        assert_eq!(call(&channel, marked).await, Code::Ok);
    }
    assert_eq!(script.calls("c:1"), 3);
}

#[tokio::test(start_paused = true)]
async fn no_endpoint_is_tried_twice_and_the_last_failure_is_told_with_its_address() {
    let (script, channel) = failing("all fail", Does::Refuse, |setup| setup.attempts(9)).await;
    script.does("c:1", Does::Refuse);
    let status = channel.clone().oneshot(request("place it")).await.unwrap_err();
    assert_eq!(called(&script), [1, 1, 1]);
    assert!(status.message().contains(":1 ("), "{status}");
}

#[tokio::test(start_paused = true)]
async fn who_fails_fast_tries_once() {
    let (script, channel) = failing("fail fast", Does::Refuse, ChannelSetup::fail_fast).await;
    for _ in 0..3 {
        call(&channel, request("place it")).await;
    }
    assert_eq!(called(&script), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_business_error_is_never_tried_again() {
    let (script, channel) =
        failing("business error", Does::Say(Code::AlreadyExists), ChannelSetup::all_idempotent).await;
    for _ in 0..3 {
        call(&channel, request("place it")).await;
    }
    assert_eq!(called(&script), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_too_long_to_be_kept_is_sent_once() {
    let (script, channel) =
        failing("too long", Does::Break, |setup| setup.all_idempotent().replay_limit(4)).await;
    let codes =
        [call(&channel, request("long message")).await, call(&channel, request("long message")).await];
    assert_eq!(called(&script).iter().sum::<usize>(), 2, "{codes:?}");
    assert!(codes.iter().any(|code| *code != Code::Ok));
}

/// A request whose caller waits so long.
fn patient(timeout: &'static str) -> Request<Body> {
    let mut request = request("place it");
    request.headers_mut().insert("grpc-timeout", HeaderValue::from_static(timeout));
    request
}

#[tokio::test(start_paused = true)]
async fn attempts_share_the_time_that_the_caller_gave() {
    let late = Does::Late(Duration::from_millis(60), Code::Unavailable);
    let (script, channel) = failing("deadline", late, ChannelSetup::all_idempotent).await;
    script.does("c:1", late);
    // The second attempt ends too late for a third.
    assert_eq!(call(&channel, patient("100m")).await, Code::Unavailable);
    assert_eq!(called(&script).iter().sum::<usize>(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_time_is_over_asks_nobody_and_blames_nobody() {
    let (script, channel) = failing("no time", Does::Break, ChannelSetup::all_idempotent).await;
    for _ in 0..20 {
        assert_eq!(call(&channel, patient("0n")).await, Code::DeadlineExceeded);
    }
    assert_eq!(called(&script), [0, 0, 0]);
    assert!(channel.links().iter().all(|link| link.is_available));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_begins_and_does_not_end_in_time_is_a_failure() {
    let (_script, channel) = failing("no end", Does::Begin, |setup| setup).await;
    let codes = [
        call(&channel, patient("2S")).await,
        call(&channel, patient("2S")).await,
        call(&channel, patient("2S")).await,
    ];
    assert_eq!(codes.iter().filter(|code| **code == Code::DeadlineExceeded).count(), 2, "{codes:?}");
    let failures: u32 = channel.links().iter().map(|link| link.failures).sum();
    assert_eq!(failures, 2);
    assert!(channel.links().iter().all(|link| link.calls == 0));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_given_up_says_nothing_of_its_endpoint() {
    let (_script, channel) = failing("given up", Does::Swallow, |setup| setup).await;
    for _ in 0..30 {
        drop(timeout(Duration::from_millis(1), call(&channel, request("place it"))).await);
    }
    assert!(channel.links().iter().all(|link| link.is_available && link.failures == 0 && link.calls == 0));
}
