//! [`LeasesOfOne`]: the leases of one instance.

use std::ops::Deref;
use std::slice;
use std::sync::Arc;

use crate::lease::Lease;

/// The leases of one instance, one for each of its checks and in their order.
// Mostly one, and there may be millions: two words, where a general list takes three.
#[derive(Debug, Clone)]
pub struct LeasesOfOne(Held);

#[derive(Debug, Clone)]
enum Held {
    One(Arc<Lease>),
    Other(Box<[Arc<Lease>]>),
}

impl Deref for LeasesOfOne {
    type Target = [Arc<Lease>];

    fn deref(&self) -> &[Arc<Lease>] {
        match &self.0 {
            Held::One(lease) => slice::from_ref(lease),
            Held::Other(leases) => leases,
        }
    }
}

impl FromIterator<Arc<Lease>> for LeasesOfOne {
    fn from_iter<T: IntoIterator<Item = Arc<Lease>>>(leases: T) -> Self {
        let mut leases = leases.into_iter();
        Self(match (leases.next(), leases.next()) {
            (Some(only), None) => Held::One(only),
            (first, second) => Held::Other(first.into_iter().chain(second).chain(leases).collect()),
        })
    }
}

impl<'a> IntoIterator for &'a LeasesOfOne {
    type Item = &'a Arc<Lease>;
    type IntoIter = slice::Iter<'a, Arc<Lease>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_leases_takes_two_words() {
        assert_eq!(size_of::<LeasesOfOne>(), 2 * size_of::<usize>());
    }
}
