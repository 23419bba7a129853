//! Channels: whom calls go to, what happens when they fail, and who is probed. Endpoints are scripted and time is paused, but
//! where a test says that it is about real connections.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod availability;
mod names;
mod retries;
mod scripted;
mod settings;
