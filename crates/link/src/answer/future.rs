//! [`AnswerFuture`]: an answer, or waiting for the service and then for its answer.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tokio::sync::OwnedSemaphorePermit;
use tower::Service;

/// Why a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError<E> {
    /// The service failed.
    #[error("{0}")]
    Service(E),
    /// As many requests as may wait for the service do already. It has not seen this one; ask another instance, or later.
    #[error("the service is overloaded: as many requests as may wait for it do already")]
    Overloaded,
}

pin_project! {
    /// What becomes of a request.
    #[derive(Debug)]
    pub struct AnswerFuture<S, Request>
    where
        S: Service<Request>,
    {
        #[pin]
        state: State<S, Request, S::Future, S::Response>,
    }
}

pin_project! {
    #[project = StateProjection]
    #[derive(Debug)]
    enum State<S, Request, F, Response> {
        Answered { response: Option<Response> },
        Overloaded,
        Waiting { service: S, request: Option<Request>, permit: Option<OwnedSemaphorePermit> },
        Called { #[pin] future: F },
    }
}

impl<S: Service<Request>, Request> AnswerFuture<S, Request> {
    pub(super) const fn answered(response: S::Response) -> Self {
        Self { state: State::Answered { response: Some(response) } }
    }

    pub(super) const fn overloaded() -> Self {
        Self { state: State::Overloaded }
    }

    pub(super) const fn waiting(service: S, request: Request, permit: OwnedSemaphorePermit) -> Self {
        Self { state: State::Waiting { service, request: Some(request), permit: Some(permit) } }
    }
}

impl<S: Service<Request>, Request> Future for AnswerFuture<S, Request> {
    type Output = Result<S::Response, AnswerError<S::Error>>;

    /// # Panics
    ///
    /// It is polled again after it was ready, which no future is to be.
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let future = match state.as_mut().project() {
                StateProjection::Answered { response } => {
                    return Poll::Ready(Ok(response.take().expect("a future is not polled after its end")));
                }
                StateProjection::Overloaded => return Poll::Ready(Err(AnswerError::Overloaded)),
                StateProjection::Called { future } => return future.poll(cx).map_err(AnswerError::Service),
                StateProjection::Waiting { service, request, permit } => {
                    ready!(service.poll_ready(cx)).map_err(AnswerError::Service)?;
                    // It waits no longer, though it is still worked on.
                    drop(permit.take());
                    service.call(request.take().expect("a future is not polled after its end"))
                }
            };
            state.set(State::Called { future });
        }
    }
}
