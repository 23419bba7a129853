//! Who pings when, who answers, and who gives up when nothing is heard.

use futures_util::{SinkExt, StreamExt};
use lubdub_link::framed::{Ended, Link};
use lubdub_link::heartbeat::{HeartbeatConfig, Pings};
use tokio::time::sleep;

use crate::words::{Began, Heading, Sniffed, Words, end_of, hear, linked, patient, say, secs, wires};

#[tokio::test(start_paused = true)]
async fn both_ends_ping_and_each_answers_with_the_same_id_within_one_interval() {
    let each = HeartbeatConfig { pings: Pings::EachInterval, ..HeartbeatConfig::consumer() };
    let provider = HeartbeatConfig { pings: Pings::EachInterval, ..HeartbeatConfig::provider() };
    let mut sniffed = Sniffed::new(each, provider, None);
    tokio::select! {
        _ = sniffed.consumer.next() => panic!("it ended"),
        _ = sniffed.provider.next() => panic!("it ended"),
        () = sleep(secs(31)) => {}
    }
    let heard = sniffed.heard();
    for heading in [Heading::ToProvider, Heading::ToConsumer] {
        let lines: Vec<_> = heard
            .iter()
            .filter(|(_, there, _)| *there == heading)
            .map(|(_, _, line)| line.as_str())
            .collect();
        assert_eq!(lines, ["ping 1", "pong 1"], "{heading:?}");
    }
    assert_eq!(sniffed.consumer.pulse().round_trip().samples(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_idle_pair_of_the_usual_settings_lives_on_its_beats() {
    let mut sniffed = Sniffed::new(HeartbeatConfig::consumer(), HeartbeatConfig::provider(), None);
    tokio::select! {
        _ = sniffed.consumer.next() => panic!("it ended"),
        _ = sniffed.provider.next() => panic!("it ended"),
        () = sleep(secs(3_600)) => {}
    }
    let pings = |heading| {
        let heard = sniffed.heard();
        heard.iter().filter(|(_, there, line)| *there == heading && line.starts_with("ping")).count()
    };
    // In some intervals the ping of one end is what keeps the other from its own.
    assert!((100..=130).contains(&pings(Heading::ToProvider)), "{}", pings(Heading::ToProvider));
    assert_eq!(sniffed.consumer.pulse().unanswered(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_interval_of_one_second_makes_a_ping_each_second() {
    let config = HeartbeatConfig { interval: secs(1), ..patient() };
    let (mut link, mut far) = linked(config);
    tokio::spawn(async move { link.next().await });
    let began = Began::now();
    for id in 1..=10_u32 {
        assert_eq!(hear(&mut far).await, Some(format!("ping {id}")));
        assert_eq!(began.elapsed().as_millis() / 10, u128::from(id) * 100);
    }
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_hears_nothing_pings_each_interval() {
    let (mut link, mut far) = linked(patient());
    tokio::spawn(async move { link.next().await });
    let began = Began::now();
    for minutes in 1..=3 {
        for at in [minutes * 60 - 30, minutes * 60] {
            assert!(hear(&mut far).await.unwrap().starts_with("ping"));
            assert_eq!(began.elapsed().as_secs(), at);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_reads_and_never_answers_is_closed_though_the_provider_pings_it() {
    let (link, mut far) = linked(HeartbeatConfig::provider());
    let began = Began::now();
    let provider = tokio::spawn(end_of(link, began));
    let mut heard = Vec::new();
    while let Some(line) = hear(&mut far).await {
        heard.push((began.elapsed().as_secs(), line));
    }
    assert_eq!(heard, [(30, "ping 1".to_owned())]);
    let (ended, after) = provider.await.unwrap();
    assert_eq!(ended, Ended::Silent { lasted: secs(40) });
    assert!((40.0..40.1).contains(&after), "{after}");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_cut_in_one_direction_ends_on_both_sides_in_30_to_60_seconds() {
    for heading in [Heading::ToProvider, Heading::ToConsumer] {
        // What is said until then makes the cut fall anywhere in an interval.
        for cut in [0, 7, 29, 31, 44, 59, 65] {
            let cut = secs(cut);
            let sniffed =
                Sniffed::new(HeartbeatConfig::consumer(), HeartbeatConfig::provider(), Some((heading, cut)));
            let began = Began::now();
            let (consumer, provider) =
                tokio::join!(end_of(sniffed.consumer, began), end_of(sniffed.provider, began));
            // The last beat before the cut was at a multiple of the interval.
            let silent_since = cut.as_secs().saturating_sub(1) / 30 * 30;
            let (who, after) = match heading {
                Heading::ToProvider => (&provider, provider.1 - silent_since as f64),
                Heading::ToConsumer => (&consumer, consumer.1 - silent_since as f64),
            };
            assert!((30.0..=60.1).contains(&after), "{heading:?}, {cut:?}: {after}, {who:?}");
            match (heading, &who.0) {
                (Heading::ToProvider, Ended::Silent { .. })
                | (Heading::ToConsumer, Ended::Unanswered { pings: 1, .. }) => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_with_traffic_in_both_directions_carries_no_beats() {
    let (mut link, mut far) = linked(HeartbeatConfig::consumer());
    for number in 0..100 {
        link.send(format!("call {number}")).await.unwrap();
        assert_eq!(hear(&mut far).await, Some(format!("call {number}")));
        say(&mut far, &format!("answer {number}")).await;
        assert_eq!(link.next().await.unwrap().unwrap(), format!("answer {number}"));
        sleep(secs(20)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_only_listens_pings_so_that_its_provider_does_not_close() {
    let (near, far) = wires(1_000);
    let mut consumer = Link::new(near, Words, HeartbeatConfig::consumer()).unwrap();
    let mut provider = Link::new(far, Words, HeartbeatConfig::provider()).unwrap();
    tokio::spawn(async move { while let Some(Ok(_)) = consumer.next().await {} });
    for news in 0..60 {
        provider.send(format!("news {news}")).await.unwrap();
        tokio::select! {
            _ = provider.next() => panic!("it ended: {:?}", provider.ended()),
            () = sleep(secs(10)) => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_quiet_link_answers_and_does_nothing_else() {
    let (mut link, mut far) = linked(HeartbeatConfig::quiet());
    tokio::spawn(async move { link.next().await });
    sleep(secs(100_000)).await;
    say(&mut far, "ping 5").await;
    assert_eq!(hear(&mut far).await, Some("pong 5".to_owned()));
    assert_eq!(hear(&mut far).await, None);
}
