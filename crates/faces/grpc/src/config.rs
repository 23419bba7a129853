//! [`GrpcConfig`]: what bounds the face.

use std::time::Duration;

use tokio::sync::watch;

/// What bounds the face.
#[derive(Debug, Clone)]
pub struct GrpcConfig {
    /// The silence that ends a session which asks for none in particular, and a stream on which
    /// none was declared. Default 30 s. Less makes providers send more often; more keeps those that
    /// vanish without a closing longer.
    pub session_timeout: Duration,
    /// The most bytes of a message. Default 1 MiB. Beyond it the call ends with
    /// `RESOURCE_EXHAUSTED`.
    pub max_message_bytes: usize,
    /// How many streams of sessions may be open at once. Default 100 000. Beyond it:
    /// `RESOURCE_EXHAUSTED`.
    pub max_sessions: usize,
    /// How many watches may be open at once. Default 10 000. Beyond it: `RESOURCE_EXHAUSTED`.
    pub max_watches: usize,
    /// How many services one watch may name. Default 1 000.
    pub max_watched_services: usize,
    /// A watch without news is told its revision this often. Default 15 s.
    pub keep_alive: Duration,
    /// Says when the server stops, so that streams end. None: nobody says so.
    pub stopping: Option<watch::Receiver<bool>>,
}

impl Default for GrpcConfig {
    fn default() -> Self {
        Self {
            session_timeout: Duration::from_secs(30),
            max_message_bytes: 1024 * 1024,
            max_sessions: 100_000,
            max_watches: 10_000,
            max_watched_services: 1_000,
            keep_alive: Duration::from_secs(15),
            stopping: None,
        }
    }
}

/// Waits until the server stops; for ever where nobody can say so.
pub(crate) async fn stopped(stopping: &mut Option<watch::Receiver<bool>>) {
    if let Some(stopping) = stopping
        && stopping.wait_for(|stopping| *stopping).await.is_ok()
    {
        return;
    }
    std::future::pending::<()>().await;
}

/// Whether it does already.
pub(crate) fn stops(stopping: Option<&watch::Receiver<bool>>) -> bool {
    stopping.is_some_and(|stopping| *stopping.borrow())
}
