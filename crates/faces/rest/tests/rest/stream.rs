//! The stream of events: what a subscriber is told, and where it goes on.

use std::time::Duration;

use crate::face::Face;
use axum::body::Body;
use http_body_util::BodyExt;
use lubdub_core::Command;
use lubdub_core::model::InstanceKey;
use lubdub_rest::RestConfig;
use lubdub_runtime::RuntimeConfig;
use lubdub_testkit::provider;

const STREAM: (&str, &str) = ("accept", "text/event-stream");

/// A stream, read block by block.
struct Stream {
    body: Body,
    read: String,
}

impl Stream {
    async fn open(face: &Face, path: &str, headers: &[(&str, &str)]) -> Self {
        let response = face.open("GET", path, &[&[STREAM], headers].concat()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self { body: response.into_body(), read: String::new() };
        let hello = stream.block().await.expect("a stream says hello");
        assert!(hello.starts_with(": watching from revision "), "{hello}");
        stream
    }

    /// The next block, without its end; none when the stream ended.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.read.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.read = rest;
                return Some(block);
            }
            let waiting = tokio::time::timeout(Duration::from_secs(20), self.body.frame());
            let frame =
                waiting.await.unwrap_or_else(|_| panic!("the stream is silent after {:?}", self.read))?;
            let data = frame.unwrap_or_else(|error| panic!("the stream broke: {error}"));
            self.read
                .push_str(std::str::from_utf8(data.data_ref().map_or(&[], |data| data)).unwrap_or_default());
        }
    }

    /// The next block's id, event and data.
    async fn event(&mut self) -> (Option<u64>, String, serde_json::Value) {
        let block = self.block().await.unwrap_or_else(|| panic!("the stream ended"));
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
        let id = field("id: ").and_then(|id| id.parse().ok());
        let data = field("data: ").and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default();
        (id, field("event: ").unwrap_or_default().to_owned(), data)
    }
}

#[tokio::test]
async fn a_change_is_told_when_it_happens() {
    let face = Face::new();
    let mut stream = Stream::open(&face, "/api/v1/events", &[]).await;
    let revision = face.register(provider("orders", "a")).await;
    let (id, event, data) = stream.event().await;
    assert_eq!((id, event.as_str()), (Some(revision.0), "change"));
    assert_eq!((&data["service"], &data["cause"]["name"]), (&"orders".into(), &"registered".into()));
    face.run(Command::Deregister { key: InstanceKey::new("orders", "a") }).await;
    assert_eq!(stream.event().await.2["change"], "removed");
}

#[tokio::test]
async fn a_subscriber_of_one_service_is_told_of_that_alone_also_before_it_exists() {
    let face = Face::new();
    let mut stream = Stream::open(&face, "/api/v1/events?service=STOCK", &[]).await;
    face.register(provider("orders", "a")).await;
    face.register(provider("stock", "b")).await;
    assert_eq!(stream.event().await.2["id"], "b");
}

#[tokio::test]
async fn a_stream_that_broke_off_goes_on_after_its_last_event() {
    let face = Face::new();
    let mut stream = Stream::open(&face, "/api/v1/events", &[]).await;
    face.register(provider("orders", "a")).await;
    let last = stream.event().await.0.expect("a change has an id").to_string();
    drop(stream);
    face.register(provider("orders", "b")).await;
    let mut resumed = Stream::open(&face, "/api/v1/events?since=1", &[("last-event-id", &last)]).await;
    assert_eq!(resumed.event().await.2["id"], "b");
    let mut asked = Stream::open(&face, &format!("/api/v1/events?since={last}"), &[]).await;
    assert_eq!(asked.event().await.2["id"], "b");
}

#[tokio::test]
async fn whoever_fell_off_the_ring_is_told_to_begin_anew() {
    let mut registry = RuntimeConfig::default();
    registry.core.feed_capacity = 2;
    let face = Face::with(registry, RestConfig::default());
    let mut stream = Stream::open(&face, "/api/v1/events?since=1", &[]).await;
    let (id, event, data) = stream.event().await;
    assert_eq!((event.as_str(), &data["instances"]), ("reset", &0.into()));
    assert_eq!(id, data["revision"].as_u64());
    // It reads nothing while more happens than the ring holds.
    for id in ["a", "b", "c", "d"] {
        face.register(provider("orders", id)).await;
    }
    let (id, event, data) = stream.event().await;
    assert_eq!((event.as_str(), &data["instances"]), ("reset", &4.into()));
    let next = face.register(provider("orders", "e")).await;
    let (after, _, data) = stream.event().await;
    assert_eq!((after, &data["id"]), (Some(next.0), &"e".into()));
    assert!(id < after);
}

#[tokio::test]
async fn a_burst_is_told_in_order_and_whole() {
    let face = Face::new();
    let mut stream = Stream::open(&face, "/api/v1/events", &[]).await;
    for number in 0..1_000 {
        face.register(provider("orders", &number.to_string())).await;
    }
    for number in 0..1_000 {
        assert_eq!(stream.event().await.2["id"], number.to_string());
    }
}

#[tokio::test]
async fn a_quiet_stream_says_that_it_is_there_and_where_to_resume() {
    let config = RestConfig { keep_alive: Duration::from_millis(10), ..RestConfig::default() };
    let face = Face::with(RuntimeConfig::default(), config);
    let mut stream = Stream::open(&face, "/api/v1/events?service=stock", &[]).await;
    let elsewhere = face.register(provider("orders", "a")).await;
    let expected = format!(": still here\nid: {elsewhere}");
    while stream.block().await.is_some_and(|block| block != expected) {}
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let face = Face::new();
    let mut stream = Stream::open(&face, "/api/v1/events", &[]).await;
    face.stop_streams();
    assert_eq!(stream.block().await, None);
}

#[tokio::test]
async fn only_so_many_subscribers_are_served_and_a_place_is_given_back() {
    let config = RestConfig { max_subscribers: 1, ..RestConfig::default() };
    let face = Face::with(RuntimeConfig::default(), config);
    let first = Stream::open(&face, "/api/v1/events", &[]).await;
    let refused = face.send("GET", "/api/v1/events", &[STREAM]).await;
    assert_eq!((refused.status, refused.kind.as_str()), (503, "application/problem+json"));
    assert!(refused.text.contains("limits.max_subscribers"), "{}", refused.text);
    drop(first);
    Stream::open(&face, "/api/v1/events", &[]).await;
}

#[tokio::test]
async fn a_place_to_resume_that_is_none_is_refused() {
    let face = Face::new();
    let refused = face.send("GET", "/api/v1/events", &[STREAM, ("last-event-id", "x")]).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text.contains("Last-Event-ID"), "{}", refused.text);
}
