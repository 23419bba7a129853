//! [`LeaseRef`] and [`PackedName`]: a lease's name, borrowed and in one piece.

use smallvec::SmallVec;

use crate::model::{CheckId, InstanceKey};

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
        Self {
            service: key.service.as_str(),
            id: key.id.as_str(),
            node: key.node.as_str(),
            check: check.as_str(),
        }
    }
}

/// The four parts of a name in one piece, the service folded: hashed and compared in one go,
/// and read from one place in memory. On the stack up to 160 bytes, which is longer than names
/// usually are.
pub(super) struct PackedName(SmallVec<[u8; 160]>);

impl PackedName {
    pub(super) fn new(name: LeaseRef<'_>) -> Self {
        let mut bytes = SmallVec::new();
        bytes.extend_from_slice(name.service.as_bytes());
        bytes.make_ascii_lowercase();
        for part in [name.id, name.node, name.check] {
            // In no UTF-8 text, so it keeps the parts apart.
            bytes.push(0xff);
            bytes.extend_from_slice(part.as_bytes());
        }
        Self(bytes)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(service: &str, id: &str) -> Vec<u8> {
        PackedName::new(LeaseRef::heartbeat(service, id)).as_bytes().to_vec()
    }

    #[test]
    fn services_are_one_whatever_their_case_and_ids_are_not() {
        for length in [0, 1, 80, 500] {
            let long = "Ab".repeat(length);
            assert_eq!(packed(&long, &long), packed(&long.to_uppercase(), &long));
            assert_eq!(packed("a", &long) == packed("a", &long.to_uppercase()), length == 0);
        }
    }

    #[test]
    fn the_borders_between_the_parts_count() {
        assert_ne!(packed("ab", "c"), packed("a", "bc"));
        let node = LeaseRef { node: "n", ..LeaseRef::heartbeat("a", "b") };
        let check = LeaseRef { check: "n", ..LeaseRef::heartbeat("a", "b") };
        assert_ne!(PackedName::new(node).as_bytes(), PackedName::new(check).as_bytes());
    }
}
