//! What every detector promises, whatever is heard.

use std::time::Duration;

use lubdub_detect::{
    Bertier, BertierConfig, Detector, FixedConfig, FixedTimeout, NfdE, NfdEConfig, NfdS, NfdSConfig, Phi,
    PhiConfig, Tail, Tick, TwoWindows, TwoWindowsConfig,
};
use proptest::prelude::*;

const INTERVAL: Duration = Duration::from_secs(1);
const BEGIN: Tick = Tick::of_secs(100);

fn phi(config: PhiConfig) -> Phi {
    Phi::new(config).expect("the settings are sound")
}

/// Detectors that begin with the first beat, with these patience.
fn those_who_learn(margin: Duration, window: usize) -> Vec<(&'static str, Box<dyn Detector>)> {
    let of_phi = |tail| {
        Box::new(phi(PhiConfig { accepted_pause: margin, window, tail, ..PhiConfig::of_interval(INTERVAL) }))
    };
    let fixed = FixedConfig { interval: INTERVAL, timeout: INTERVAL + margin + Duration::from_micros(1) };
    let nfd_e = NfdEConfig { interval: INTERVAL, margin, window };
    let two = TwoWindowsConfig { interval: INTERVAL, margin, long_window: window + 1, short_window: 1 };
    vec![
        ("fixed", Box::new(FixedTimeout::new(fixed).expect("sound"))),
        ("phi", of_phi(Tail::Normal)),
        ("phi, logistic", of_phi(Tail::Logistic)),
        ("phi, exponential", of_phi(Tail::Exponential)),
        ("NFD-E", Box::new(NfdE::new(nfd_e).expect("sound"))),
        ("2W-FD", Box::new(TwoWindows::new(two).expect("sound"))),
        ("Bertier", Box::new(Bertier::new(BertierConfig { interval: INTERVAL, window }).expect("sound"))),
    ]
}

/// All of them.
fn all(margin: Duration, window: usize) -> Vec<(&'static str, Box<dyn Detector>)> {
    let mut all = those_who_learn(margin, window);
    let config = NfdSConfig { first_sent: BEGIN, interval: INTERVAL, margin };
    all.push(("NFD-S", Box::new(NfdS::new(config).expect("sound"))));
    all
}

/// Beats with gaps, delays and duplicates: the number, and the time of arrival.
fn beats() -> impl Strategy<Value = Vec<(u64, Tick)>> {
    prop::collection::vec((0..4u64, 0..900_000u64), 1..40).prop_map(|steps| {
        let (mut sequence, mut at) = (0, BEGIN);
        let mut beats = vec![(0, BEGIN)];
        for (step, delay) in steps {
            sequence += step;
            at = at.max(Tick(BEGIN.0 + sequence * 1_000_000 + delay));
            beats.push((sequence, at));
        }
        beats
    })
}

