//! The stream of events: server-sent events, pulled by the subscriber.
//!
//! A stream holds a revision, not a queue: it reads what is newer when its subscriber has
//! room, so a slow one costs nothing and loses nothing but, where it fell off the feed's
//! ring, intermediate states; then it is told to `reset`.
//!
//! Source: <https://html.spec.whatwg.org/multipage/server-sent-events.html>.

use std::convert::Infallible;
use std::fmt::Write;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderValue, header};
use lubdub_core::Revision;
use lubdub_core::feed::{Changes, FeedEntry, Filter};
use lubdub_runtime::Handle;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::convert;

/// About as many changes as are read for one piece of the stream; what is beyond is read
/// again for the next.
const PIECE: usize = 256;

/// One subscriber's stream.
pub(crate) struct Watch {
    pub(crate) handle: Handle,
    pub(crate) filter: Filter,
    /// Everything up to here was told.
    pub(crate) since: Revision,
    pub(crate) keep_alive: Duration,
    pub(crate) stopping: Option<watch::Receiver<bool>>,
    /// Its place among the subscribers, given back when the stream ends.
    #[expect(dead_code, reason = "held, never read")]
    pub(crate) place: OwnedSemaphorePermit,
}

impl Watch {
    /// The response that tells what happens, until the subscriber leaves or the server stops.
    pub(crate) fn into_response(self) -> Response {
        // Something at once, so that the subscriber knows that it is heard.
        let hello = format!(": watching from revision {}\n\n", self.since);
        let pieces = stream::unfold((self, Some(hello)), async |(mut watch, hello)| {
            let piece = match hello {
                Some(hello) => hello,
                None => watch.next().await?,
            };
            Some((Ok::<_, Infallible>(Bytes::from(piece)), (watch, None)))
        });
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        ];
        (headers, Body::from_stream(pieces)).into_response()
    }

    /// The next piece of the stream; none when the server stops.
    async fn next(&mut self) -> Option<String> {
        loop {
            match self.handle.changes(self.since, &self.filter) {
                Changes::Snapshot(catalog) => {
                    self.since = catalog.revision();
                    return Some(frame(Some(self.since), "reset", &convert::reset(&catalog)));
                }
                Changes::Since { changes, upto } => {
                    let (page, revision) = convert::page_of(changes, upto, PIECE);
                    self.since = self.since.max(revision);
                    if !page.is_empty() {
                        return Some(piece(&page));
                    }
                }
            }
            tokio::select! {
                _ = self.handle.changed(self.since, &self.filter) => {}
                () = tokio::time::sleep(self.keep_alive) => return Some(self.sign_of_life()),
                () = stopped(self.stopping.as_mut()) => return None,
            }
        }
    }

    /// No event, but a place to resume: whoever watches a service on which nothing happens
    /// does not fall off the ring because much happened elsewhere.
    fn sign_of_life(&self) -> String {
        format!(": still here\nid: {}\n\n", self.since)
    }
}

/// Waits until the server stops; for ever where nobody can say so.
async fn stopped(stopping: Option<&mut watch::Receiver<bool>>) {
    if let Some(stopping) = stopping
        && stopping.wait_for(|stopping| *stopping).await.is_ok()
    {
        return;
    }
    std::future::pending::<()>().await;
}

/// Changes as frames. Only the last one of a transaction says where to resume: a subscriber
/// whose connection breaks in the middle of one is told all of it again rather than half.
fn piece(changes: &[FeedEntry]) -> String {
    let mut text = String::new();
    let mut rest = changes.iter().peekable();
    while let Some(entry) = rest.next() {
        let last = rest.peek().is_none_or(|next| next.revision != entry.revision);
        text.push_str(&frame(last.then_some(entry.revision), "change", &convert::event(entry)));
    }
    text
}

fn frame(id: Option<Revision>, event: &str, data: &impl Serialize) -> String {
    let mut text = String::new();
    // Neither writing to a string nor these documents can fail; JSON has no line ends.
    if let Some(id) = id {
        let _ = writeln!(text, "id: {id}");
    }
    let data = serde_json::to_string(data).unwrap_or_default();
    let _ = write!(text, "event: {event}\ndata: {data}\n\n");
    text
}
