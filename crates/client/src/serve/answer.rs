//! [`Answer`]: an answer's body, with whose end the call is over.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::Response;
use http_body::{Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;

use crate::provider::Call;

/// A call's answer to come.
pub(super) type Answering = Pin<Box<dyn Future<Output = Result<Response<Answer>, Infallible>> + Send>>;

/// An answer's body. Of a stream each message is part of the call.
#[derive(Debug)]
pub(super) struct Answer {
    body: Body,
    /// Held, never read.
    _call: Option<Call>,
}

impl Answer {
    pub(super) fn new(body: Body, call: Option<Call>) -> Self {
        Self { body, _call: call }
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
