//! A call that runs on another runtime than the one on which its connection lives. Whatever a program does there, also to
//! the threads of that runtime, delays nothing here.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::{Body as _, Frame};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tonic::Status;
use tonic::body::Body;

use super::answer::{Answer, Answering};

/// So many messages of an answer may wait to be sent.
const WAITING: usize = 4;

/// Runs a call there, and passes its answer on here.
pub(super) fn run(
    tasks: &Handle,
    answering: impl Future<Output = Result<Response<Answer>, Infallible>> + Send + 'static,
) -> Answering {
    let (head, came) = oneshot::channel();
    let (frames, passed) = mpsc::channel(WAITING);
    let task = tasks.spawn(async move {
        let Ok(answer) = answering.await;
        let (parts, mut body) = answer.into_parts();
        // An answer that is a head alone has to be sent as one.
        if head.send((parts, body.is_end_stream())).is_err() {
            return;
        }
        loop {
            let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
            let is_over = frame.is_none();
            if frames.send(frame).await.is_err() {
                return;
            }
            if is_over {
                break;
            }
        }
        // The call counts until all of its answer was taken.
        frames.closed().await;
    });
    let running = Running(task.abort_handle());
    Box::pin(async move {
        let Ok((parts, is_over)) = came.await else {
            // Its task has panicked, as it would have here.
            let answer: Response<Body> = ended_early().into_http();
            return Ok(answer.map(|body| Answer::new(body, None)));
        };
        let passed = Passed { frames: passed, is_over, _running: running };
        let body = if is_over { Body::empty() } else { Body::new(passed) };
        Ok(Response::from_parts(parts, Answer::new(body, None)))
    })
}

/// A call that ends when nobody waits for its answer any more.
#[derive(Debug)]
struct Running(AbortHandle);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What comes of an answer's body.
#[derive(Debug)]
struct Passed {
    /// The last is `None`: the task goes on until that was taken, too.
    frames: mpsc::Receiver<Option<Result<Frame<Bytes>, Status>>>,
    is_over: bool,
    _running: Running,
}

fn ended_early() -> Status {
    Status::internal("the call ended without the end of an answer")
}

impl http_body::Body for Passed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let frame = match ready!(self.frames.poll_recv(context)) {
            Some(frame) => frame,
            // Its task has panicked, which must not look like an end.
            None => Some(Err(ended_early())),
        };
        self.is_over = !matches!(frame, Some(Ok(_)));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.is_over
    }
}
