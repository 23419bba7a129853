//! [`Carrier`]: what the streams of one connection, and the server that serves it, say to each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::http::Extensions;

/// A connection, as the streams know it that it carries. The server makes one for each, puts it among
/// the extensions of its requests, and says in it when the end of the connection is its own conclusion.
#[derive(Debug, Clone, Default)]
pub struct Carrier(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    sessions: AtomicUsize,
    given_up: AtomicBool,
}

impl Carrier {
    /// Says, before the connection is closed, that its peer did not close it: so the end of a
    /// session's stream is nobody's word.
    pub fn give_up(&self) {
        self.0.given_up.store(true, Ordering::Release);
    }

    /// How many streams of sessions it carries.
    pub fn sessions(&self) -> usize {
        self.0.sessions.load(Ordering::Relaxed)
    }

    /// That of a request; one of its own where the server says nothing.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }
}

/// The place of a session's stream on its connection.
#[derive(Debug)]
pub(crate) struct OnCarrier(Carrier);

impl OnCarrier {
    pub(crate) fn new(carrier: Carrier) -> Self {
        carrier.0.sessions.fetch_add(1, Ordering::Relaxed);
        Self(carrier)
    }

    /// Whether the server gave the connection up.
    pub(crate) fn is_given_up(&self) -> bool {
        self.0.0.given_up.load(Ordering::Acquire)
    }
}

impl Drop for OnCarrier {
    fn drop(&mut self) {
        self.0.0.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}
