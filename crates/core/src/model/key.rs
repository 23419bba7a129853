//! [`InstanceKey`]: what an instance is known by, in one piece.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use smallvec::SmallVec;
use triomphe::ThinArc;

use super::ServiceName;

/// What an instance is known by: the service that it is an instance of, its id there, and the
/// node that scopes the id, where a protocol has such a thing. Service names compare without
/// regard to case, ids and nodes exactly.
///
/// Cloning it costs a reference.
// There may be millions, each named by several others: so it is one allocation, and a word to name it by.
#[derive(Clone)]
pub struct InstanceKey(ThinArc<ServiceName, u8>);

impl InstanceKey {
    /// An instance whose id is unique within its service.
    pub fn new(service: &str, id: &str) -> Self {
        Self::within(ServiceName::new(service), id, "")
    }

    /// An instance whose id is unique within its service on a node; the empty node is none.
    pub fn on_node(service: &str, id: &str, node: &str) -> Self {
        Self::within(ServiceName::new(service), id, node)
    }

    /// The same instance, its service's name in another form (or the same, which is then shared).
    #[must_use]
    pub fn spelled(&self, service: ServiceName) -> Self {
        Self::within(service, self.id(), self.node())
    }

    /// The same, for a service whose name is at hand, which is then shared.
    pub fn within(service: ServiceName, id: &str, node: &str) -> Self {
        let packed = PackedKey::new(service.as_str(), id, node);
        Self(ThinArc::from_header_and_slice(service, packed.as_bytes()))
    }

    /// The service that it is an instance of.
    pub fn service(&self) -> &ServiceName {
        &self.0.header.header
    }

    /// Its id there.
    pub fn id(&self) -> &str {
        text(self.id_and_node().0)
    }

    /// The node that scopes the id; mostly empty: there is none.
    pub fn node(&self) -> &str {
        text(self.id_and_node().1)
    }

    /// The bytes that [`PackedKey`] makes of its parts.
    pub(crate) fn packed(&self) -> &[u8] {
        &self.0.slice
    }

    /// Orders as by id, then node.
    pub(crate) fn compare_within_service(&self, id: &str, node: &str) -> Ordering {
        self.id_and_node().cmp(&(id.as_bytes(), node.as_bytes()))
    }

    /// Their order as bytes is that of the texts, and costs less to come by.
    fn id_and_node(&self) -> (&[u8], &[u8]) {
        let rest = self.packed().get(self.service().as_str().len() + 1..).unwrap_or_default();
        // From the end: there is mostly no node.
        let border = rest.iter().rposition(|byte| *byte == BORDER).expect("a packed key has three parts");
        (rest.get(..border).unwrap_or_default(), rest.get(border + 1..).unwrap_or_default())
    }
}

fn text(part: &[u8]) -> &str {
    std::str::from_utf8(part).expect("it was made of a text")
}

/// In no UTF-8 text, so it keeps the parts of a packed key apart.
const BORDER: u8 = 0xff;

/// The parts of a key in one piece, the service folded: hashed and compared in one go, and read
/// from one place in memory. On the stack up to 160 bytes, which is longer than names usually are.
pub(crate) struct PackedKey(SmallVec<[u8; 160]>);

impl PackedKey {
    pub(crate) fn new(service: &str, id: &str, node: &str) -> Self {
        let mut bytes = SmallVec::new();
        bytes.extend_from_slice(service.as_bytes());
        bytes.make_ascii_lowercase();
        for part in [id, node] {
            bytes.push(BORDER);
            bytes.extend_from_slice(part.as_bytes());
        }
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for InstanceKey {
    fn eq(&self, other: &Self) -> bool {
        self.packed() == other.packed()
    }
}

impl Eq for InstanceKey {}

impl PartialOrd for InstanceKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for InstanceKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.service().cmp(other.service()).then_with(|| self.id_and_node().cmp(&other.id_and_node()))
    }
}

impl Hash for InstanceKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.packed().hash(state);
    }
}

impl fmt::Debug for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("InstanceKey");
        shown.field("service", self.service()).field("id", &self.id()).field("node", &self.node()).finish()
    }
}

impl fmt::Display for InstanceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.service(), self.id())?;
        match self.node() {
            "" => Ok(()),
            node => write!(f, "@{node}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_one_whatever_their_case_and_ids_and_nodes_are_not() {
        assert_eq!(InstanceKey::on_node("a", "x", "n"), InstanceKey::on_node("A", "x", "n"));
        assert_ne!(InstanceKey::on_node("a", "x", "n"), InstanceKey::on_node("a", "X", "n"));
        assert_ne!(InstanceKey::on_node("a", "x", "n"), InstanceKey::on_node("a", "x", "N"));
    }

    #[test]
    fn the_parts_come_back_as_given_and_their_borders_count() {
        for (service, id, node) in
            [("Orders", "web-1", ""), ("", "", ""), ("Ä", "ä/b", "ö"), ("ab", "c", "d")]
        {
            let key = InstanceKey::on_node(service, id, node);
            assert_eq!((key.service().as_str(), key.id(), key.node()), (service, id, node));
        }
        assert_ne!(InstanceKey::new("ab", "c"), InstanceKey::new("a", "bc"));
        assert_ne!(InstanceKey::on_node("a", "bc", "d"), InstanceKey::on_node("a", "b", "cd"));
        assert_ne!(InstanceKey::new("a", "b"), InstanceKey::on_node("a", "", "b"));
    }

    #[test]
    fn keys_are_ordered_by_service_then_id_then_node() {
        let ordered = [
            InstanceKey::new("a", "y"),
            InstanceKey::new("A!", "x"),
            InstanceKey::new("b", "x"),
            InstanceKey::on_node("B", "x", "n"),
            InstanceKey::new("b", "x!"),
        ];
        assert!(ordered.is_sorted());
        let [first, .., last] = &ordered;
        assert_eq!(first.compare_within_service("y", ""), Ordering::Equal);
        assert_eq!(last.compare_within_service("x", "n"), Ordering::Greater);
    }

    #[test]
    fn a_key_takes_another_spelling_of_its_service_and_stays_the_same() {
        let key = InstanceKey::on_node("orders", "x", "n");
        let spelled = key.spelled(ServiceName::new("ORDERS"));
        assert_eq!(spelled, key);
        assert_eq!(spelled.to_string(), "ORDERS/x@n");
    }
}
