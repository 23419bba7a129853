//! [`Agenda`]: what is still to happen, in the one order of time.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::time::Time;

/// What is still to happen. What falls on the same microsecond happens in the order in which it
/// was noted.
#[derive(Debug)]
pub(crate) struct Agenda<E> {
    entries: BinaryHeap<Entry<E>>,
    noted: u64,
}

#[derive(Debug)]
struct Entry<E> {
    at: Time,
    place: u64,
    event: E,
}

impl<E> Agenda<E> {
    pub(crate) fn new() -> Self {
        Self { entries: BinaryHeap::new(), noted: 0 }
    }

    pub(crate) fn note(&mut self, at: Time, event: E) {
        self.entries.push(Entry { at, place: self.noted, event });
        self.noted += 1;
    }

    /// The next event, unless it is after `end`.
    pub(crate) fn next(&mut self, end: Time) -> Option<(Time, E)> {
        if self.entries.peek()?.at > end {
            return None;
        }
        self.entries.pop().map(|entry| (entry.at, entry.event))
    }
}

impl<E> Ord for Entry<E> {
    /// The heap's greatest is the earliest.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.place).cmp(&(self.at, self.place))
    }
}

impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<E> Eq for Entry<E> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_the_order_of_time_and_then_of_noting() {
        let mut agenda = Agenda::new();
        for (at, name) in [(5, "c"), (1, "a"), (5, "d"), (2, "b"), (9, "later")] {
            agenda.note(Time(at), name);
        }
        let told: Vec<_> = std::iter::from_fn(|| agenda.next(Time(5))).collect();
        assert_eq!(told, [(Time(1), "a"), (Time(2), "b"), (Time(5), "c"), (Time(5), "d")]);
    }
}
