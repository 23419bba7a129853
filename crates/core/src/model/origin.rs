//! [`Origin`]: what only one protocol knows of an instance.

use std::sync::Arc;

/// What only one protocol knows of an instance (VIP addresses, data-centre documents …),
/// in that face's own, versioned bytes. The core stores it and returns it unread; other
/// faces show documented defaults.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The face that wrote it and alone can read it, such as `eureka`.
    pub face: Arc<str>,
    /// The face's own version of the format.
    pub version: u8,
    /// The bytes.
    pub bytes: Arc<[u8]>,
}
