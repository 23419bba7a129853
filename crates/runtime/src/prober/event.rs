//! What the prober's thread is told, and by whom.

use std::net::IpAddr;

use lubdub_core::lease::LeaseId;
use lubdub_core::{Suspect, Suspicion, Tick};

/// What the driver tells the prober's thread.
#[derive(Debug)]
pub(crate) enum Event {
    /// An instance registered, from this address.
    Registered { suspect: Suspect, registrant: Option<IpAddr> },
    /// Something speaks against an instance.
    Suspected { suspect: Suspect, suspicion: Suspicion },
}

/// Whose sign of life a request was: a face puts it into the answer's extensions, so that the
/// server learns whose connection it is. Not for requests of proxies and peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignOfLife(pub LeaseId);

/// A beat that a connection carried: for [`crate::Handle::connection_closed`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CarriedBeat {
    /// Whose beat.
    pub lease: LeaseId,
    /// When the last one came.
    pub at: Tick,
}
