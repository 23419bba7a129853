//! The wheel against a model: a sorted list of deadlines.

use lubdub_core::Tick;
use lubdub_core::wheel::Wheel;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Insert { after: u64 },
    Advance { by: u64, budget: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let span = prop_oneof![0..20u64, 0..600u64, 0..40_000u64, 0..3_000_000u64, 0..200_000_000u64];
    prop_oneof![
        3 => span.clone().prop_map(|after| Step::Insert { after }),
        1 => (span, prop_oneof![Just(usize::MAX), 1..4usize]).prop_map(|(by, budget)| Step::Advance { by, budget }),
    ]
}

proptest! {
    /// Never early; at most one slot late when the budget suffices; nothing lost or doubled.
    #[test]
    fn each_key_comes_up_once_after_its_deadline_and_within_a_slot(steps in prop::collection::vec(step(), 1..60)) {
        let mut wheel = Wheel::new();
        let mut waiting: Vec<(u64, usize)> = Vec::new();
        let mut now = 0;
        let mut next_key = 0;
        for step in steps {
            match step {
                Step::Insert { after } => {
                    wheel.insert(Tick(now + after), next_key);
                    waiting.push((now + after, next_key));
                    next_key += 1;
                }
                Step::Advance { by, budget } => {
                    now += by;
                    let mut due = Vec::new();
                    let mut left = budget;
                    let more = wheel.advance(Tick(now), &mut left, &mut due);
                    prop_assert!(due.len() <= budget);
                    for key in due {
                        let place = waiting.iter().position(|(_, known)| *known == key);
                        let (deadline, _) = waiting.swap_remove(place.expect("came up once"));
                        prop_assert!(deadline <= now, "{key} due {deadline} came up early at {now}");
                    }
                    if !more {
                        let late = waiting.iter().find(|(deadline, _)| deadline + 8 <= now);
                        prop_assert_eq!(late, None, "still waiting at {}", now);
                    }
                }
            }
            prop_assert_eq!(wheel.len(), waiting.len());
            let earliest = waiting.iter().map(|(deadline, _)| *deadline).min();
            match (wheel.next_deadline(), earliest) {
                (None, None) => {}
                (Some(bound), Some(deadline)) => prop_assert!(bound.0 <= deadline.div_ceil(8).max(now / 8) * 8),
                (bound, deadline) => prop_assert!(false, "{bound:?} against {deadline:?}"),
            }
        }
        // However small the budget, everything comes up in the end.
        let mut rounds = 0;
        while !wheel.is_empty() {
            let mut due = Vec::new();
            wheel.advance(Tick(now + (1 << 38)), &mut 3, &mut due);
            waiting.retain(|(_, key)| !due.contains(key));
            rounds += 1;
            prop_assert!(rounds < 10_000, "no progress");
        }
        prop_assert!(waiting.is_empty());
    }
}
