//! [`LeaseRef`]: a lease's name, borrowed.

use crate::model::{CheckId, InstanceKey, PackedKey};

/// Names a lease without owning the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseRef<'a> {
    /// The service, in any case.
    pub service: &'a str,
    /// The instance's id.
    pub id: &'a str,
    /// The node that scopes the id; mostly empty.
    pub node: &'a str,
    /// The check; empty for the heartbeat.
    pub check: &'a str,
}

impl<'a> LeaseRef<'a> {
    /// The heartbeat of an instance whose id is unique within its service.
    pub fn heartbeat(service: &'a str, id: &'a str) -> Self {
        Self { service, id, node: "", check: "" }
    }

    /// The lease of a check.
    pub fn of(key: &'a InstanceKey, check: &'a CheckId) -> Self {
        Self { service: key.service().as_str(), id: key.id(), node: key.node(), check: check.as_str() }
    }

    /// The key of the instance as it is looked up; the check stands beside it.
    pub(super) fn packed_key(&self) -> PackedKey {
        PackedKey::new(self.service, self.id, self.node)
    }
}
