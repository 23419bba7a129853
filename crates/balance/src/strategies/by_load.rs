//! [`ByLoad`]: places in the order of their loads, of which the first is always at hand.
//!
//! Lists of places with the same load, in a list by load: as loads move by one, a place moves to a list beside its own, so
//! every step takes the same short time however many places there are. All memory is taken at the beginning.
#![expect(
    clippy::indexing_slicing,
    reason = "places and lists are numbered by these very tables, and links lead to nowhere else"
)]

/// No place, or no list.
const NONE: u32 = u32::MAX;

/// Places by load.
#[derive(Debug)]
pub(super) struct ByLoad {
    places: Box<[Place]>,
    /// One for each load that somebody has. There are never more than places.
    lists: Box<[List]>,
    /// That of the lowest load.
    lowest: u32,
    /// Unused ones, linked by `next`.
    unused: u32,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    list: u32,
    previous: u32,
    next: u32,
}

#[derive(Debug, Clone, Copy)]
struct List {
    load: u32,
    len: u32,
    first: u32,
    last: u32,
    previous: u32,
    next: u32,
}

impl ByLoad {
    /// With so many places, none of which is in the order yet.
    pub(super) fn of(number: usize) -> Self {
        let number = u32::try_from(number).unwrap_or(NONE);
        let place = Place { list: NONE, previous: NONE, next: NONE };
        let lists = (1..=number).map(|next| List {
            load: 0,
            len: 0,
            first: NONE,
            last: NONE,
            previous: NONE,
            next: if next == number { NONE } else { next },
        });
        Self {
            places: vec![place; number as usize].into(),
            lists: lists.collect(),
            lowest: NONE,
            unused: if number == 0 { NONE } else { 0 },
        }
    }

    /// Puts a place where its load belongs, behind those of the same load; or takes it out, where it has none to tell. One that is there
    /// already stays.
    pub(super) fn put(&mut self, place: usize, load: Option<u32>) {
        let Some(&Place { list, .. }) = self.places.get(place) else { return };
        if list != NONE && load == Some(self.lists[list as usize].load) {
            return;
        }
        // The new list is near the old one.
        let near = if list == NONE { self.lowest } else { self.take_out(place as u32) };
        if let Some(load) = load {
            let list = self.list_of(load, near);
            self.append(list, place as u32);
        }
    }

    /// The place for the attempt of this number: those of the lowest load one after the other, then the ones behind them. Each that is told of the
    /// lowest load goes behind the others of its load.
    pub(super) fn next(&mut self, attempt: u32) -> Option<usize> {
        let list = *self.lists.get(self.lowest as usize)?;
        if attempt < list.len {
            self.take_out_of_list(list.first);
            self.append(self.lowest, list.first);
            return Some(list.first as usize);
        }
        let (mut skip, mut list) = (attempt - list.len, *self.lists.get(list.next as usize)?);
        while skip >= list.len {
            skip -= list.len;
            list = *self.lists.get(list.next as usize)?;
        }
        let mut place = list.first;
        (0..skip).for_each(|_| place = self.places[place as usize].next);
        Some(place as usize)
    }

    /// Takes a place out, and its list where it was the last in it. Answers a list that is near, if there is any.
    fn take_out(&mut self, place: u32) -> u32 {
        let list = self.places[place as usize].list;
        self.take_out_of_list(place);
        let List { len, previous, next, .. } = self.lists[list as usize];
        if len > 0 {
            return list;
        }
        match previous {
            NONE => self.lowest = next,
            previous => self.lists[previous as usize].next = next,
        }
        if next != NONE {
            self.lists[next as usize].previous = previous;
        }
        self.lists[list as usize].next = self.unused;
        self.unused = list;
        if previous == NONE { next } else { previous }
    }

    fn take_out_of_list(&mut self, place: u32) {
        let Place { list, previous, next } = self.places[place as usize];
        let list = &mut self.lists[list as usize];
        list.len -= 1;
        match previous {
            NONE => list.first = next,
            previous => self.places[previous as usize].next = next,
        }
        match next {
            NONE => list.last = previous,
            next => self.places[next as usize].previous = previous,
        }
        self.places[place as usize].list = NONE;
    }

    fn append(&mut self, list: u32, place: u32) {
        let to = &mut self.lists[list as usize];
        let previous = to.last;
        to.last = place;
        to.len += 1;
        match previous {
            NONE => to.first = place,
            previous => self.places[previous as usize].next = place,
        }
        self.places[place as usize] = Place { list, previous, next: NONE };
    }

    /// The list of a load, looked for from one that is near, and made where there is none.
    fn list_of(&mut self, load: u32, near: u32) -> u32 {
        let (mut before, mut after) = (NONE, near);
        // Down to the last list that is not above the load …
        while after != NONE && self.lists[after as usize].load > load {
            before = self.lists[after as usize].previous;
            if before == NONE || self.lists[before as usize].load <= load {
                break;
            }
            after = before;
        }
        // … and up to the first that is not below it.
        if before != NONE {
            after = before;
        }
        before = if after == NONE { NONE } else { self.lists[after as usize].previous };
        while after != NONE && self.lists[after as usize].load < load {
            before = after;
            after = self.lists[after as usize].next;
        }
        if after != NONE && self.lists[after as usize].load == load {
            return after;
        }
        let made = self.unused;
        self.unused = self.lists[made as usize].next;
        self.lists[made as usize] =
            List { load, len: 0, first: NONE, last: NONE, previous: before, next: after };
        match before {
            NONE => self.lowest = made,
            before => self.lists[before as usize].next = made,
        }
        if after != NONE {
            self.lists[after as usize].previous = made;
        }
        made
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        Put(usize, Option<u32>),
        Next(u32),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => (0..10usize, prop::option::weighted(0.8, 0..6u32)).prop_map(|(place, load)| Step::Put(place, load)),
            2 => (0..12u32).prop_map(Step::Next),
        ]
    }

    proptest! {
        /// The model: a list of places with their loads, in the order in which they came to them.
        #[test]
        fn the_order_is_that_of_a_list_that_is_sorted_anew_each_time(steps in prop::collection::vec(step(), 0..200)) {
            let mut by_load = ByLoad::of(9);
            let mut model: Vec<(u32, usize)> = Vec::new();
            for step in steps {
                match step {
                    Step::Put(place, load) => {
                        by_load.put(place, load);
                        let before = model.iter().find(|entry| entry.1 == place).map(|entry| entry.0);
                        if place < 9 && before != load {
                            model.retain(|entry| entry.1 != place);
                            model.extend(load.map(|load| (load, place)));
                        }
                    }
                    Step::Next(attempt) => {
                        model.sort_by_key(|entry| entry.0);
                        let lowest = model.first().map_or(0, |first| first.0);
                        let rotating = model.iter().filter(|entry| entry.0 == lowest).count() as u32;
                        let expected = if attempt < rotating {
                            let first = model.remove(0);
                            model.push(first);
                            Some(first.1)
                        } else {
                            model.get(attempt as usize).map(|entry| entry.1)
                        };
                        prop_assert_eq!(by_load.next(attempt), expected);
                    }
                }
            }
        }
    }
}
