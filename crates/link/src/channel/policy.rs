//! [`Policy`]: what a channel does when a call fails.

use std::collections::BTreeSet;

/// What a channel does when a call fails.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    /// On so many endpoints a call is tried at most; 1 fails fast.
    pub(super) attempts: u32,
    /// Which calls may be made twice.
    pub(super) idempotent: Idempotent,
    /// Longer requests are sent once.
    pub(super) replay_limit: usize,
}

/// Which calls may be made twice, as the second changes nothing that the first has not.
#[derive(Debug, Clone)]
pub(super) enum Idempotent {
    All,
    Methods(BTreeSet<String>),
}

impl Idempotent {
    pub(super) fn is(&self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::Methods(methods) => methods.contains(path),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self { attempts: 3, idempotent: Idempotent::Methods(BTreeSet::new()), replay_limit: 64 * 1024 }
    }
}