proptest! {
    #[test]
    fn whom_it_suspects_flips_exactly_at_the_deadline(beats in beats(), window in 1..12usize, margin in 0..3_000_000u64) {
        for (name, mut detector) in all(Duration::from_micros(margin), window) {
            for &(sequence, now) in &beats {
                detector.heard(now, sequence);
                let deadline = detector.deadline().expect("a beat was heard");
                prop_assert!(detector.suspects(deadline), "{name}");
                prop_assert!(!detector.suspects(Tick(deadline.0 - 1)), "{name}");
            }
        }
    }

    #[test]
    fn the_level_passes_the_threshold_at_the_deadline_and_never_falls_in_silence(
        beats in beats(),
        window in 1..12usize,
        threshold in 0.1..40.0f64,
        pause in 0..3_000_000u64,
        steps in prop::collection::vec(0..800_000u64, 1..20),
    ) {
        for tail in [Tail::Normal, Tail::Logistic] {
            let config = PhiConfig {
                threshold, window, tail, accepted_pause: Duration::from_micros(pause), ..PhiConfig::of_interval(INTERVAL)
            };
            let mut detector = phi(config);
            for &(sequence, now) in &beats {
                detector.heard(now, sequence);
            }
            let deadline = detector.deadline().expect("a beat was heard");
            // A microsecond is the grain of time; the level moves by less than 1e-3 in one, as deviations are 100 ms at least.
            let last = beats.last().expect("there is one").1;
            prop_assert!(detector.level(deadline).unwrap() > threshold - 1e-9);
            if deadline > Tick(last.0 + 1) {
                prop_assert!(detector.level(Tick(deadline.0 - 1)).unwrap() <= threshold + 1e-9);
            }
            let mut now = last;
            for step in steps.iter().copied() {
                let later = Tick(now.0 + step);
                prop_assert!(detector.level(now) <= detector.level(later));
                now = later;
            }
        }
    }

    /// The definition in the plainest words: all intervals in a list, their mean and deviation, a search for the first tick
    /// above the threshold.
    #[test]
    fn phi_decides_as_a_naive_one_that_keeps_all_intervals(beats in beats(), window in 1..12usize) {
        let config = PhiConfig { window, longest_interval: None, ..PhiConfig::of_interval(INTERVAL) };
        let mut detector = phi(config);
        let mut intervals = vec![750_000.0, 1_250_000.0];
        let mut last: Option<(u64, Tick)> = None;
        for &(sequence, now) in &beats {
            detector.heard(now, sequence);
            if let Some((newest, before)) = last {
                if sequence <= newest {
                    continue;
                }
                intervals.push((now.0 - before.0) as f64);
            }
            last = Some((sequence, now));
            let kept = &intervals[intervals.len().saturating_sub(window)..];
            let mean = kept.iter().sum::<f64>() / kept.len() as f64;
            let variance = kept.iter().map(|interval| (interval - mean).powi(2)).sum::<f64>() / kept.len() as f64;
            // Φ = 8 is 5.612 deviations.
            let limit = mean + 5.612_001_244_174_79 * variance.sqrt().max(100_000.0) + 2_000_000.0;
            let deadline = detector.deadline().expect("a beat was heard").0 as f64 - now.0 as f64;
            prop_assert!((deadline - limit).abs() <= 2.0, "{deadline} is not {limit}");
        }
    }

    #[test]
    fn nobody_is_suspected_before_the_first_interval_has_ended(margin in 0..3_000_000u64, window in 1..12usize, late in 0..1_000_000u64) {
        for (name, mut detector) in those_who_learn(Duration::from_micros(margin), window) {
            prop_assert_eq!(detector.deadline(), None, "{}", name);
            prop_assert!(!detector.suspects(Tick(u64::MAX)));
            detector.heard(BEGIN, 0);
            prop_assert!(!detector.suspects(Tick(BEGIN.0 + late)), "{name} after {late} µs");
        }
    }

    /// With a timeout of two intervals and as much as beats may be late by.
    #[test]
    fn one_lost_beat_suspects_nobody_where_the_timeout_is_two_intervals(
        lost in prop::collection::vec(any::<bool>(), 2..60),
        late in prop::collection::vec(0..200_000u64, 60),
    ) {
        let config = FixedConfig::tolerating(INTERVAL, 1, Duration::from_millis(200));
        let margin = Duration::from_millis(1_400);
        let mut detectors: Vec<(_, Box<dyn Detector>)> = vec![
            ("fixed", Box::new(FixedTimeout::new(config).expect("sound"))),
            ("NFD-S", Box::new(NfdS::new(NfdSConfig { first_sent: BEGIN, interval: INTERVAL, margin }).expect("sound"))),
            ("NFD-E", Box::new(NfdE::new(NfdEConfig { interval: INTERVAL, margin, window: 10 }).expect("sound"))),
        ];
        let mut before = false;
        for (sequence, (&lost, &late)) in (0..).zip(lost.iter().zip(&late)) {
            // Never two in a row, and the first arrives.
            before = lost && !before && sequence > 0;
            if before {
                continue;
            }
            let now = Tick(BEGIN.0 + sequence * 1_000_000 + late);
            for (name, detector) in &mut detectors {
                let suspected = detector.deadline().is_some_and(|deadline| deadline < now);
                prop_assert!(!suspected, "{name} at beat {sequence}");
                detector.heard(now, sequence);
            }
        }
    }

    #[test]
    fn beats_that_say_nothing_new_change_nothing(beats in beats(), window in 1..12usize, later in 0..5_000_000u64) {
        for (name, mut detector) in all(Duration::from_millis(500), window) {
            for &(sequence, now) in &beats {
                detector.heard(now, sequence);
            }
            let deadline = detector.deadline();
            let &(newest, last) = beats.last().expect("there is one");
            for sequence in [newest, newest / 2, 0] {
                detector.heard(Tick(last.0 + later), sequence);
                prop_assert_eq!(detector.deadline(), deadline, "{}", name);
            }
        }
    }

    #[test]
    fn nothing_from_outside_makes_a_detector_panic(beats in prop::collection::vec((any::<u64>(), any::<u64>()), 1..20)) {
        for (_, mut detector) in all(Duration::from_millis(500), 3) {
            for &(sequence, now) in &beats {
                detector.heard(Tick(now), sequence);
                detector.suspects(Tick(now));
            }
        }
    }
}
