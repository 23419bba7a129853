//! [`Ring`]: points on a circle, and which of them a key belongs to.
//!
//! Consistent hashing with virtual nodes (Karger et al. 1997) and several probes (Appleton, O'Reilly 2015): each endpoint has points, a
//! key has a few probes, and belongs to the point that follows the nearest after one of its probes. Where a point stands
//! comes from its endpoint's id and its number alone. So who leaves or joins moves the keys of its own points and no other, whose weight
//! changes loses or gains its last points, and all who know the same endpoints agree, whatever came before.
//!
//! Probes make few points as even as many: with 32 points and 3 probes, shares of equal weights are off by 8 % (one standard deviation);
//! with one probe that takes 160 points. Few points matter: those of ten thousand endpoints are 2.5 MB, which a processor keeps near.
//!
//! A look-up takes no search over all points. The circle is cut into arcs of one length, about two points in each, and a table tells the
//! first point of each arc: so a probe is one look into the table, and one at the points beside each other that follow.

use crate::hash;
use crate::strategy::Nodes;

/// Points of an endpoint whose weight is a power of two and the greatest.
const POINTS: u32 = 32;

/// Of a key.
const PROBES: usize = 3;

/// Points that are looked at together, of about two in an arc.
const AT_ONCE: usize = 8;

/// The part of a point that the lightest endpoints have at least. More than that lighter than the heaviest, 256 times, nobody can be.
const LEAST_PART: u64 = (1 << 32) / 8;

/// The points of all endpoints, sorted.
#[derive(Debug)]
pub(super) struct Ring {
    points: Box<[Point]>,
    /// The first point that is not before each arc.
    arcs: Box<[u32]>,
    /// What is left of a hash is the number of its arc.
    shift: u32,
    /// How much of its last point each endpoint has, of 2³².
    parts: Box<[u32]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    at: u32,
    /// The place of the endpoint, times two; plus one where the endpoint has only a part of the point. Of two points at one place that
    /// of the lesser id comes first, so all agree there, too.
    owner: u32,
}

impl Ring {
    pub(super) fn of(nodes: &Nodes) -> Self {
        let heaviest = nodes.iter().map(|node| node.weight().get()).max().unwrap_or(1);
        // The scale is a power of two, so that it stays when the heaviest changes a little: a change of the scale moves keys of all.
        let scale = u64::from(heaviest.next_power_of_two());
        let mut points = Vec::with_capacity(nodes.len() * POINTS as usize);
        let mut parts = Vec::with_capacity(nodes.len());
        for (place, node) in (0_u32..).zip(nodes.iter()) {
            let units = u64::from(node.weight().get()) * u64::from(POINTS);
            let (whole, rest) = (units / scale, units % scale);
            let id = node.number().hash();
            let point = |number, part| Point { at: at(hash::of_both(id, number)), owner: place << 1 | part };
            points.extend((0..whole).map(|number| point(number, 0)));
            if rest > 0 {
                points.push(point(whole, 1));
            }
            let least = if whole == 0 { LEAST_PART } else { 0 };
            parts.push(((rest << 32) / scale).max(least) as u32);
        }
        points.sort_unstable();
        let bits = (points.len() / 2).max(2).ilog2();
        let mut first = 0;
        let arcs = (0..1_u64 << bits).map(|arc| {
            let from = arc << (u32::BITS - bits);
            let rest = points.get(first..).unwrap_or(&[]);
            first += rest.iter().take_while(|point: &&Point| u64::from(point.at) < from).count();
            first as u32
        });
        Self { arcs: arcs.collect(), points: points.into(), shift: u32::BITS - bits, parts: parts.into() }
    }

    /// Places in the order in which the key would belong to them, if those before were not there; each as often as its points are come by.
    pub(super) fn from(&self, key: u64) -> impl Iterator<Item = usize> {
        let probes = std::array::from_fn(|number| {
            let from = at(hash::of_both(key, number as u64));
            let next = self.after(from);
            Probe { from, next, left: self.points.len(), distance: self.distance(from, next) }
        });
        Walk { ring: self, key, probes }
    }

    /// The first place of [`from`](Self::from), which is all that most calls ask for.
    pub(super) fn first(&self, key: u64) -> Option<usize> {
        let mut nearest = (u64::MAX, 0);
        for number in 0..PROBES as u64 {
            let from = at(hash::of_both(key, number));
            let point = self.points.get(self.after(from))?;
            let distance = u64::from(point.at.wrapping_sub(from));
            if distance < nearest.0 {
                nearest = (distance, point.owner);
            }
        }
        if nearest.1 & 1 == 0 { Some((nearest.1 >> 1) as usize) } else { self.from(key).next() }
    }

    /// The point that follows a place on the circle.
    fn after(&self, from: u32) -> usize {
        let arc = self.arcs.get((from >> self.shift) as usize).map_or(0, |first| *first as usize);
        let rest = self.points.get(arc..).unwrap_or(&[]);
        // So many at once that one turn is nearly always enough: how many of them are passed cannot be foreseen, and a loop that ends
        // there would cost the processor more than to look at all of them.
        let mut passed = 0;
        for some in rest.chunks(AT_ONCE) {
            let before = some.iter().map(|point| usize::from(point.at < from)).sum::<usize>();
            passed += before;
            if before < AT_ONCE {
                break;
            }
        }
        if passed == rest.len() { 0 } else { arc + passed }
    }

