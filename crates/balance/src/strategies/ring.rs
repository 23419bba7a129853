//! [`Ring`]: points on a circle, and which of them comes next after a hash.
//!
//! The consistent hashing of Karger et al. (1997): each endpoint has many points, a key belongs to the next point. A point's place on the
//! circle comes from its endpoint's id and its number alone. So an endpoint that leaves or joins moves the keys of its own points and no
//! other, one whose weight changes loses or gains its last points, and all who know the same endpoints agree,
//! whatever came before.
//!
//! A look-up takes no search over all points. The circle is cut into arcs of one length, about four points in each, and a table tells the
//! first point of each arc: so it is one look into the table, and one at the points beside each other that follow.

use crate::hash;
use crate::strategy::Nodes;

/// Points of an endpoint whose weight is a power of two and the greatest. Shares are within about 1/√256, 6 %, of what they
/// should be; more points are more even, and cost 8 bytes and a place in the sorted list each.
const POINTS: usize = 256;

/// The points of all endpoints, sorted.
#[derive(Debug)]
pub(super) struct Ring {
    points: Box<[Point]>,
    /// The first point that is not before each arc.
    arcs: Box<[u32]>,
    /// What is left of a hash is the number of its arc.
    shift: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    at: u32,
    /// Of two points at one place that of the lesser id comes first, so all agree there, too.
    place: u32,
}

impl Ring {
    pub(super) fn of(nodes: &Nodes) -> Self {
        let heaviest = nodes.iter().map(|node| usize::from(node.weight().get())).max().unwrap_or(1);
        // The scale is a power of two, so that it stays when the heaviest changes a little: a change of the scale moves keys of all.
        let scale = heaviest.next_power_of_two();
        let points_of = |weight: u16| (usize::from(weight) * POINTS / scale).max(1);
        let mut points = Vec::with_capacity(nodes.iter().map(|node| points_of(node.weight().get())).sum());
        for (place, node) in (0..).zip(nodes.iter()) {
            let id = node.number().hash();
            let own = 0..points_of(node.weight().get()) as u64;
            points.extend(own.map(|number| Point { at: at(hash::of_both(id, number)), place }));
        }
        points.sort_unstable();
        let bits = (points.len() / 4).max(2).ilog2();
        let mut first = 0;
        let arcs = (0..1_u64 << bits).map(|arc| {
            let from = arc << (u32::BITS - bits);
            first += points.get(first..).map_or(0, |rest: &[Point]| {
                rest.iter().take_while(|point| u64::from(point.at) < from).count()
            });
            first as u32
        });
        Self { arcs: arcs.collect(), points: points.into(), shift: u32::BITS - bits }
    }

    /// Places in the order of the circle, from the point that follows a hash; each as often as it has points.
    pub(super) fn from(&self, key: u64) -> impl Iterator<Item = usize> {
        let at = at(hash::of_both(key, 0));
        let arc = self.arcs.get((at >> self.shift) as usize).map_or(0, |first| *first as usize);
        let (before, rest) = self.points.split_at_checked(arc).unwrap_or((&[], &self.points));
        let passed = rest.iter().position(|point| point.at >= at).unwrap_or(rest.len());
        let (passed, after) = rest.split_at_checked(passed).unwrap_or((rest, &[]));
        after.iter().chain(before).chain(passed).map(|point| point.place as usize)
    }
}

/// A hash as a place on the circle.
fn at(hash: u64) -> u32 {
    (hash >> 32) as u32
}
