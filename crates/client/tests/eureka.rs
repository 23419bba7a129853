//! What Eureka's clients are known for, against a server that counts, hangs and answers as it is told.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod stub;

use std::future::Future;
use std::time::Duration;

use lubdub_client::{Config, Error, Instance, Registry, State, Switch};
use stub::{Answer, Stub};

async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), what).await.expect("nothing came of it in time")
}

fn registry(stub: &Stub, query: &str) -> Registry {
    let url = format!("eureka://{}?{query}", stub.address());
    Registry::with(&url, Config::default().switch(Switch::on())).unwrap()
}

fn instance(id: &str) -> Instance {
    Instance::new("orders", "127.0.0.1", 8080).with_id(id)
}

#[tokio::test]
async fn the_usual_lease_is_renewed_each_30_seconds_and_lasts_90() {
    let stub = Stub::start(|_| Answer::Status(204));
    let _provider = within(registry(&stub, "").provide(instance("a"))).await.unwrap();
    let registration = stub.requests().remove(0);
    assert_eq!(registration.line(), "POST /eureka/apps/ORDERS");
    assert!(registration.body.contains(r#""durationInSecs":90"#), "{}", registration.body);
    assert!(registration.body.contains(r#""renewalIntervalInSecs":30"#), "{}", registration.body);
}

#[tokio::test]
async fn the_first_beat_comes_after_one_interval_and_each_names_service_and_instance() {
    let stub = Stub::start(|request| Answer::Status(if request.method == "POST" { 204 } else { 200 }));
    let interval = Duration::from_millis(300);
    let registry = registry(&stub, "timeout=1s&interval=300ms");
    let provider = within(registry.provide(instance("a b"))).await.unwrap();
    within(provider.until(|status| status.beats == 3)).await;
    let requests = stub.requests();
    assert_eq!(requests.len(), 4, "{requests:?}");
    for beat in &requests[1..] {
        assert!(
            beat.target.starts_with("/eureka/apps/ORDERS/a%20b?status=UP&lastDirtyTimestamp="),
            "{beat:?}"
        );
    }
    // Never early; how late is the machine's business.
    for pair in requests.windows(2) {
        assert!(pair[1].at - pair[0].at > interval.mul_f64(0.8), "{requests:?}");
    }
}

#[tokio::test]
async fn an_unknown_lease_is_registered_at_once_whatever_the_404_says() {
    let stub = Stub::start(|request| match request.method.as_str() {
        "POST" => Answer::Status(204),
        _ => Answer::With(404, r#"{"timestamp":1,"status":404,"error":"Not Found"}"#),
    });
    let registry = registry(&stub, "timeout=1m&interval=500ms");
    let provider = within(registry.provide(instance("a"))).await.unwrap();
    let status = within(provider.until(|status| status.registrations == 2)).await;
    assert_eq!((status.forgotten, status.failures), (1, 0));
    let requests = stub.requests();
    let lines: Vec<_> = requests.iter().map(|request| request.method.as_str()).collect();
    assert_eq!(lines, ["POST", "PUT", "POST"]);
    // With nothing between the two but the way to us and back: not the next interval.
    assert!(requests[2].at - requests[1].at < Duration::from_millis(400), "{requests:?}");
}

#[tokio::test]
async fn a_beat_that_hangs_holds_up_no_other_instance() {
    let stub = Stub::start(|request| match request.method.as_str() {
        "POST" => Answer::Status(204),
        _ if request.target.contains("/hung?") => Answer::Never,
        _ => Answer::Status(200),
    });
    let registry = registry(&stub, "timeout=1m&interval=300ms");
    let hung = within(registry.provide(instance("hung"))).await.unwrap();
    let other = within(registry.provide(instance("other"))).await.unwrap();
    within(hung.until(|status| status.failures >= 1)).await;
    let beats = other.status().beats;
    within(other.until(|status| status.beats > beats + 3)).await;
    assert!(matches!(hung.status().last_error, Some(Error::TimedOut { .. })));
    assert_eq!(other.status().state, State::Registered);
}

#[tokio::test]
async fn beats_that_time_out_come_less_and_less_often_and_as_before_when_one_is_answered() {
    let stub = Stub::start(|request| Answer::Status(if request.method == "POST" { 204 } else { 200 }));
    let interval = Duration::from_millis(200);
    let registry = registry(&stub, "timeout=1m&interval=200ms");
    let provider = within(registry.provide(instance("a"))).await.unwrap();
    stub.answer(|_| Answer::Never);
    within(provider.until(|status| status.failures_in_a_row == 3)).await;
    let beats: Vec<_> = stub.requests().into_iter().filter(|request| request.method == "PUT").collect();
    let hung = &beats[beats.len() - 3..];
    // Each waits for an answer for one interval first; the pause after it is jittered by a tenth.
    for (pair, pause) in hung.windows(2).zip([2.0, 4.0]) {
        assert!(pair[1].at - pair[0].at > interval.mul_f64(1.0 + pause * 0.9), "{beats:?}");
    }
    stub.answer(|_| Answer::Status(200));
    let known = provider.status().beats;
    let status = within(provider.until(|status| status.beats > known + 1)).await;
    assert_eq!((status.failures_in_a_row, status.state), (0, State::Registered));
}

#[tokio::test]
async fn beats_go_on_while_the_program_is_busy() {
    let stub = Stub::start(|request| Answer::Status(if request.method == "POST" { 204 } else { 200 }));
    let registry = registry(&stub, "timeout=1m&interval=200ms");
    let _provider = within(registry.provide(instance("a"))).await.unwrap();
    // The only thread of this test's runtime does something else until three more beats came.
    stub.wait_for(4, Duration::from_secs(30));
    #[cfg(target_os = "linux")]
    {
        let threads = std::fs::read_dir("/proc/self/task").unwrap().filter_map(Result::ok);
        let names = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("comm")).ok());
        assert!(names.into_iter().any(|name| name.trim() == "lubdub-beats"));
    }
}

#[tokio::test]
async fn only_what_is_registered_is_beaten_for() {
    let stub = Stub::start(|request| Answer::Status(if request.method == "POST" { 204 } else { 200 }));
    let registry = registry(&stub, "timeout=1m&interval=200ms");
    let leaves = within(registry.provide(instance("leaves"))).await.unwrap();
    let stays = within(registry.provide(instance("stays"))).await.unwrap();
    drop(leaves);
    let known = stays.status().beats;
    within(stays.until(|status| status.beats > known + 3)).await;
    let requests = stub.requests();
    let left = requests.iter().position(|request| request.method == "DELETE").expect("it left");
    assert!(requests[left].target.ends_with("/leaves"));
    assert!(!requests[left + 1..].iter().any(|request| request.target.contains("leaves")), "{requests:?}");
}

#[tokio::test]
async fn the_status_tells_when_the_last_beat_was_answered_and_what_failed() {
    let stub = Stub::start(|request| Answer::Status(if request.method == "POST" { 204 } else { 200 }));
    let registry = registry(&stub, "timeout=1m&interval=200ms");
    let provider = within(registry.provide(instance("a"))).await.unwrap();
    within(provider.until(|status| status.beats == 2)).await;
    stub.answer(|_| Answer::With(503, "overrun"));
    let status = within(provider.until(|status| status.failures == 2)).await;
    assert_eq!(status.state, State::Retrying);
    let Some(Error::Refused { status: code, reason, .. }) = &status.last_error else { panic!("{status:?}") };
    assert_eq!((code.as_str(), reason.as_str()), ("503", "overrun"));
    let last = status.last_success.unwrap();
    let again = within(provider.until(|status| status.failures == 3)).await;
    assert_eq!(again.last_success, Some(last));
    assert_eq!((again.registrations, again.beats), (1, status.beats));
}

#[tokio::test]
async fn credentials_are_sent_and_wrong_ones_are_told() {
    let stub = Stub::start(|request| match request.authorization.as_deref() {
        // me:right
        Some("Basic bWU6cmlnaHQ=") => Answer::Status(204),
        _ => Answer::Status(401),
    });
    let at = |user: &str| {
        let url = format!("eureka://{user}@{}", stub.address());
        Registry::with(&url, Config::default().switch(Switch::on())).unwrap()
    };
    let error = within(at("me:wrong").provide(instance("a"))).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
    assert!(!error.to_string().contains("wrong"), "{error}");
    let _provider = within(at("me:right").provide(instance("a"))).await.unwrap();
}

#[tokio::test]
async fn what_is_no_eureka_server_is_told() {
    let pages = Stub::start(|_| Answer::With(200, "<html>"));
    let error = within(registry(&pages, "").lookup("orders")).await.unwrap_err();
    assert!(matches!(error, Error::NotSuchARegistry { .. }), "{error}");
    let elsewhere = Stub::start(|_| Answer::Status(404));
    let error = within(registry(&elsewhere, "").provide(instance("a"))).await.unwrap_err();
    assert!(error.to_string().contains("is the path of the URL right?"), "{error}");
    let other = Stub::start(|_| Answer::Raw("-ERR unknown command\r\n"));
    let error = within(registry(&other, "").lookup("orders")).await.unwrap_err();
    assert!(matches!(error, Error::NotSuchARegistry { .. }), "{error}");
}

#[tokio::test]
async fn the_next_server_is_asked_when_one_is_gone() {
    let stub = Stub::start(|request| Answer::Status(if request.method == "POST" { 204 } else { 200 }));
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let url = format!("eureka://{free},{}?timeout=1m&interval=200ms", stub.address());
    let registry = Registry::with(&url, Config::default().switch(Switch::on())).unwrap();
    let provider = within(registry.provide(instance("a"))).await.unwrap();
    let status = within(provider.until(|status| status.beats == 2)).await;
    assert_eq!(status.failures, 0);
}
