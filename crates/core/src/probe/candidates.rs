//! [`Candidates`]: what is known of each lease whose address may be tried, in eight bytes.

use crate::lease::LeaseId;

/// What is known of each lease whose address may be tried, by the lease's slot.
///
/// A lease that ends is not told of: the next one in its slot has another `reuse`, by which
/// what is known of the old one is not taken for it.
#[derive(Debug, Default)]
pub(super) struct Candidates(Vec<Candidate>);

/// One of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Candidate {
    reuse: u32,
    standing: Standing,
    /// Whether it waits for an attempt, or one is on its way: there is one at a time.
    pub(super) waits: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Standing {
    /// The slot's lease is none of ours.
    #[default]
    Stranger,
    /// It may be tried, but never accepted yet.
    Unreached,
    /// It accepted a connection from here.
    Reached,
}

// A registry of a million instances spends eight megabytes on this.
const _: () = assert!(size_of::<Candidate>() == 8);

impl Candidates {
    /// A lease's address may be tried from now on.
    pub(super) fn admit(&mut self, lease: LeaseId) -> &mut Candidate {
        let index = lease.index as usize;
        if self.0.len() <= index {
            self.0.resize(index + 1, Candidate::default());
        }
        let slot = self.0.get_mut(index).expect("the list was made long enough");
        *slot = Candidate { reuse: lease.reuse, standing: Standing::Unreached, waits: false };
        slot
    }

    /// What is known of a lease; nothing unless it was admitted.
    pub(super) fn of(&mut self, lease: LeaseId) -> Option<&mut Candidate> {
        let slot = self.0.get_mut(lease.index as usize)?;
        (slot.reuse == lease.reuse && slot.standing != Standing::Stranger).then_some(slot)
    }
}

impl Candidate {
    /// Whether it accepted a connection from here.
    pub(super) fn is_reached(self) -> bool {
        self.standing == Standing::Reached
    }

    /// It accepted a connection from here.
    pub(super) fn reach(&mut self) {
        self.standing = Standing::Reached;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_lease_is_not_taken_for_the_next_one_in_its_slot() {
        let mut candidates = Candidates::default();
        let old = LeaseId { index: 3, reuse: 1 };
        candidates.admit(old).reach();
        assert!(candidates.of(old).is_some_and(|candidate| candidate.is_reached()));
        let new = LeaseId { index: 3, reuse: 2 };
        assert!(candidates.of(new).is_none());
        assert!(!candidates.admit(new).is_reached());
        assert!(candidates.of(old).is_none());
        // Between the slots in use nobody is admitted, not even with the first reuse of all.
        assert!(candidates.of(LeaseId { index: 1, reuse: 0 }).is_none());
        assert!(candidates.of(LeaseId { index: 9, reuse: 1 }).is_none());
    }
}
