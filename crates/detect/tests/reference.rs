//! Figures that others published or computed, found again on generated traces.

use std::time::Duration;

use lubdub_detect::traces::{Plan, Replayed, lossy, of_chen, replay, wide_area};
use lubdub_detect::{
    Bertier, BertierConfig, Contract, Detector, FixedConfig, FixedTimeout, Network, NfdE, NfdEConfig, NfdS,
    NfdSConfig, Phi, PhiConfig, Tail,
};

const INTERVAL: Duration = Duration::from_secs(1);
const BEATS: u64 = 400_000;
const WARM: u64 = 2_000;

fn of(mut detector: impl Detector, plan: &Plan) -> Replayed {
    replay(&mut detector, &plan.trace().expect("the plan is sound"), WARM)
}

fn fixed(timeout: f64) -> FixedConfig {
    FixedConfig { interval: INTERVAL, timeout: Duration::from_secs_f64(timeout) }
}

fn nfd_e(interval: Duration, margin: f64) -> NfdE {
    let margin = Duration::from_secs_f64(margin);
    NfdE::new(NfdEConfig { interval, margin, window: 1_000 }).expect("the settings are sound")
}

fn phi(threshold: f64, tail: Tail, pause: u64) -> Phi {
    Phi::new(PhiConfig {
        threshold,
        window: 1_000,
        least_deviation: Duration::from_millis(100),
        accepted_pause: Duration::from_secs(pause),
        first_interval: INTERVAL,
        longest_interval: None,
        tail,
    })
    .expect("the settings are sound")
}

/// Within three standard deviations of so many expected mistakes, and what the figure was rounded to.
fn assert_count(found: u64, expected: f64, rounded: f64, what: &str) {
    let by = 3.0 * expected.sqrt() + expected * rounded + 1.0;
    assert!(
        (found as f64 - expected).abs() <= by,
        "{what}: {found} mistakes, expected {expected:.0} ± {by:.0}"
    );
}

fn assert_near(found: f64, expected: f64, by: f64, what: &str) {
    assert!((found - expected).abs() <= by, "{what}: {found}, expected {expected} ± {by}");
}

fn secs(span: Option<Duration>) -> f64 {
    span.expect("something was seen").as_secs_f64()
}

#[test]
fn a_fixed_timeout_errs_as_often_and_as_long_as_its_formula_says() {
    for loss in [0.0, 0.01, 0.05, 0.1, 0.2, 0.3] {
        for timeout in [1.5, 3.5, 5.5] {
            let what = format!("{timeout} s at {loss}");
            let predicted = fixed(timeout).predicted(loss).expect("it is sound");
            let detector = FixedTimeout::new(fixed(timeout)).expect("it is sound");
            let Replayed { figures, detection } = of(detector, &lossy(1, BEATS, loss));
            assert_count(
                figures.mistakes,
                figures.alive.as_secs_f64() / predicted.recurrence_secs,
                0.0,
                &what,
            );
            if !figures.few_mistakes() {
                // A duration varies by about an interval over the square root of mistakes.
                let by = 3.0 / (figures.mistakes as f64).sqrt();
                assert_near(secs(figures.duration), predicted.duration_secs, by, &what);
            }
            assert_near(secs(detection.from_last_beat), timeout + 0.1, 0.01, &what);
        }
    }
}

#[test]
fn with_little_jitter_nfd_e_and_a_fixed_timeout_coincide() {
    for (loss, margin) in [(0.05, 0.5), (0.1, 0.5), (0.3, 2.5), (0.3, 4.5)] {
        let plan = lossy(2, BEATS, loss);
        let learning = of(nfd_e(INTERVAL, margin), &plan);
        let plain = of(FixedTimeout::new(fixed(margin + 1.0)).expect("it is sound"), &plan);
        let what = format!("margin {margin} at {loss}");
        assert_count(learning.figures.mistakes, plain.figures.mistakes as f64, 0.02, &what);
        let spans = [learning, plain].map(|replayed| secs(replayed.detection.from_last_beat));
        assert_near(spans[0], spans[1], 0.01, &what);
    }
}

