//! What comes of trying addresses, with real sockets on loopback.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use lubdub_core::feed::Filter;
use lubdub_core::lease::{LeaseId, LeaseRef, Renewal};
use lubdub_core::model::{Address, InstanceKey};
use lubdub_core::probe::ProbeConfig;
use lubdub_core::{Cause, Command, Revision, Sender, Suspicion};
use lubdub_runtime::{CarriedBeat, Handle, ProbeCounters, Runtime, RuntimeConfig};
use lubdub_testkit::provider;
use socket2::{Domain, Socket, Type};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

fn start(probe: ProbeConfig) -> Runtime {
    let mut config = RuntimeConfig::default();
    config.core.probe = probe;
    Runtime::start(config).unwrap()
}

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((LOOPBACK, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn register(handle: &Handle, id: &str, address: SocketAddr, registrant: IpAddr) -> Revision {
    let mut asked = provider("orders", id).registration();
    asked.address =
        Address { host: address.ip().to_string().into(), port: Some(address.port()), secure_port: None };
    let sender = Sender { face: "test", address: Some(registrant), operator: None };
    handle.submit(Command::Register(Box::new(asked)), sender).await.unwrap()
}

fn beat(handle: &Handle, id: &str) -> LeaseId {
    match handle.renew(LeaseRef::heartbeat("orders", id), None) {
        Renewal::Renewed { lease, .. } => lease,
        other => panic!("{other:?}"),
    }
}

/// The connection closed that carried the newest beat.
fn close(handle: &Handle, lease: LeaseId) {
    handle.connection_closed(vec![CarriedBeat { lease, at: handle.now().tick }]);
}

/// Waits until the counters are so; each reading is looked at.
async fn until(handle: &Handle, mut so: impl FnMut(ProbeCounters) -> bool) {
    let give_up = handle.tick().after(PATIENCE);
    while !so(handle.probes()) {
        assert!(handle.tick() < give_up, "{:?}", handle.probes());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn is_listed(handle: &Handle, id: &str) -> bool {
    handle.catalog().get("orders", id, "").is_some()
}

/// A listener that does not accept, and whose queue is full: who connects hears nothing.
fn fall_silent(listener: &Socket) -> Vec<TcpStream> {
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        waiting.push(stream);
        assert!(waiting.len() < 1_000, "the queue has no end");
    }
    waiting
}

fn listen_with_short_queue() -> (Socket, SocketAddr) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::new(LOOPBACK, 0).into()).unwrap();
    listener.listen(1).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    (listener, address)
}

#[tokio::test]
async fn who_refuses_after_its_connection_closed_is_gone_and_its_watcher_told() {
    let runtime = start(ProbeConfig::default());
    let handle = runtime.handle();
    let (listener, address) = listen();
    let since = register(&handle, "web-1", address, LOOPBACK).await;
    until(&handle, |counters| counters.accepted == 1).await;
    let lease = beat(&handle, "web-1");
    drop(listener);
    close(&handle, lease);
    handle.changed(since, &Filter::service("orders")).await;
    assert!(!is_listed(&handle, "web-1"));
    let history = handle.history(&InstanceKey::new("orders", "web-1"));
    let Some(Cause::Refused(refusal)) = history.last().map(|entry| &entry.cause) else {
        panic!("{history:?}")
    };
    assert_eq!((refusal.address, refusal.suspicion), (address, Suspicion::ConnectionClosed));
    // Counted beside the registry, perhaps a moment after its watcher was told.
    until(&handle, |counters| (counters.started, counters.refused, counters.evictions) == (2, 1, 1)).await;
    assert!(matches!(handle.renew(LeaseRef::heartbeat("orders", "web-1"), None), Renewal::Unknown));
    runtime.stop();
}

#[tokio::test]
async fn who_still_listens_stays_also_if_it_talks_rubbish_or_hangs_up() {
    let runtime = start(ProbeConfig::default());
    let handle = runtime.handle();
    let (listener, address) = listen();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // Whoever is gone again needs no rubbish.
            let _ = stream.unwrap().write_all(b"\x00\xffNONSENSE");
        }
    });
    register(&handle, "web-1", address, LOOPBACK).await;
    until(&handle, |counters| counters.accepted == 1).await;
    for accepted in 2..5 {
        close(&handle, beat(&handle, "web-1"));
        until(&handle, |counters| counters.accepted == accepted).await;
        assert!(is_listed(&handle, "web-1"));
    }
    assert_eq!((handle.probes().started, handle.probes().evictions), (4, 0));
    runtime.stop();
}

