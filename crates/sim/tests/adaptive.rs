//! Adaptive leases in a world: sooner than a fixed timeout where beats are steady, patient where they are not.

use lubdub_core::guard::GuardConfig;
use lubdub_sim::{
    Delay, Fault, Figures, HostPlan, Kind, MILLI, MINUTE, Plan, ProviderPlan, SECOND, Weather, World,
};

/// The same world with fixed and with adaptive leases: beats each ten seconds.
fn live(ttl_secs: u64, weather: &Weather, with: impl Fn(Plan) -> Plan) -> [Figures; 2] {
    [false, true].map(|adaptive| {
        let (ttl, interval) = (ttl_secs * SECOND, 10 * SECOND);
        let provider = ProviderPlan { service: "orders", kind: Kind::Python, ttl, interval, phi: None };
        let provider = if adaptive { provider.adaptive() } else { provider };
        let host = HostPlan { zone: "a", providers: vec![provider], runs: true, skew: 0, session: None };
        let mut plan = Plan::quiet(vec![host; 60], 90 * MINUTE);
        plan.weather = weather.clone();
        plan.config.guard = GuardConfig { enabled: false, ..GuardConfig::default() };
        plan.config.probe.enabled = false;
        let plan = with(plan);
        let (figures, _, ended) = World::new(&plan, 7, None, None).run();
        assert_eq!(ended, Ok(()), "adaptive: {adaptive}");
        figures
    })
}

#[test]
fn a_stop_is_noticed_sooner_than_by_a_fixed_timeout_where_beats_are_steady() {
    let dead: Vec<usize> = (0..30).collect();
    let [fixed, adaptive] =
        live(30, &Weather::default(), |plan| plan.with(30 * MINUTE, Fault::Crash(dead.clone())));
    let slowest = |figures: &Figures| figures.detected_within(100).expect("thirty died");
    assert_eq!((fixed.detection.len(), adaptive.detection.len()), (30, 30));
    let (fixed, adaptive) = (slowest(&fixed), slowest(&adaptive));
    assert!(adaptive < 24 * SECOND && adaptive + 5 * SECOND < fixed, "{adaptive} µs, fixed {fixed} µs");
}

#[test]
fn beats_that_jitter_raise_no_alarm_where_a_fixed_timeout_raises_many() {
    let delay = Delay::Exponential { least: 10 * MILLI, mean: 1_500 * MILLI };
    let [fixed, adaptive] = live(20, &Weather { delay, ..Weather::default() }, |plan| plan);
    assert!(fixed.living_evicted > 100, "{fixed:?}");
    // Some while they are learnt: until then the fixed timeout counts.
    assert!(
        adaptive.living_evicted * 10 < fixed.living_evicted,
        "{adaptive:?}, fixed {}",
        fixed.living_evicted
    );
}
