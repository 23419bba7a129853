//! [`Answer`]: who is answered here, and who goes on.

use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::Semaphore;
use tower::Service;

use super::future::{AnswerError, AnswerFuture};
use super::layer::Recognises;

/// A service whose heartbeat requests are answered before it, also while it is not ready.
#[derive(Debug, Clone)]
pub struct Answer<S, A> {
    inner: S,
    recognises: A,
    waiting: Arc<Semaphore>,
}

impl<S, A> Answer<S, A> {
    pub(super) const fn new(inner: S, recognises: A, waiting: Arc<Semaphore>) -> Self {
        Self { inner, recognises, waiting }
    }
}

impl<S, A, Request> Service<Request> for Answer<S, A>
where
    S: Service<Request> + Clone,
    A: Recognises<Request, Response = S::Response>,
{
    type Response = S::Response;
    type Error = AnswerError<S::Error>;
    type Future = AnswerFuture<S, Request>;

    /// Always ready: what comes may be a heartbeat.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if let Some(response) = self.recognises.answer(&request) {
            return AnswerFuture::answered(response);
        }
        match Arc::clone(&self.waiting).try_acquire_owned() {
            // A clone is as ready as any; it waits for itself.
            Ok(permit) => AnswerFuture::waiting(self.inner.clone(), request, permit),
            Err(_) => AnswerFuture::overloaded(),
        }
    }
}
