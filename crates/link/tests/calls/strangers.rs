//! Endpoints that are not what they should be, and those that leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lubdub_link::channel;
use lubdub_testkit_server::{Proxy, TestServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tonic::Code;

use crate::programs::{Orders, SERVICE, call, calls, consume, knows, provide, registry, soon, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_peer_that_speaks_another_protocol_is_told_of_and_taken_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let stranger = tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            let mut heard = [0; 1_024];
            if caller.read(&mut heard).await.is_ok() {
                drop(caller.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await);
            }
        }
    });
    let channel = channel(SERVICE).direct([address.clone()]).open().await.unwrap();
    for _ in 0..10 {
        let status = call(&channel).await.unwrap_err();
        assert!(matches!(status.code(), Code::Unavailable | Code::Internal), "{status:?}");
        assert!(status.message().starts_with(&address), "{status:?}");
    }
    assert!(!channel.links()[0].is_available);
    stranger.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_service_that_nobody_provides_is_told_by_its_name_until_somebody_does() {
    let server = TestServer::in_memory();
    let channel = consume(&registry(&server)).open().await.unwrap();
    let status = call(&channel).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(status.message(), format!("no instance of {SERVICE:?} is known"));
    let providers = registry(&server);
    let _one = provide(&providers, "one").await;
    knows(&channel, 1).await;
    calls(&channel, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_out_when_its_provider_leaves_is_finished() {
    let server = TestServer::in_memory();
    let providers = registry(&server);
    let (came, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let slow = {
        let (came, gate) = (came.clone(), gate.clone());
        Orders::after("slow", move || {
            came.fetch_add(1, Ordering::SeqCst);
            while gate.try_acquire().is_err() {
                std::thread::yield_now();
            }
        })
    };
    let serving = providers.serve("127.0.0.1:0").mount(slow).start().await.unwrap();
    let channel = consume(&registry(&server)).open().await.unwrap();
    knows(&channel, 1).await;
    let calling = tokio::spawn({
        let channel = channel.clone();
        async move { call(&channel).await }
    });
    until(|| came.load(Ordering::SeqCst) == 1).await;
    let leaving = tokio::spawn(serving.shut_down());
    knows(&channel, 0).await;
    assert!(!calling.is_finished());
    gate.add_permits(1);
    assert_eq!(soon(calling).await.unwrap().unwrap(), "slow");
    assert_eq!(soon(leaving).await.unwrap().unfinished_calls, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_is_one_failure_however_many_calls_are_on_it() {
    let server = TestServer::in_memory();
    let providers = registry(&server);
    let came = Arc::new(AtomicUsize::new(0));
    let (gate, closed) = std::sync::mpsc::channel::<()>();
    let closed = Arc::new(parking_lot::Mutex::new(closed));
    let held = {
        let came = came.clone();
        Orders::after("held", move || {
            came.fetch_add(1, Ordering::SeqCst);
            tokio::task::block_in_place(|| closed.lock().recv().ok());
        })
    };
    let serving = providers.serve("127.0.0.1:0").mount(held).start().await.unwrap();
    let proxy = Proxy::to(serving.address());
    let channel = channel(SERVICE).direct([proxy.address().to_string()]).open().await.unwrap();
    let calling: Vec<_> = (0..12)
        .map(|_| {
            let channel = channel.clone();
            tokio::spawn(async move { call(&channel).await })
        })
        .collect();
    until(|| came.load(Ordering::SeqCst) > 0 && channel.links()[0].calls == 12).await;
    proxy.cut();
    for calling in calling {
        assert_eq!(soon(calling).await.unwrap().unwrap_err().code(), Code::Unavailable);
    }
    assert!(channel.links()[0].is_available);
    // One for the connection; and two if some call had not been sent yet, and no other connection could be made.
    assert!(channel.links()[0].failures <= 3, "{}", channel.links()[0].failures);
    drop(gate);
    serving.shut_down().await;
}

#[tokio::test]
async fn a_connection_that_cannot_be_made_is_told_once_however_many_calls_wait_for_it() {
    let channel = channel(SERVICE).direct(["127.0.0.1:1"]).fail_fast().open().await.unwrap();
    let calling = futures_util::future::join_all((0..12).map(|_| call(&channel))).await;
    assert!(calling.iter().all(Result::is_err));
    // On one thread all of them wait for the same.
    assert_eq!(channel.links()[0].failures, 2);
}
