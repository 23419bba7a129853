//! Tables of links: whoever is over is gone with the next scan, and the gauge returns to zero.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use futures_util::StreamExt;
use lubdub_link::connections::{Connections, ConnectionsConfig};
use lubdub_link::framed::{Link, Pulse};
use lubdub_link::heartbeat::HeartbeatConfig;
use lubdub_link::motan::{MotanBeats, MotanCodec};
use tokio::time::sleep;
use tokio_util::codec::Framed;

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// A link, and what holds the other end of it.
fn linked() -> (Link<Framed<tokio::io::DuplexStream, MotanCodec>, MotanBeats>, tokio::io::DuplexStream) {
    let (near, far) = tokio::io::duplex(1_000);
    let near = Framed::new(near, MotanCodec::default());
    (Link::new(near, MotanBeats, HeartbeatConfig::provider()).unwrap(), far)
}

#[tokio::test(start_paused = true)]
async fn whose_other_end_is_killed_or_silent_leaves_the_table_within_one_scan() {
    let connections = Connections::<Pulse>::scanned(ConnectionsConfig::default()).unwrap();
    let mut kept = Vec::new();
    for number in 0..100 {
        let (mut link, far) = linked();
        let entered = connections.enter(link.pulse());
        kept.push((number % 2 == 0).then_some(far));
        // The application forgets to leave.
        tokio::spawn(async move {
            while let Some(Ok(_)) = link.next().await {}
            std::mem::forget(entered);
        });
    }
    assert_eq!(connections.gauge(), 100);
    sleep(secs(59)).await;
    assert_eq!(connections.gauge(), 100, "a scan looks each minute");
    sleep(secs(2)).await;
    assert_eq!(connections.gauge(), 0);
    drop(kept);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_in_order_is_gone_at_once_and_who_lives_stays() {
    let connections = Connections::<Pulse>::scanned(ConnectionsConfig::default()).unwrap();
    let (link, far) = linked();
    let (other, _other_far) = linked();
    let (entered, left) = (connections.enter(link.pulse()), connections.enter(other.pulse()));
    drop(left);
    assert_eq!(connections.gauge(), 1);
    sleep(secs(30)).await;
    assert_eq!((connections.gauge(), link.ended()), (1, None));
    drop((entered, far));
    assert_eq!(connections.gauge(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_scan_of_one_second_looks_each_second() {
    let config = ConnectionsConfig { interval: secs(1), ..ConnectionsConfig::default() };
    let connections = Connections::<Pulse>::scanned(config).unwrap();
    for _ in 0..3 {
        let (link, _far) = linked();
        std::mem::forget(connections.enter(link.pulse()));
        drop(link);
        assert_eq!(connections.gauge(), 1);
        sleep(Duration::from_millis(1_010)).await;
        assert_eq!(connections.gauge(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn all_of_a_table_are_closed_at_once() {
    let connections = Connections::<Pulse>::scanned(ConnectionsConfig::default()).unwrap();
    let links: Vec<_> = (0..10).map(|_| linked()).collect();
    let entered: Vec<_> = links.iter().map(|(link, _)| connections.enter(link.pulse())).collect();
    connections.close_all();
    assert!(links.iter().all(|(link, _)| link.ended().is_some()));
    drop(entered);
    assert_eq!(connections.gauge(), 0);
}
