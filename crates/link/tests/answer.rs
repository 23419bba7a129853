//! Heartbeat requests are answered ahead of a service, whatever state that is in.

use std::convert::Infallible;
use std::future::{Ready, pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt;
use lubdub_link::answer::{Answer, AnswerError, AnswerLayer};
use lubdub_link::motan::Message;
use tokio::sync::Notify;
use tower::{Layer, Service, ServiceExt, service_fn};

fn recognise(request: &Message) -> Option<Message> {
    (request.is_heartbeat() && !request.is_response()).then(|| Message::heartbeat_answer(request))
}

fn call(id: u64) -> Message {
    Message { kind: 0, body: Bytes::from_static(b"work"), ..Message::heartbeat(id) }
}

async fn ask<S>(service: &mut S, request: Message) -> Result<Message, S::Error>
where
    S: Service<Message, Response = Message>,
{
    service.ready().await?.call(request).await
}

/// Never ready.
#[derive(Debug, Clone)]
struct Exhausted;

impl Service<Message> for Exhausted {
    type Response = Message;
    type Error = Infallible;
    type Future = Ready<Result<Message, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Pending
    }

    fn call(&mut self, request: Message) -> Self::Future {
        ready(Ok(request))
    }
}

#[tokio::test]
async fn a_service_that_is_never_ready_is_answered_for_with_the_same_id_and_version() {
    let mut service = AnswerLayer::new(recognise).layer(Exhausted);
    for id in [0, 7, u64::MAX] {
        let answer = ask(&mut service, Message::heartbeat(id)).now_or_never().unwrap().unwrap();
        assert_eq!((answer.id, answer.version, answer.kind), (id, Message::heartbeat(id).version, 0x11));
    }
    assert!(ask(&mut service, call(1)).now_or_never().is_none(), "all else waits");
}

#[tokio::test]
async fn a_pool_all_of_whose_workers_hang_is_answered_for() {
    let working = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&working);
    let hanging = service_fn(move |_: Message| {
        seen.fetch_add(1, Ordering::SeqCst);
        pending::<Result<Message, Infallible>>()
    });
    let pool = tower::limit::ConcurrencyLimit::new(hanging, 4);
    let service = AnswerLayer::new(recognise).layer(pool);
    for id in 0..10 {
        tokio::spawn(ask_owned(service.clone(), call(id)));
    }
    tokio::task::yield_now().await;
    assert_eq!(working.load(Ordering::SeqCst), 4);
    let answer = ask(&mut service.clone(), Message::heartbeat(5)).now_or_never().unwrap().unwrap();
    assert_eq!(answer.id, 5);
}

#[tokio::test]
async fn what_is_no_heartbeat_reaches_the_service_as_it_is() {
    let echo = service_fn(|request: Message| ready(Ok::<_, Infallible>(request)));
    let mut service = AnswerLayer::new(recognise).layer(echo);
    assert_eq!(ask(&mut service, call(3)).await.unwrap(), call(3));
    let answer = Message::heartbeat_answer(&Message::heartbeat(4));
    assert_eq!(ask(&mut service, answer.clone()).await.unwrap(), answer, "answers are not answered");
}

#[tokio::test]
async fn requests_wait_for_the_service_up_to_a_number_and_heartbeats_never() {
    let open = Arc::new(Notify::new());
    let door = Arc::clone(&open);
    let gate = service_fn(move |request: Message| {
        let door = Arc::clone(&door);
        async move {
            door.notified().await;
            Ok::<_, Infallible>(request)
        }
    });
    let pool = tower::limit::ConcurrencyLimit::new(gate, 1);
    let service = AnswerLayer::new(recognise).with_waiting(2).layer(pool);
    let mut running: Vec<_> = (0..3).map(|id| Box::pin(ask_owned(service.clone(), call(id)))).collect();
    for one in &mut running {
        assert!(one.now_or_never().is_none());
    }
    let refused = ask_owned(service.clone(), call(9)).await.unwrap_err();
    assert!(matches!(refused, AnswerError::Overloaded), "{refused}");
    assert_eq!(ask_owned(service.clone(), Message::heartbeat(1)).await.unwrap().id, 1);
    for (id, one) in (0..).zip(running) {
        open.notify_one();
        assert_eq!(one.await.unwrap().id, id);
    }
}

async fn ask_owned<S, A>(
    mut service: Answer<S, A>,
    request: Message,
) -> Result<Message, AnswerError<S::Error>>
where
    Answer<S, A>: Service<Message, Response = Message, Error = AnswerError<S::Error>>,
    S: Service<Message>,
{
    ask(&mut service, request).await
}
