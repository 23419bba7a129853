//! Links over framed transports, on tokio's paused clock: what either end sees, and when.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod blocked;
mod ends;
mod idle;
mod pauses;
mod stuck;
mod transparent;
mod words;
