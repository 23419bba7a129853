//! [`Reply`]: an answer's body, at whose end it is known what the endpoint is to be thought of.

use std::fmt::Display;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use lubdub_balance::Pick;
use tokio::time::Sleep;
use tonic::Status;
use tonic::body::Body;

use super::link::Link;
use super::outcome::Outcome;
use crate::availability::Failure;

/// An answer's body; the call counts as in flight until it has ended or is dropped.
#[derive(Debug)]
pub(super) struct Reply {
    body: Body,
    pick: Option<Pick<Arc<Link>>>,
    /// Whether a message of it has come.
    has_spoken: bool,
    /// Until when the caller waits for the whole of it.
    late: Option<Pin<Box<Sleep>>>,
}

impl Reply {
    pub(super) fn new(body: Body, pick: Pick<Arc<Link>>, late: Option<Pin<Box<Sleep>>>) -> Self {
        Self { body, pick: Some(pick), has_spoken: false, late }
    }

    /// What has come says this of the endpoint.
    fn learn(&mut self, polled: Option<&Result<Frame<Bytes>, Status>>) {
        let Some(pick) = &self.pick else { return };
        let link = pick.item();
        let failed = |reason: &dyn Display| {
            link.failed(Failure::Call, reason);
            pick.failed(link.now());
        };
        match polled {
            Some(Ok(frame)) => match frame.trailers_ref().map(Outcome::of_trailers) {
                None if self.has_spoken => {}
                None => {
                    self.has_spoken = true;
                    link.answered();
                }
                Some(Some(Outcome::Failed)) => failed(&"it ended an answer as unavailable"),
                Some(_) => link.answered(),
            },
            Some(Err(status)) => failed(status),
            None if self.has_spoken => {}
            None => link.answered(),
        }
        let is_over = match polled {
            Some(Ok(frame)) => frame.is_trailers(),
            Some(Err(_)) | None => true,
        };
        if is_over {
            self.pick = None;
        }
    }
}

impl http_body::Body for Reply {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_pending()
            && let Some(late) = &mut self.late
            && late.as_mut().poll(context).is_ready()
        {
            self.late = None;
            let status = Status::deadline_exceeded("the answer did not end in the time that there was");
            polled = Poll::Ready(Some(Err(status)));
        }
        let polled = ready!(polled);
        self.learn(polled.as_ref());
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
