//! [`Ring`]: the last so many of something.

/// The last so many of something, the oldest first to go.
#[derive(Debug, Clone)]
pub(crate) struct Ring<T> {
    kept: Vec<T>,
    room: usize,
    oldest: usize,
}

impl<T: Copy> Ring<T> {
    /// An empty one with room for so many, at least one. Room is taken as it is needed.
    pub(crate) fn new(room: usize) -> Self {
        Self { kept: Vec::new(), room: room.max(1), oldest: 0 }
    }

    /// Keeps one more; gives back the one that made room for it.
    pub(crate) fn push(&mut self, item: T) -> Option<T> {
        if self.kept.len() < self.room {
            self.kept.push(item);
            return None;
        }
        let place = self.kept.get_mut(self.oldest)?;
        let gone = std::mem::replace(place, item);
        self.oldest = (self.oldest + 1) % self.room;
        Some(gone)
    }

    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_ring_lets_go_what_a_queue_of_that_length_would(room in 1..9usize, items: Vec<u8>) {
            let (mut ring, mut queue) = (Ring::new(room), VecDeque::new());
            for item in items {
                queue.push_back(item);
                let gone = if queue.len() > room { queue.pop_front() } else { None };
                prop_assert_eq!(ring.push(item), gone);
                prop_assert_eq!(ring.len(), queue.len());
            }
        }
    }
}
