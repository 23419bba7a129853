//! What it costs a renewal to be in the histogram of requests, beside one relaxed addition.
//!
//! Run it with `cargo bench -p lubdub-runtime --bench histogram`; quote the difference.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use lubdub_runtime::histogram::StripedHistogram;

const SLICES: usize = 2_000;
const ROUNDS: u64 = 10_000;

/// Nanoseconds each on as many threads at once: of many short slices the quickest, which nobody
/// else on this machine disturbed.
fn nanos_each(threads: usize, once: impl Fn(u64) + Sync) -> f64 {
    let slice = || {
        let began = Instant::now();
        (0..ROUNDS).for_each(|round| once(black_box(round)));
        began.elapsed().as_nanos() as f64 / ROUNDS as f64
    };
    let quickest = || (0..SLICES).map(|_| slice()).fold(f64::INFINITY, f64::min);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(quickest)).collect();
        let done = running.into_iter().map(|thread| thread.join().expect("no thread panics"));
        done.fold(0.0, f64::max)
    })
}

fn main() {
    let histogram = StripedHistogram::default();
    let plain = AtomicU64::new(0);
    for threads in [1, 2] {
        // Between 2 and 34 µs, as renewals take.
        let noted = nanos_each(threads, |round| histogram.note(2_000 + (round & 31) * 1_000));
        let added = nanos_each(threads, |_| {
            plain.fetch_add(1, Ordering::Relaxed);
        });
        println!(
            "{threads} threads: {noted:.1} ns to note a duration, {added:.1} ns for one shared addition"
        );
    }
    println!("noted {}", histogram.read().count());
}
