//! Detectors used alone: received, and a check now and then, by anybody's monotonic clock.

use std::time::Duration;

use lubdub_detect::{
    Detector, FixedConfig, FixedTimeout, NfdE, NfdEConfig, Peers, Phi, PhiConfig, Received, Tick, Unnumbered,
};
use proptest::prelude::*;

fn of_three_seconds() -> FixedTimeout {
    let config = FixedConfig { interval: Duration::from_secs(1), timeout: Duration::from_secs(3) };
    FixedTimeout::new(config).expect("the settings are sound")
}

/// The same with any detector that needs no numbers.
fn a_peer_falls_silent_and_returns<D: Unnumbered + Clone>(fresh: D) {
    let mut peers = Peers::new(fresh);
    assert_eq!((peers.check(Tick::of_secs(5)), peers.next_deadline()), (vec![], None));
    assert_eq!(peers.received("a", Tick::of_secs(10)), Received::First);
    assert_eq!(peers.received("b", Tick::of_secs(10)), Received::First);
    for second in 11..20 {
        assert_eq!(peers.check(Tick::of_secs(second)), Vec::<&str>::new(), "at {second}");
        assert_eq!(peers.received("a", Tick::of_secs(second)), Received::InTime);
        assert_eq!(peers.received("b", Tick::of_secs(second)), Received::InTime);
    }
    // From here on `a` is silent.
    let deadline = peers.detector(&"a").and_then(Detector::deadline).expect("it was heard");
    for second in (20..).take_while(|second| Tick::of_secs(*second) < deadline) {
        assert_eq!(peers.check(Tick::of_secs(second)), Vec::<&str>::new(), "at {second}");
        peers.received("b", Tick::of_secs(second));
    }
    assert_eq!(peers.next_deadline(), Some(deadline));
    assert_eq!(peers.check(Tick(deadline.0 - 1)), Vec::<&str>::new());
    assert_eq!(peers.check(deadline), ["a"]);
    assert_eq!(peers.check(deadline), Vec::<&str>::new(), "it is told once");
    let later = deadline.after(Duration::from_millis(300));
    assert_eq!(peers.suspects(&"a", later), Some(true));
    assert_eq!(peers.received("a", later), Received::Returned);
    assert_eq!(peers.suspects(&"a", later), Some(false));
}

#[test]
fn whoever_calls_received_and_check_is_told_of_each_peer_once() {
    a_peer_falls_silent_and_returns(of_three_seconds());
    let config = PhiConfig::of_interval(Duration::from_secs(1));
    a_peer_falls_silent_and_returns(Phi::new(config).expect("the settings are sound"));
}

#[test]
fn an_old_beat_brings_nobody_back_and_a_forgotten_peer_is_new() {
    let config =
        NfdEConfig { interval: Duration::from_secs(1), margin: Duration::from_millis(500), window: 10 };
    let mut peers = Peers::new(NfdE::new(config).expect("the settings are sound"));
    peers.received_numbered("a", 7, Tick::of_secs(7));
    assert_eq!(peers.check(Tick::of_secs(9)), ["a"]);
    assert_eq!(peers.received_numbered("a", 6, Tick::of_secs(9)), Received::StillSuspected);
    assert_eq!(peers.received_numbered("a", 9, Tick::of_secs(9)), Received::Returned);
    assert!(peers.forget(&"a"));
    assert!(!peers.forget(&"a"));
    assert_eq!((peers.len(), peers.next_deadline()), (0, None));
    assert_eq!(peers.received_numbered("a", 1, Tick::of_secs(9)), Received::First);
}

#[derive(Debug, Clone)]
enum Step {
    Received(u8),
    Check,
    Forget(u8),
}

fn step() -> impl Strategy<Value = (u64, Step)> {
    let what = prop_oneof![
        6 => (0..5u8).prop_map(Step::Received),
        3 => Just(Step::Check),
        1 => (0..5u8).prop_map(Step::Forget),
    ];
    (0..2_000_000u64, what)
}

proptest! {
    /// The model: when each was heard last, and who was told.
    #[test]
    fn a_map_of_peers_tells_what_a_list_of_last_beats_would(steps in prop::collection::vec(step(), 1..80)) {
        let mut peers = Peers::new(of_three_seconds());
        let mut model: Vec<(u8, u64, bool)> = Vec::new();
        let mut now = 0;
        for (later, step) in steps {
            now += later;
            match step {
                Step::Received(id) => {
                    peers.received(id, Tick(now));
                    model.retain(|peer| peer.0 != id);
                    model.push((id, now, false));
                }
                Step::Forget(id) => {
                    let known = model.iter().any(|peer| peer.0 == id);
                    model.retain(|peer| peer.0 != id);
                    prop_assert_eq!(peers.forget(&id), known);
                }
                Step::Check => {
                    let mut expected: Vec<(u64, u8)> = Vec::new();
                    for peer in &mut model {
                        if !peer.2 && peer.1 + 3_000_000 <= now {
                            peer.2 = true;
                            expected.push((peer.1, peer.0));
                        }
                    }
                    expected.sort_unstable();
                    let expected: Vec<u8> = expected.into_iter().map(|(_, id)| id).collect();
                    prop_assert_eq!(peers.check(Tick(now)), expected);
                }
            }
            let next = model.iter().filter(|peer| !peer.2).map(|peer| peer.1 + 3_000_000).min();
            prop_assert_eq!(peers.next_deadline(), next.map(Tick));
            prop_assert_eq!(peers.len(), model.len());
        }
    }
}
