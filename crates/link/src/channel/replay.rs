//! [`Replay`]: a request's body that can be sent again, as long as it is small.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as _, Frame};
use parking_lot::Mutex;
use tonic::Status;
use tonic::body::Body;

/// What is remembered of a body, and what is still to come of it. Of all that read it, only the newest goes on.
#[derive(Debug)]
pub(super) struct Recording {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    rest: Body,
    has_ended: bool,
    frames: Vec<Bytes>,
    /// How many more bytes are remembered; `None`: there were too many, or something that cannot be.
    room: Option<usize>,
    /// Which reader is the newest.
    reader: u32,
}

/// One reading of a body, from its beginning.
#[derive(Debug)]
pub(super) struct Replay {
    shared: Arc<Mutex<Shared>>,
    reader: u32,
    at: usize,
}

impl Recording {
    /// Remembers up to `limit` bytes.
    pub(super) fn new(body: Body, limit: usize) -> Self {
        let shared =
            Shared { rest: body, has_ended: false, frames: Vec::new(), room: Some(limit), reader: 0 };
        Self { shared: Arc::new(Mutex::new(shared)) }
    }

    /// Whether it can be read from its beginning once more.
    pub(super) fn is_whole(&self) -> bool {
        self.shared.lock().room.is_some()
    }

    /// The whole of it, for one more reader; the one before gets no more. `None` where it is not whole any more.
    pub(super) fn read(&self) -> Option<Body> {
        let reader = {
            let mut shared = self.shared.lock();
            shared.room?;
            shared.reader += 1;
            shared.reader
        };
        // It is asked at once whether it has ended, which takes the lock.
        Some(Body::new(Replay { shared: self.shared.clone(), reader, at: 0 }))
    }
}

impl Shared {
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let polled = Pin::new(&mut self.rest).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => match (frame.data_ref(), self.room) {
                (Some(data), Some(room)) if data.len() <= room => {
                    self.room = Some(room - data.len());
                    self.frames.push(data.clone());
                }
                _ => self.forget(),
            },
            Poll::Ready(Some(Err(_))) => self.forget(),
            Poll::Ready(None) => self.has_ended = true,
            Poll::Pending => {}
        }
        polled
    }

    fn forget(&mut self) {
        self.room = None;
        self.frames = Vec::new();
    }
}

impl http_body::Body for Replay {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let mut shared = this.shared.lock();
        if shared.reader != this.reader {
            return Poll::Ready(Some(Err(Status::cancelled("the call is made elsewhere"))));
        }
        if shared.room.is_some()
            && let Some(frame) = shared.frames.get(this.at)
        {
            this.at += 1;
            return Poll::Ready(Some(Ok(Frame::data(frame.clone()))));
        }
        let polled = shared.poll_rest(context);
        if matches!(polled, Poll::Ready(Some(Ok(_)))) {
            this.at += 1;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        let shared = self.shared.lock();
        let nothing_to_repeat = self.at >= shared.frames.len();
        nothing_to_repeat && (shared.has_ended || shared.rest.is_end_stream())
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Full, StreamBody};

    use super::*;

    fn body(parts: &[&'static str]) -> Body {
        let frames =
            parts.iter().map(|part| Ok::<_, Status>(Frame::data(Bytes::from_static(part.as_bytes()))));
        Body::new(StreamBody::new(futures_util::stream::iter(frames.collect::<Vec<_>>())))
    }

    async fn text(body: Body) -> String {
        let bytes = body.collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn what_was_read_in_part_is_read_again_from_the_beginning() {
        let recording = Recording::new(body(&["a", "b", "c"]), 3);
        assert!(recording.is_whole());
        let mut first = recording.read().unwrap();
        let frame = first.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "a");
        assert!(recording.is_whole());
        assert_eq!(text(recording.read().unwrap()).await, "abc");
        assert_eq!(text(recording.read().unwrap()).await, "abc");
    }

    #[tokio::test]
    async fn of_two_readers_only_the_newer_goes_on() {
        let recording = Recording::new(body(&["a", "b"]), 9);
        let mut older = recording.read().unwrap();
        let newer = recording.read().unwrap();
        assert!(older.frame().await.unwrap().is_err());
        assert_eq!(text(newer).await, "ab");
    }

    #[tokio::test]
    async fn what_is_longer_than_the_limit_is_sent_once_and_not_remembered() {
        let recording = Recording::new(body(&["aaaa", "bbbb"]), 7);
        assert_eq!(text(recording.read().unwrap()).await, "aaaabbbb");
        assert!(!recording.is_whole());
        assert!(recording.read().is_none());
    }

    #[tokio::test]
    async fn an_empty_body_ends_at_once_for_each_reader() {
        let recording = Recording::new(Body::new(Full::new(Bytes::new())), 0);
        assert_eq!(text(recording.read().unwrap()).await, "");
        assert_eq!(text(recording.read().unwrap()).await, "");
    }
}
