use proptest::prelude::*;

use super::*;
use crate::availability::Availability;
use crate::instance::Instance;
use crate::machine::{Change, changes_between};

const SETTLING: Duration = Duration::from_secs(90);

fn at(seconds: u64) -> Tick {
    Tick::from_start(Duration::from_secs(seconds))
}

fn listed(id: &str, availability: Availability) -> Listed {
    Listed { instance: Instance::new("orders", "a", 1).with_id(id), availability }
}

fn available(ids: &[&str]) -> Vec<Listed> {
    ids.iter().map(|id| listed(id, Availability::Available)).collect()
}

/// The ids; doubted ones with a question mark.
fn shown(set: &LiveSet) -> Vec<String> {
    let view = set.view();
    let name =
        |endpoint: &Endpoint| format!("{}{}", endpoint.instance.id, if endpoint.doubted { "?" } else { "" });
    view.endpoints.iter().map(name).collect()
}

fn set() -> LiveSet {
    LiveSet::new(Selector::any(), SETTLING)
}

#[test]
fn who_is_listed_is_there_and_who_is_not_leaves_at_once() {
    let mut set = set();
    assert_eq!(set.view().freshness, Freshness::Nothing);
    set.heard(at(0), available(&["a", "b"]));
    set.heard(at(1), available(&["b", "c"]));
    assert_eq!(shown(&set), ["b", "c"]);
    assert_eq!(set.view().freshness, Freshness::Fresh);
}

#[test]
fn who_is_listed_as_unavailable_leaves_at_once_even_as_the_last() {
    let mut set = set();
    set.heard(at(0), available(&["a"]));
    set.heard(at(1), vec![listed("a", Availability::Unavailable)]);
    assert!(shown(&set).is_empty());
    // And its departure afterwards is none that anybody would doubt.
    set.heard(at(2), Vec::new());
    assert!(shown(&set).is_empty());
}

#[test]
fn without_a_registry_everything_stays_for_ever_and_says_that_it_is_stale() {
    let mut set = set();
    set.heard(at(0), available(&["a", "b"]));
    set.lost(at(5));
    set.lost(at(10));
    set.advance(at(1_000_000));
    assert_eq!(shown(&set), ["a", "b"]);
    assert_eq!(set.view().freshness, Freshness::Stale { since: at(5) });
}

#[test]
fn a_registry_that_comes_back_empty_empties_nobody_until_its_providers_had_their_time() {
    let mut set = set();
    set.heard(at(0), available(&["a", "b"]));
    set.lost(at(5));
    set.heard(at(10), Vec::new());
    assert_eq!(shown(&set), ["a?", "b?"]);
    set.heard(at(30), available(&["b"]));
    assert_eq!(shown(&set), ["a?", "b"]);
    assert_eq!(set.next(), Some(at(100)));
    set.advance(at(99));
    assert_eq!(shown(&set), ["a?", "b"]);
    set.advance(at(100));
    assert_eq!(shown(&set), ["b"]);
}

#[test]
fn a_registry_that_restarted_between_two_questions_empties_nobody_either() {
    let mut set = set();
    set.heard(at(0), available(&["a", "b"]));
    set.heard(at(30), Vec::new());
    assert_eq!(shown(&set), ["a?", "b?"]);
    // Asking again does not put it off.
    set.heard(at(100), Vec::new());
    assert_eq!(shown(&set), ["a?", "b?"]);
    set.heard(at(120), Vec::new());
    assert!(shown(&set).is_empty());
}

#[test]
fn what_comes_from_a_file_is_doubted_until_the_registry_confirms_it() {
    let mut set = set();
    set.restore(at(0), [Endpoint::sure(Instance::new("orders", "a", 1).with_id("a"))]);
    assert_eq!(shown(&set), ["a?"]);
    assert_eq!(set.view().freshness, Freshness::Stale { since: at(0) });
    set.heard(at(1), available(&["a"]));
    assert_eq!(shown(&set), ["a"]);
}

#[test]
fn who_stops_matching_the_selector_leaves_at_once() {
    let mut set = LiveSet::new(Selector::any().version("1"), SETTLING);
    let of = |version: &str| {
        let instance = Instance::new("orders", "a", 1).with_version(version);
        vec![Listed { instance, availability: Availability::Available }]
    };
    set.heard(at(0), of("1"));
    assert_eq!(set.view().endpoints.len(), 1);
    set.heard(at(1), of("2"));
    assert!(set.view().endpoints.is_empty());
}

#[test]
fn changes_are_the_difference_between_two_views() {
    let mut set = set();
    set.heard(at(0), available(&["a", "b"]));
    let before = set.view().endpoints;
    set.lost(at(1));
    set.heard(at(2), available(&["b", "c"]));
    let changes = changes_between(&before, &set.view().endpoints);
    let told: Vec<_> = changes
        .iter()
        .map(|change| match change {
            Change::Joined(endpoint) => format!("+{}", endpoint.instance.id),
            Change::Left(endpoint) => format!("-{}", endpoint.instance.id),
            Change::Updated(endpoint) => format!("~{}", endpoint.instance.id),
        })
        .collect();
    assert_eq!(told, ["~a", "+c"]);
}

#[derive(Debug, Clone)]
enum Step {
    Advance(u64),
    Heard(Vec<(u8, bool)>),
    Lost,
}

fn step() -> impl Strategy<Value = Step> {
    let listing = prop::collection::btree_map(0_u8..5, any::<bool>(), 0..5);
    prop_oneof![
        1 => (1_u64..100).prop_map(Step::Advance),
        3 => listing.prop_map(|listing| Step::Heard(listing.into_iter().collect())),
        1 => Just(Step::Lost),
    ]
}

proptest! {
    #[test]
    fn nobody_is_offered_whom_the_registry_withdrew_and_the_set_is_emptied_only_by_word_or_by_time(
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut set = set();
        let mut now = Tick::ZERO;
        let mut last_settling = Tick::ZERO;
        for step in steps {
            let before = set.view();
            match step {
                Step::Advance(seconds) => {
                    now = now + Duration::from_secs(seconds);
                    set.advance(now);
                    if before.freshness != Freshness::Fresh {
                        prop_assert_eq!(&before, &set.view());
                    }
                }
                Step::Lost => {
                    set.lost(now);
                    prop_assert_eq!(&before.endpoints, &set.view().endpoints);
                }
                Step::Heard(listing) => {
                    let listing: Vec<_> = listing
                        .iter()
                        .map(|(id, on)| listed(&id.to_string(), Availability::when(*on)))
                        .collect();
                    if before.freshness != Freshness::Fresh {
                        last_settling = now;
                    }
                    set.heard(now, listing.clone());
                    let after = set.view().endpoints;
                    for Listed { instance, availability } in &listing {
                        let offered = after.iter().find(|endpoint| endpoint.instance.id == instance.id);
                        prop_assert_eq!(offered.is_some(), availability.is_available());
                        prop_assert!(offered.is_none_or(|endpoint| !endpoint.doubted));
                    }
                    if listing.is_empty() && now.since(last_settling) < SETTLING {
                        prop_assert_eq!(after.is_empty(), before.endpoints.is_empty());
                    }
                }
            }
        }
    }
}
