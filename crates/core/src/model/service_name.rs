//! [`ServiceName`]: a name that compares without regard to case.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The name of a service.
///
/// Names compare without regard to ASCII case and keep the form in which they were
/// first given: `orders` and `ORDERS` are one service.
#[derive(Clone)]
pub struct ServiceName(Arc<str>);

impl ServiceName {
    /// A name, kept in this form. Its rules (not empty, length, no control characters) are
    /// checked where commands are decided.
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name in the form in which it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the very same, kept in one place.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Orders two names as [`ServiceName`] does: by their ASCII lower-case bytes.
pub(crate) fn compare_folded(left: &str, right: &str) -> Ordering {
    let fold = |byte: u8| byte.to_ascii_lowercase();
    left.bytes().map(fold).cmp(right.bytes().map(fold))
}

impl PartialEq for ServiceName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ServiceName {}

impl PartialOrd for ServiceName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ServiceName {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_folded(&self.0, &other.0)
    }
}

impl Hash for ServiceName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_folded(&self.0, state);
    }
}

/// Feeds a service name to a hasher as [`ServiceName`] does, without a copy on the heap.
fn hash_folded<H: Hasher>(name: &str, state: &mut H) {
    let mut block = [0u8; 64];
    for part in name.as_bytes().chunks(block.len()) {
        let folded = block.get_mut(..part.len()).unwrap_or_default();
        for (to, from) in folded.iter_mut().zip(part) {
            *to = from.to_ascii_lowercase();
        }
        state.write(folded);
    }
    state.write_u8(0xff);
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_service_name_compares_without_case_and_keeps_its_form() {
        let names: BTreeSet<_> = ["orders", "ORDERS", "Stock"].into_iter().map(ServiceName::new).collect();
        assert_eq!(names.len(), 2);
        assert_eq!(ServiceName::new("oRders").as_str(), "oRders");
    }

    #[test]
    fn equal_names_hash_alike_whatever_their_case_and_length() {
        use std::hash::BuildHasher;
        let keyed = foldhash::fast::FixedState::with_seed(1);
        let long = "Ab".repeat(100);
        for (left, right) in [("orders", "ORDERS"), (long.as_str(), &long.to_uppercase())] {
            assert_eq!(keyed.hash_one(ServiceName::new(left)), keyed.hash_one(ServiceName::new(right)));
        }
    }
}