#[tokio::test]
async fn who_does_not_answer_any_more_stays() {
    let runtime = start(ProbeConfig { timeout: Duration::from_millis(100), ..ProbeConfig::default() });
    let handle = runtime.handle();
    let (listener, address) = listen_with_short_queue();
    register(&handle, "web-1", address, LOOPBACK).await;
    until(&handle, |counters| counters.accepted == 1).await;
    let _waiting = fall_silent(&listener);
    close(&handle, beat(&handle, "web-1"));
    until(&handle, |counters| counters.no_evidence == 1).await;
    assert!(is_listed(&handle, "web-1"));
    runtime.stop();
}

#[tokio::test]
async fn who_was_heard_of_through_another_connection_is_not_suspected() {
    let runtime = start(ProbeConfig::default());
    let handle = runtime.handle();
    let (listener, address) = listen();
    register(&handle, "web-1", address, LOOPBACK).await;
    until(&handle, |counters| counters.accepted == 1).await;
    let old = CarriedBeat { lease: beat(&handle, "web-1"), at: handle.now().tick };
    while handle.now().tick == old.at {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    beat(&handle, "web-1");
    drop(listener);
    handle.connection_closed(vec![old]);
    // What is told later is looked into later, and this is.
    let (_other, address) = listen();
    register(&handle, "web-2", address, LOOPBACK).await;
    until(&handle, |counters| counters.accepted == 2).await;
    close(&handle, beat(&handle, "web-2"));
    until(&handle, |counters| counters.accepted == 3).await;
    assert_eq!(handle.probes().refused, 0);
    assert!(is_listed(&handle, "web-1"));
    runtime.stop();
}

#[tokio::test]
async fn only_the_registrants_own_address_is_tried_and_a_link_local_one_never() {
    let runtime = start(ProbeConfig { allow: vec!["0.0.0.0/0".parse().unwrap()], ..ProbeConfig::default() });
    let handle = runtime.handle();
    let link_local: SocketAddr = "169.254.169.254:80".parse().unwrap();
    register(&handle, "metadata", link_local, link_local.ip()).await;
    until(&handle, |counters| counters.not_allowed == 1).await;
    runtime.stop();

    let runtime = start(ProbeConfig::default());
    let handle = runtime.handle();
    let (_listener, address) = listen();
    register(&handle, "elsewhere", address, "192.0.2.7".parse().unwrap()).await;
    register(&handle, "metadata", link_local, LOOPBACK).await;
    let mut named = provider("orders", "named").registration();
    named.address = Address { host: "localhost".into(), port: Some(address.port()), secure_port: None };
    let sender = Sender { face: "test", address: Some(LOOPBACK), operator: None };
    handle.submit(Command::Register(Box::new(named)), sender).await.unwrap();
    for id in ["elsewhere", "metadata", "named"] {
        close(&handle, beat(&handle, id));
    }
    register(&handle, "own", address, LOOPBACK).await;
    until(&handle, |counters| counters.accepted == 1).await;
    assert_eq!((handle.probes().started, handle.probes().not_allowed), (1, 3));
    runtime.stop();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_registrant_on_this_machine_may_name_any_of_its_addresses() {
    let runtime = start(ProbeConfig::default());
    let handle = runtime.handle();
    // All of 127.0.0.0/8 is this machine's.
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    register(&handle, "web-1", listener.local_addr().unwrap(), LOOPBACK).await;
    until(&handle, |counters| counters.accepted == 1).await;
    runtime.stop();
}

#[tokio::test]
async fn no_more_are_tried_at_a_time_and_in_a_second_than_allowed() {
    let runtime = start(ProbeConfig {
        timeout: Duration::from_millis(20),
        max_concurrent: 2,
        per_second: 10,
        most_waiting: 18,
        ..ProbeConfig::default()
    });
    let handle = runtime.handle();
    let (listener, address) = listen_with_short_queue();
    let _waiting = fall_silent(&listener);
    let began = handle.tick();
    for number in 0..40 {
        register(&handle, &number.to_string(), address, LOOPBACK).await;
    }
    until(&handle, |counters| {
        assert!(counters.started - counters.no_evidence <= 2, "{counters:?}");
        counters.started + counters.dropped == 40 && counters.waiting == 0
    })
    .await;
    let ProbeCounters { started, dropped, .. } = handle.probes();
    assert!(dropped > 0, "what waits is bounded");
    // A burst of ten, then ten in a second.
    let least = 100 * (started - 10);
    let took = handle.tick().millis_since(began);
    assert!(started >= 18 && took + 5 >= least, "{started} in {took} ms");
    runtime.stop();
}

#[tokio::test]
async fn switched_off_nobody_is_tried() {
    let runtime = start(ProbeConfig { enabled: false, ..ProbeConfig::default() });
    let handle = runtime.handle();
    let (listener, address) = listen();
    listener.set_nonblocking(true).unwrap();
    register(&handle, "web-1", address, LOOPBACK).await;
    close(&handle, beat(&handle, "web-1"));
    runtime.stop();
    assert_eq!(handle.probes(), ProbeCounters::default());
    assert!(listener.accept().is_err(), "somebody came");
}