/// The rows of the pair model: loss, mistakes an hour, and the time from the last beat to the suspicion. Rates of a
/// level that lies among the late second beats depend on the last digit of its deviation: they are held to a third.
#[test]
fn phi_with_the_logistic_tail_gives_the_figures_of_the_pair_model() {
    let rows = [(0.01, 35.3, 1.75), (0.05, 9.0, 2.4), (0.1, 20.2, 3.1), (0.2, 7.3, 4.3), (0.3, 6.2, 5.65)];
    for (loss, an_hour, detection) in rows {
        for pause in [0, 3] {
            let replayed = of(phi(8.0, Tail::Logistic, pause), &lossy(1, BEATS, loss));
            let what = format!("{loss} with a pause of {pause} s");
            let hours = replayed.figures.alive.as_secs_f64() / 3600.0;
            if pause == 0 {
                assert_count(replayed.figures.mistakes, an_hour * hours, 0.33, &what);
            } else {
                assert!(replayed.figures.mistakes_per_hour() < 0.3, "{what}");
            }
            let expected = detection + pause as f64;
            assert_near(secs(replayed.detection.from_last_beat), expected, 0.06, &what);
        }
    }
}

#[test]
fn phi_with_the_exponential_tail_waits_as_cassandra_and_chitchat_do() {
    let rows = [(0.01, 18.7, 8.2), (0.05, 19.5, 8.5), (0.1, 20.6, 9.0), (0.2, 23.2, 10.1), (0.3, 26.5, 11.5)];
    for (loss, of_cassandra, of_chitchat) in rows {
        let means = 8.0 / std::f64::consts::LN_10;
        for (threshold, expected) in [(8.0, of_cassandra), (means, of_chitchat)] {
            let replayed = of(phi(threshold, Tail::Exponential, 0), &lossy(1, BEATS, loss));
            let what = format!("{threshold} at {loss}");
            // Their figures are from a run of their own, whose mean interval was another.
            assert_near(secs(replayed.detection.from_last_beat), expected, expected * 0.01, &what);
            assert!(replayed.figures.mistakes_per_hour() < 0.05, "{what}");
        }
    }
}

#[test]
fn bertier_is_quick_and_takes_each_lost_beat_for_a_death() {
    for (loss, an_hour) in [(0.01, 43.6), (0.05, 178.0), (0.1, 330.0), (0.2, 583.0), (0.3, 760.0)] {
        let detector = Bertier::new(BertierConfig { interval: INTERVAL, window: 1_000 });
        let replayed = of(detector.expect("it is sound"), &lossy(1, BEATS, loss));
        let hours = replayed.figures.alive.as_secs_f64() / 3600.0;
        assert_count(replayed.figures.mistakes, an_hour * hours, 0.02, &format!("{loss}"));
        assert_near(secs(replayed.detection.from_last_beat), 1.26, 0.02, &format!("{loss}"));
    }
}

/// Detection bound, mean recurrence, mean duration, and the share of time in which it is wrong.
const STAIRCASE: [(f64, f64, f64, f64); 6] = [
    (1.10, 60.6, 0.566, 9.3e-3),
    (1.25, 101.0, 0.780, 7.7e-3),
    (1.5, 101.0, 0.530, 5.2e-3),
    (2.0, 101.0, 0.030, 3.0e-4),
    (2.10, 6_060.0, 0.566, 9.3e-5),
    (2.5, 10_100.0, 0.530, 5.2e-5),
];

