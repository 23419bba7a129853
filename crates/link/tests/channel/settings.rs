//! What a channel refuses to be opened with.

use std::time::Duration;

use lubdub_balance::Config;
use lubdub_client::Registry;
use lubdub_link::availability::AvailabilitySettings;
use lubdub_link::channel::{ChannelFault, ChannelSetup, KeepAlive, channel};
use tonic::Code;
use tower::ServiceExt;

use crate::scripted::request;

async fn told(setup: ChannelSetup) -> String {
    setup.open().await.map(drop).unwrap_err().to_string()
}

fn direct() -> ChannelSetup {
    channel("orders").direct(["127.0.0.1:1"])
}

#[tokio::test]
async fn settings_that_cannot_be_are_refused_with_what_is_expected() {
    assert_eq!(
        told(channel("orders")).await,
        "nobody says where \"orders\" is called; give the channel a registry, or addresses with `direct`"
    );
    let registry = Registry::at("lubdub://127.0.0.1:1").unwrap();
    assert_eq!(
        told(direct().registry(&registry)).await,
        "both a registry and addresses say where \"orders\" is called; expected is one of them"
    );
    assert_eq!(
        told(channel("orders").direct(["a:1", "b:1", "a:1"])).await,
        "\"a:1\" is given twice; expected is each address once"
    );
    for address in ["a", "a:0", "", ":1", "a b:1", "http://a:1", "a:99999"] {
        let fault = told(channel("orders").direct([address])).await;
        assert_eq!(fault, format!("{address:?} is no address to call; expected is host:port"));
    }
    assert_eq!(told(direct().attempts(0)).await, "attempts is 0; expected at least 1");
    let availability = AvailabilitySettings { failures: 0, ..AvailabilitySettings::default() };
    assert_eq!(
        told(direct().availability(availability)).await,
        "failures is 0; expected at least 1 failure in a row"
    );
    let keep_alive = KeepAlive { timeout: Duration::ZERO, ..KeepAlive::default() };
    assert_eq!(told(direct().keep_alive(keep_alive)).await, "timeout is 0ns; expected from 1ms to a year");
    assert_eq!(
        told(direct().beat_every(Duration::ZERO)).await,
        "interval is 0ns; expected from 1ms to a year"
    );
    assert!(told(direct().beat_every(Duration::MAX)).await.ends_with("expected from 1ms to a year"));
    let slow_start = Config { slow_start_share: 2.0, ..Config::default() };
    assert!(told(direct().balancing(slow_start)).await.starts_with("slow_start_share is 2"));
}

#[tokio::test]
async fn a_registry_that_is_not_there_is_told_as_the_sdk_tells_it() {
    let registry = Registry::at("lubdub://127.0.0.1:1").unwrap();
    let fault = channel("orders").registry(&registry).open().await.map(drop).unwrap_err();
    assert!(matches!(fault, ChannelFault::Registry(_)), "{fault}");
}

#[tokio::test]
async fn a_call_to_where_nobody_listens_says_where_and_why() {
    let channel = direct().open().await.unwrap();
    let status = channel.oneshot(request("hello")).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.message().contains("no connection to 127.0.0.1:1"), "{status}");
}
