//! [`AnswerLayer`]: what is put around a service.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tower::Layer;

use super::service::Answer;

/// What knows heartbeat requests, and their answers.
pub trait Recognises<Request> {
    /// What a service answers with.
    type Response;

    /// The answer, where it is a heartbeat request: with the same id and in the same version. None for all else. It must not wait.
    fn answer(&self, request: &Request) -> Option<Self::Response>;
}

impl<F, Request, Response> Recognises<Request> for F
where
    F: Fn(&Request) -> Option<Response>,
{
    type Response = Response;

    fn answer(&self, request: &Request) -> Option<Response> {
        self(request)
    }
}

/// Requests that may wait for the service at a time, unless said otherwise.
const WAITING: usize = 1_024;

/// Answers heartbeat requests ahead of a service, so that a busy one does not look dead.
///
/// It is always ready, because what comes next may be a heartbeat. So other requests wait for the service here, in any number up to
/// [`with_waiting`](Self::with_waiting); beyond that they fail with [`AnswerError::Overloaded`](super::AnswerError::Overloaded). Put limits of
/// concurrency or load inside of it, not around it.
#[derive(Debug, Clone)]
pub struct AnswerLayer<A> {
    recognises: A,
    waiting: Arc<Semaphore>,
}

impl<A> AnswerLayer<A> {
    /// Recognises heartbeats by this, a closure for instance.
    pub fn new(recognises: A) -> Self {
        Self { recognises, waiting: Arc::new(Semaphore::new(WAITING)) }
    }

    /// So many requests may wait for the service at a time: all services of this layer together, 1024 by default.
    #[must_use]
    pub fn with_waiting(self, waiting: usize) -> Self {
        Self { waiting: Arc::new(Semaphore::new(waiting.min(Semaphore::MAX_PERMITS))), ..self }
    }
}

impl<A: Clone, S> Layer<S> for AnswerLayer<A> {
    type Service = Answer<S, A>;

    fn layer(&self, inner: S) -> Self::Service {
        Answer::new(inner, self.recognises.clone(), Arc::clone(&self.waiting))
    }
}
