//! What an adaptive detector is for: patient with beats that jitter, quick with those that do not.

use std::time::Duration;

use lubdub_detect::traces::{Delay, Plan, Replayed, lossy, replay};
use lubdub_detect::{Detector, FixedConfig, FixedTimeout, NfdE, NfdEConfig, Phi, PhiConfig};

const INTERVAL: Duration = Duration::from_secs(1);
const BEATS: u64 = 200_000;

fn phi(threshold: f64, accepted_pause: Duration) -> Phi {
    let config = PhiConfig { threshold, accepted_pause, ..PhiConfig::of_interval(INTERVAL) };
    Phi::new(config).expect("the settings are sound")
}

/// Three lost beats are tolerated, and half an interval.
fn fixed() -> FixedTimeout {
    let config = FixedConfig { interval: INTERVAL, timeout: Duration::from_millis(3_500) };
    FixedTimeout::new(config).expect("the settings are sound")
}

/// Beats whose delay varies by this, and which are never lost.
fn jittered(deviation_millis: u64) -> Plan {
    let (mean, deviation) = (Duration::from_millis(400), Duration::from_millis(deviation_millis));
    Plan { delay: Delay::Normal { mean, deviation }, ..lossy(3, BEATS, 0.0) }
}

fn of(mut detector: impl Detector, plan: &Plan) -> Replayed {
    replay(&mut detector, &plan.trace().expect("the plan is sound"), 300)
}

#[test]
fn jittered_beats_raise_no_alarm_and_a_stop_raises_it_sooner_than_a_fixed_timeout() {
    for deviation in [1, 20, 50, 100] {
        let plan = jittered(deviation);
        let (adaptive, plain) = (of(phi(12.0, Duration::ZERO), &plan), of(fixed(), &plan));
        assert_eq!((adaptive.figures.mistakes, plain.figures.mistakes), (0, 0), "{deviation} ms");
        let longest = |replayed: &Replayed| replayed.detection.within(1_000).expect("beats arrived");
        let (adaptive, plain) = (longest(&adaptive), longest(&plain));
        assert!(adaptive < plain, "{deviation} ms of jitter: {adaptive:?}, fixed {plain:?}");
    }
}

#[test]
fn the_alarm_comes_later_the_more_beats_jitter_and_the_higher_the_limit() {
    let stop = |threshold, deviation| {
        let replayed = of(phi(threshold, Duration::ZERO), &jittered(deviation));
        replayed.detection.mean().expect("beats arrived")
    };
    let by_jitter = [20, 100, 200].map(|deviation| stop(8.0, deviation));
    assert!(by_jitter.is_sorted() && by_jitter[0] < by_jitter[2], "{by_jitter:?}");
    let by_limit = [1.0, 4.0, 8.0, 16.0].map(|threshold| stop(threshold, 100));
    assert!(by_limit.is_sorted_by(|before, after| before < after), "{by_limit:?}");
}

#[test]
fn each_step_of_the_limit_makes_a_false_alarm_about_ten_times_rarer() {
    let mistakes = |threshold| of(phi(threshold, Duration::ZERO), &jittered(150)).figures.mistakes as f64;
    let (one, two, three) = (mistakes(1.0), mistakes(2.0), mistakes(3.0));
    // 20 000, 2000 and 200 of them, a little more as the window is short.
    assert!((7.0..13.0).contains(&(one / two)), "{one} and {two}");
    assert!((5.0..15.0).contains(&(two / three)), "{two} and {three}");
    assert!((15_000.0..25_000.0).contains(&one), "{one}");
}

#[test]
fn a_delay_that_grows_is_followed_by_those_who_learn() {
    // From 50 ms to two seconds within the trace, as on a line that fills up.
    let plan = Plan { delay: Delay::Constant(Duration::from_millis(50)), ..lossy(1, 20_000, 0.0) };
    let trace = plan.trace().expect("the plan is sound");
    let growing = |arrival: &lubdub_detect::traces::Arrival| {
        lubdub_detect::Tick(arrival.received.0 + arrival.sequence * 100)
    };
    let config = NfdEConfig { interval: INTERVAL, margin: Duration::from_millis(500), window: 100 };
    let mut learning = NfdE::new(config).expect("the settings are sound");
    let mut fixed_points = lubdub_detect::NfdS::new(lubdub_detect::NfdSConfig {
        first_sent: trace.began(),
        interval: INTERVAL,
        margin: Duration::from_millis(550),
    })
    .expect("the settings are sound");
    let (mut mistakes, mut of_fixed_points) = (0, 0);
    for arrival in trace.arrivals() {
        let now = growing(arrival);
        let late = |detector: &dyn Detector| detector.deadline().is_some_and(|deadline| deadline < now);
        mistakes += u32::from(late(&learning));
        of_fixed_points += u32::from(late(&fixed_points));
        learning.heard(now, arrival.sequence);
        fixed_points.heard(now, arrival.sequence);
    }
    assert_eq!(mistakes, 0);
    assert!(of_fixed_points > 10_000, "{of_fixed_points}");
}