#[test]
fn the_staircase_of_chens_set_up_is_climbed_by_both_of_his_detectors() {
    let plan = of_chen(1, 1_600_000);
    let trace = plan.trace().expect("the plan is sound");
    for (bound, recurrence, duration, inaccuracy) in STAIRCASE {
        let what = format!("within {bound} s");
        let margin = Duration::from_secs_f64(bound - 1.0);
        let config = NfdSConfig { first_sent: trace.began(), interval: INTERVAL, margin };
        let mut by_sending = NfdS::new(config).expect("it is sound");
        let by_sending = replay(&mut by_sending, &trace, WARM);
        let figures = by_sending.figures;
        let expected = figures.alive.as_secs_f64() / recurrence;
        assert_count(figures.mistakes, expected, 0.05, &what);
        // A duration's own deviation is at most half a second, or its mean where that is small.
        let by = duration * 0.05 + 1.5 * duration.min(0.5) / expected.sqrt();
        assert_near(secs(figures.duration), duration, by, &what);
        assert_near(figures.inaccuracy(), inaccuracy, inaccuracy * (0.05 + 4.0 / expected.sqrt()), &what);
        // The bound is tight: nobody was detected later, and somebody nearly so late.
        let longest = secs(by_sending.detection.within(1_000));
        assert!((bound - 0.001..=bound).contains(&longest), "{what}: {longest}");

        // The same bound, relative to the mean delay that it has to estimate.
        let by_arrival = replay(&mut nfd_e(INTERVAL, bound - 1.02), &trace, WARM);
        let ratio = secs(by_arrival.figures.recurrence) / secs(figures.recurrence);
        assert!(ratio >= 0.9, "{what}: NFD-E errs after {ratio} of what NFD-S does");
    }
}

#[test]
fn a_contract_is_kept_on_the_network_that_it_was_made_for() {
    let network = Network {
        loss: 0.01,
        mean_delay: Duration::from_millis(20),
        delay_deviation: Duration::from_millis(20),
    };
    let contract = Contract {
        detection: Duration::from_secs(6),
        recurrence: Duration::from_secs(24 * 3600),
        duration: Duration::from_secs(3),
    };
    let settings = contract.settings(&network).expect("it can be had");
    let plan = Plan { interval: settings.interval, ..of_chen(4, BEATS) };
    let config =
        NfdEConfig { interval: settings.interval, margin: settings.margin_from_arrival, window: 100 };
    let replayed = of(NfdE::new(config).expect("it is sound"), &plan);
    // 400 000 beats are more than a week, in which seven mistakes are allowed.
    let days = replayed.figures.alive.as_secs_f64() / 86_400.0;
    assert!(days > 7.0 && (replayed.figures.mistakes as f64) < days, "{:?}", replayed.figures);
    let longest = secs(replayed.detection.within(999));
    assert!(longest < 6.05, "{longest}");
}

/// Between Japan and Switzerland: late beats are absorbed first, single losses from 8 on.
#[test]
fn phi_has_its_two_knees_on_the_wide_area_trace() {
    let trace = wide_area(1, 835_000).trace().expect("the plan is sound");
    let at = |threshold| {
        let config = PhiConfig {
            threshold,
            window: 1_000,
            least_deviation: Duration::from_millis(1),
            accepted_pause: Duration::ZERO,
            first_interval: Duration::from_micros(103_501),
            longest_interval: Some(Duration::from_secs(2)),
            tail: Tail::Normal,
        };
        let replayed = replay(&mut Phi::new(config).expect("it is sound"), &trace, WARM);
        (replayed.figures.mistakes_per_hour(), secs(replayed.detection.mean()))
    };
    let rate = |threshold| at(threshold).0;
    assert!(rate(0.5) > 20.0 * rate(2.0) && rate(2.0) > 20.0 * rate(5.0), "late beats are absorbed first");
    assert!(rate(5.0) < 1.4 * rate(8.0), "hardly any is left by then");
    assert!(rate(8.0) > 2.0 * rate(12.0), "single losses are absorbed: {} and {}", rate(8.0), rate(12.0));
    let spans = [0.5, 2.0, 8.0, 12.0, 16.0].map(|threshold| at(threshold).1);
    assert!(spans.is_sorted_by(|before, after| before < after), "{spans:?}");
}
