//! [`Sending`]: a call's request, for one attempt after the other.

use http::request::Parts;
use http::{Extensions, HeaderMap, Request};
use tonic::body::Body;

use super::replay::Recording;

/// A call's request. It is there for an attempt when nothing of it was sent yet, or when it was recorded.
pub(super) enum Sending {
    /// It is sent once; what no attempt has sent comes back.
    Once(Option<Request<Body>>),
    /// It may be sent again.
    Again(Parts, Recording),
}

impl Sending {
    pub(super) fn once(request: Request<Body>) -> Self {
        Self::Once(Some(request))
    }

    /// One that may be sent again while it is not longer than this.
    pub(super) fn again(request: Request<Body>, limit: usize) -> Self {
        let (head, body) = request.into_parts();
        Self::Again(head, Recording::new(body, limit))
    }

    /// For an attempt; `None` when it may not be sent (again).
    pub(super) fn take(&mut self) -> Option<Request<Body>> {
        match self {
            Self::Once(request) => request.take(),
            Self::Again(head, recording) => {
                recording.read().map(|body| Request::from_parts(copy(head), body))
            }
        }
    }

    /// Whether another attempt may be made after one that may have been received.
    pub(super) fn may_be_repeated(&self) -> bool {
        matches!(self, Self::Again(_, recording) if recording.is_whole())
    }

    /// Nothing of it was sent.
    pub(super) fn give_back(&mut self, unsent: Request<Body>) {
        if let Self::Once(request) = self {
            *request = Some(unsent);
        }
    }

    /// The head for the attempts to come.
    pub(super) fn headers_mut(&mut self) -> Option<&mut HeaderMap> {
        match self {
            Self::Once(request) => request.as_mut().map(Request::headers_mut),
            Self::Again(head, _) => Some(&mut head.headers),
        }
    }

    /// What the call says of itself, as long as it is there.
    pub(super) fn extensions(&self) -> Option<&Extensions> {
        match self {
            Self::Once(request) => request.as_ref().map(Request::extensions),
            Self::Again(head, _) => Some(&head.extensions),
        }
    }
}

/// The same head once more.
fn copy(head: &Parts) -> Parts {
    let (mut copied, ()) = Request::new(()).into_parts();
    copied.method = head.method.clone();
    copied.uri = head.uri.clone();
    copied.version = head.version;
    copied.headers = head.headers.clone();
    copied.extensions = head.extensions.clone();
    copied
}
