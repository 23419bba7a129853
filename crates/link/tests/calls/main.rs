//! Calls over real connections, between providers and consumers of a real registry.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod beats;
mod examples;
mod following;
mod partition;
mod programs;
mod strangers;
mod stuck;
