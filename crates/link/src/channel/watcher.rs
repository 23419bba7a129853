//! [`Watcher`]: what becomes of the connections of one endpoint.

use std::sync::{Arc, Weak};

use lubdub_balance::Connection;

use super::link::Link;

/// Is told by a transport what becomes of an endpoint's connections. A clone watches the same endpoint.
#[derive(Debug, Clone)]
pub struct Watcher {
    link: Weak<Link>,
}

/// A connection that is open, counted until this is dropped.
#[derive(Debug)]
#[must_use = "the connection counts for as long as this is held"]
pub struct Connected {
    _counted: Option<Connection>,
}

impl Watcher {
    pub(super) fn of(link: &Arc<Link>) -> Self {
        Self { link: Arc::downgrade(link) }
    }

    /// A connection was made.
    pub fn connected(&self) -> Connected {
        let counted = self.link.upgrade().and_then(|link| link.count_connection());
        Connected { _counted: counted }
    }

    /// A connection was given up, as the other end answered no beat: the endpoint is unavailable until a
    /// probe brings it back.
    pub fn silent(&self) {
        if let Some(link) = self.link.upgrade() {
            link.fell_silent();
        }
    }
}
