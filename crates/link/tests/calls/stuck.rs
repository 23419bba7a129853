//! A provider whose threads are all taken answers beats.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use lubdub_link::channel;
use lubdub_testkit_server::TestServer;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tonic::Code;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::programs::{Orders, SERVICE, call, registry, soon, until};

#[test]
fn a_server_on_its_own_thread_answers_probes_while_every_worker_is_blocked() {
    let server = TestServer::in_memory();
    let program = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (release, blocked) = mpsc::channel::<()>();
    let (blocked, entered) = (Arc::new(Mutex::new(blocked)), Arc::new(AtomicUsize::new(0)));
    let stuck = {
        let entered = entered.clone();
        Orders::after("stuck", move || {
            entered.fetch_add(1, Ordering::SeqCst);
            // Until the other end is dropped.
            blocked.lock().recv().ok();
        })
    };
    let serving = program.block_on(async {
        let registry = registry(&server);
        // Also one that is bound already is listened on from there.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        registry.serve(listener).on_own_thread().mount(stuck).start().await.unwrap()
    });
    let address = serving.address().to_string();
    // The consumer is another program.
    let consumer = thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let channel = channel(SERVICE).direct([address.clone()]).open().await.unwrap();
            let calling: Vec<_> = (0..4)
                .map(|_| {
                    let channel = channel.clone();
                    tokio::spawn(async move { call(&channel).await })
                })
                .collect();
            until(|| entered.load(Ordering::SeqCst) == 2).await;
            let connected =
                Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
            let mut asked = HealthClient::new(connected);
            let service = SERVICE.to_owned();
            let answer = soon(asked.check(HealthCheckRequest { service })).await.unwrap();
            drop(release);
            for calling in calling {
                assert_eq!(calling.await.unwrap().unwrap(), "stuck");
            }
            answer.into_inner().status()
        })
    });
    assert_eq!(consumer.join().unwrap(), ServingStatus::Serving);
    program.block_on(serving.shut_down());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_answer_without_last_words_ends_on_a_thread_of_its_own_too_and_counts_no_longer() {
    let server = TestServer::in_memory();
    let registry = registry(&server);
    let curt = Orders::new("curt").without_last_words();
    let serving = registry.serve("127.0.0.1:0").on_own_thread().mount(curt).start().await.unwrap();
    let channel = channel(SERVICE).direct([serving.address().to_string()]).open().await.unwrap();
    assert_eq!(call(&channel).await.unwrap_err().code(), Code::Unknown, "it says no code, and ends");
    assert_eq!(soon(serving.shut_down()).await.unfinished_calls, 0);
}
