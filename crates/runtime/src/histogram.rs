//! [`Histogram`]: how long things took, in fixed buckets, cheap to add to from many threads.
//!
//! Adding one is a search among fourteen numbers and two relaxed additions: nothing is
//! allocated, nothing is looked up by name, and nobody waits. It does not read the clock.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::stripe::{STRIPES, stripe};

/// The upper bounds of the buckets in nanoseconds: from what a renewal takes (10 µs) to what
/// nobody waits for (2.5 s). One more bucket holds the rest.
pub const BOUNDS: [u64; 14] = [
    10_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    500_000_000,
    2_500_000_000,
];

const BUCKETS: usize = BOUNDS.len() + 1;

/// Two cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Cells {
    buckets: [AtomicU64; BUCKETS],
    nanos: AtomicU64,
}

impl Cells {
    fn note(&self, nanos: u64) {
        let bucket = BOUNDS.partition_point(|bound| *bound < nanos);
        if let Some(bucket) = self.buckets.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
            self.nanos.fetch_add(nanos, Ordering::Relaxed);
        }
    }

    fn read(&self) -> Durations {
        Durations {
            buckets: std::array::from_fn(|at| {
                self.buckets.get(at).map_or(0, |bucket| bucket.load(Ordering::Relaxed))
            }),
            nanos: self.nanos.load(Ordering::Relaxed),
        }
    }
}

/// How long things took, for what happens some thousand times a second at most.
#[derive(Debug, Default)]
pub struct Histogram(Cells);

impl Histogram {
    /// One more that took so many nanoseconds.
    pub fn note(&self, nanos: u64) {
        self.0.note(nanos);
    }

    /// All so far.
    pub fn read(&self) -> Durations {
        self.0.read()
    }
}

/// The same for what many threads do all the time: each adds to a part of its own.
#[derive(Debug, Default)]
pub struct StripedHistogram([Cells; STRIPES]);

impl StripedHistogram {
    /// One more that took so many nanoseconds.
    pub fn note(&self, nanos: u64) {
        if let Some(cells) = self.0.get(stripe()) {
            cells.note(nanos);
        }
    }

    /// All so far.
    pub fn read(&self) -> Durations {
        self.0.iter().map(Cells::read).fold(Durations::default(), |mut all, some| {
            all.add(&some);
            all
        })
    }
}

/// What a histogram holds at one moment. Read while others add, it may lack some of what they
/// are adding.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Durations {
    buckets: [u64; BUCKETS],
    nanos: u64,
}

impl Durations {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// How long all of them took together, in seconds.
    pub fn seconds(&self) -> f64 {
        seconds(self.nanos)
    }

    /// The upper bound of each bucket in seconds (the last one's is infinite), and how many are in
    /// it and in none before.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        let bounds = BOUNDS.into_iter().map(seconds).chain([f64::INFINITY]);
        bounds.zip(self.buckets)
    }

    /// Takes in what another one holds.
    pub fn add(&mut self, other: &Self) {
        for (own, others) in self.buckets.iter_mut().zip(other.buckets) {
            *own += others;
        }
        self.nanos += other.nanos;
    }
}

fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_goes_into_the_first_bucket_that_is_large_enough() {
        let histogram = Histogram::default();
        for nanos in [0, 10_000, 10_001, 2_500_000_000, 2_500_000_001, u64::from(u32::MAX) * 1_000] {
            histogram.note(nanos);
        }
        let filled: Vec<_> = histogram.read().buckets().filter(|(_, count)| *count > 0).collect();
        assert_eq!(filled, [(0.000_01, 2), (0.000_05, 1), (2.5, 1), (f64::INFINITY, 2)]);
        assert_eq!(histogram.read().count(), 6);
    }

    #[test]
    fn what_threads_add_apart_is_read_as_one() {
        let histogram = StripedHistogram::default();
        std::thread::scope(|scope| {
            for _ in 0..2 * STRIPES {
                scope.spawn(|| (0..1_000).for_each(|_| histogram.note(20_000)));
            }
        });
        let read = histogram.read();
        assert_eq!(read.count(), 2_000 * STRIPES as u64);
        assert!((read.seconds() - 0.000_02 * read.count() as f64).abs() < 1e-9);
    }
}
