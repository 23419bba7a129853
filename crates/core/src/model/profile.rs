//! [`Profile`]: what an instance says of itself that the others of its service mostly say, too.

use std::sync::Arc;

use super::{Metadata, Origin};

/// What an instance says of itself beyond its name and address. The instances of a service
/// mostly say the same; the registry keeps it once for all that do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Profile {
    /// Its version, where it tells one.
    pub version: Option<Arc<str>>,
    /// The group that it belongs to, where it tells one.
    pub group: Option<Arc<str>>,
    /// The zone or rack that it runs in, where it tells one.
    pub zone: Option<Arc<str>>,
    /// Its share of traffic beside others of its service, where it tells one; 1 is usual.
    pub weight: Option<u32>,
    /// Its tags.
    pub tags: Box<[Arc<str>]>,
    /// Its names and values.
    pub metadata: Metadata,
    /// What only the registrant's own protocol knows.
    pub origin: Option<Origin>,
}