    /// From a place on the circle up to a point.
    fn distance(&self, from: u32, point: usize) -> u64 {
        self.points.get(point).map_or(u64::MAX, |point| u64::from(point.at.wrapping_sub(from)))
    }
}

/// One of the places on the circle that a key has, with what follows it.
#[derive(Debug)]
struct Probe {
    from: u32,
    next: usize,
    /// Points until it is round.
    left: usize,
    /// To the next point; the greatest number when it is round.
    distance: u64,
}

/// All probes of a key at once, the nearest point first.
#[derive(Debug)]
struct Walk<'a> {
    ring: &'a Ring,
    key: u64,
    probes: [Probe; PROBES],
}

impl Iterator for Walk<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        loop {
            let nearest = self.probes.iter_mut().min_by_key(|probe| probe.distance)?;
            if nearest.distance == u64::MAX {
                return None;
            }
            let point = *self.ring.points.get(nearest.next)?;
            nearest.left -= 1;
            nearest.next = if nearest.next + 1 == self.ring.points.len() { 0 } else { nearest.next + 1 };
            nearest.distance =
                if nearest.left == 0 { u64::MAX } else { self.ring.distance(nearest.from, nearest.next) };
            let place = (point.owner >> 1) as usize;
            // A part of a point has that part of the keys which come by. It is drawn from both, so each key's draw stays.
            let is_whole = point.owner & 1 == 0;
            if is_whole || at(hash::of_both(self.key, u64::from(point.at))) < *self.ring.parts.get(place)? {
                return Some(place);
            }
        }
    }
}

/// A hash as a place on the circle.
fn at(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::config::Config;
    use crate::endpoint::Endpoint;
    use crate::home::Home;
    use crate::node::Node;
    use crate::weight::Weight;

    fn ring(weights: &[i64]) -> Ring {
        let home = Arc::new(Home::new(Config::default()));
        let nodes = weights.iter().enumerate().map(|(number, weight)| {
            let endpoint =
                Endpoint::new(format!("{number:04}")).weight(Weight::new(*weight).expect("it is one"));
            Arc::new(Node::new(endpoint, &home))
        });
        Ring::of(&nodes.collect())
    }

    proptest! {
        /// The model: all distances of all points from all probes, sorted.
        #[test]
        fn a_walk_is_in_the_order_of_all_distances(weights in prop::collection::vec(1..300i64, 1..20), key in any::<u64>()) {
            let ring = ring(&weights);
            let mut expected: Vec<(u32, u64, u32)> = Vec::new();
            for number in 0..PROBES as u64 {
                let from = at(hash::of_both(key, number));
                expected.extend(ring.points.iter().map(|point| (point.at.wrapping_sub(from), number, point.owner)));
            }
            expected.sort_unstable();
            let at_of = |expected: &(u32, u64, u32)| at(hash::of_both(key, expected.1)).wrapping_add(expected.0);
            expected.retain(|expected| {
                let drawn = at(hash::of_both(key, u64::from(at_of(expected))));
                expected.2 & 1 == 0 || drawn < ring.parts[(expected.2 >> 1) as usize]
            });
            let expected: Vec<usize> = expected.iter().map(|expected| (expected.2 >> 1) as usize).collect();
            prop_assert_eq!(ring.first(key), expected.first().copied());
            prop_assert_eq!(ring.from(key).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn shares_follow_weights_that_are_no_round_numbers_and_very_different() {
        let mut weights = vec![100; 50];
        weights.extend([1; 50]);
        let ring = ring(&weights);
        let light =
            (0..200_000).filter(|key| ring.from(hash::of_bytes(&i32::to_le_bytes(*key))).next() >= Some(50));
        let part = light.count() as f64 / 200_000.0;
        assert!((part - 1.0 / 101.0).abs() < 0.003, "{part}");
    }

    /// With one probe it would be 1/√32, 18 %.
    #[test]
    fn shares_of_equal_weights_are_off_by_eight_percent() {
        let (nodes, keys) = (500, 500_000);
        let ring = ring(&vec![1; nodes]);
        let mut counts = vec![0_u32; nodes];
        for key in 0..keys {
            counts[ring.first(hash::of_bytes(&i32::to_le_bytes(key))).unwrap()] += 1;
        }
        let mean = f64::from(keys) / nodes as f64;
        let variance =
            counts.iter().map(|count| (f64::from(*count) / mean - 1.0).powi(2)).sum::<f64>() / nodes as f64;
        // Besides the points, the number of keys varies: by 1/√1000.
        let deviation = (variance - 1.0 / mean).sqrt();
        assert!((0.07..0.09).contains(&deviation), "{deviation}");
    }

    #[test]
    fn a_ring_of_nobody_leads_nowhere() {
        assert_eq!((ring(&[]).first(7), ring(&[]).from(7).next()), (None, None));
    }
}
