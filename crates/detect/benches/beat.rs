//! What a beat costs each detector: to hear it, and to tell the deadline that follows from it.
//!
//! Beside each stands a baseline of the same run: a store of the time, which is the least that anybody would write. Run it with
//! `cargo xtask bench`; quote the ratio, not the time.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::disallowed_types, reason = "a benchmark reads the clock")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use lubdub_detect::traces::{Arrival, lossy};
use lubdub_detect::{
    Bertier, BertierConfig, Detector, FixedConfig, FixedTimeout, NfdE, NfdEConfig, NfdS, NfdSConfig, Peers,
    Phi, PhiConfig, Tick, TwoWindows, TwoWindowsConfig,
};

const ROUNDS: usize = 9;

fn main() {
    let trace = lossy(1, 1_000_000, 0.01).trace().expect("the plan is sound");
    let arrivals = trace.arrivals();
    let interval = Duration::from_secs(1);
    let margin = Duration::from_millis(2_500);
    let fixed = FixedTimeout::new(FixedConfig { interval, timeout: Duration::from_millis(3_500) });
    let fixed = fixed.expect("the settings are sound");
    let phi = |window| {
        Phi::new(PhiConfig { window, ..PhiConfig::of_interval(interval) }).expect("the settings are sound")
    };
    let nfd_s = NfdS::new(NfdSConfig { first_sent: trace.began(), interval, margin });
    let nfd_e = NfdE::new(NfdEConfig { interval, margin, window: 1_000 });
    let two = TwoWindows::new(TwoWindowsConfig { interval, margin, long_window: 1_000, short_window: 1 });
    let bertier = Bertier::new(BertierConfig { interval, window: 1_000 });

    println!("{:<28} {:>12} {:>12} {:>8}", "detector", "beat ns", "baseline ns", "ratio");
    report("fixed timeout", arrivals, &fixed);
    report("phi, 200 intervals", arrivals, &phi(200));
    report("phi, 1000 intervals", arrivals, &phi(1_000));
    report("NFD-S", arrivals, &nfd_s.expect("the settings are sound"));
    report("NFD-E, 1000 beats", arrivals, &nfd_e.expect("the settings are sound"));
    report("2W-FD, 1000 beats and 1", arrivals, &two.expect("the settings are sound"));
    report("Bertier, 1000 beats", arrivals, &bertier.expect("the settings are sound"));
    of_many(arrivals, fixed);
}

fn report<D: Detector + Clone>(name: &str, arrivals: &[Arrival], fresh: &D) {
    let rounds = (0..ROUNDS).map(|_| {
        let mut detector = fresh.clone();
        let beat = nanos_each(arrivals, |arrival| {
            detector.heard(arrival.received, arrival.sequence);
            black_box(detector.deadline());
        });
        (beat, baseline(arrivals))
    });
    row(name, rounds.collect());
}

/// A beat among ten thousand peers.
fn of_many(arrivals: &[Arrival], fresh: FixedTimeout) {
    let mut peers = Peers::new(fresh);
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let beat = nanos_each(arrivals, |arrival| {
            black_box(peers.received(arrival.sequence % 10_000, arrival.received));
        });
        rounds.push((beat, baseline(arrivals)));
    }
    row("one of 10000 peers, fixed", rounds);
}

fn baseline(arrivals: &[Arrival]) -> f64 {
    let mut last = Tick(0);
    nanos_each(arrivals, |arrival| last = black_box(arrival.received.max(last)))
}

fn nanos_each(arrivals: &[Arrival], mut beat: impl FnMut(&Arrival)) -> f64 {
    let began = Instant::now();
    arrivals.iter().for_each(&mut beat);
    began.elapsed().as_nanos() as f64 / arrivals.len() as f64
}

/// The median of the rounds by their ratio.
fn row(name: &str, mut rounds: Vec<(f64, f64)>) {
    rounds.sort_by(|left, right| (left.0 / left.1).total_cmp(&(right.0 / right.1)));
    let Some((beat, baseline)) = rounds.get(ROUNDS / 2) else { return };
    println!("{name:<28} {beat:>12.1} {baseline:>12.1} {:>8.1}", beat / baseline);
}
