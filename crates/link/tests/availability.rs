//! When calls go to an endpoint, and when it is probed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use lubdub_detect::Tick;
use lubdub_link::availability::{Availability, AvailabilitySettings, Failure, Turn};
use proptest::prelude::*;

const SETTINGS: AvailabilitySettings = AvailabilitySettings {
    failures: 10,
    probe_interval: Duration::from_millis(500),
    probe_timeout: Duration::from_secs(1),
};

fn new() -> Availability {
    Availability::new(SETTINGS).unwrap()
}

fn fail(availability: &mut Availability, times: u32) -> Vec<Turn> {
    (0..times).filter_map(|_| availability.failed(Failure::Call, Tick::of_secs(1))).collect()
}

#[test]
fn nine_failures_an_answer_and_nine_more_change_nothing_and_the_tenth_in_a_row_does() {
    let mut availability = new();
    assert_eq!(fail(&mut availability, 9), []);
    assert_eq!(availability.answered(), None);
    assert_eq!(fail(&mut availability, 9), []);
    assert!(availability.is_available());
    assert_eq!(fail(&mut availability, 1), [Turn::Unavailable]);
    assert!(!availability.is_available());
    assert_eq!(fail(&mut availability, 30), [], "who is out is told so once");
}

#[test]
fn a_connection_that_cannot_be_made_counts_twice_and_a_silent_link_at_once() {
    let mut availability = new();
    let refused = |availability: &mut Availability| availability.failed(Failure::Connect, Tick(0));
    assert!((0..4).all(|_| refused(&mut availability).is_none()));
    assert_eq!(refused(&mut availability), Some(Turn::Unavailable));
    assert_eq!(new().failed(Failure::Silent, Tick(0)), Some(Turn::Unavailable));
}

#[test]
fn whom_calls_go_to_is_never_probed() {
    let mut availability = new();
    assert_eq!(availability.probe_due(), None);
    assert!(!availability.probe(Tick::of_secs(1_000)));
    fail(&mut availability, 9);
    assert_eq!(availability.probe_due(), None);
}

#[test]
fn one_probe_that_is_answered_brings_it_back() {
    let mut availability = new();
    fail(&mut availability, 10);
    assert_eq!(availability.probe_due(), Some(Tick::of_millis(1_500)));
    assert!(!availability.probe(Tick::of_millis(1_499)));
    assert!(availability.probe(Tick::of_millis(1_500)));
    assert_eq!(availability.probe_due(), None, "one is out");
    assert!(!availability.probe(Tick::of_secs(9)));
    assert_eq!(availability.probed(true, Tick::of_millis(1_502)), Some(Turn::Available));
    assert_eq!(availability.failures(), 0);
}

#[test]
fn probes_begin_an_interval_apart_and_one_that_takes_longer_is_followed_at_once() {
    let mut availability = new();
    fail(&mut availability, 10);
    assert!(availability.probe(Tick::of_millis(1_600)));
    assert_eq!(availability.probed(false, Tick::of_millis(1_650)), None);
    assert_eq!(availability.probe_due(), Some(Tick::of_millis(2_100)));
    assert!(availability.probe(Tick::of_millis(2_100)));
    assert_eq!(availability.probed(false, Tick::of_millis(3_100)), None);
    assert_eq!(availability.probe_due(), Some(Tick::of_millis(3_100)));
}

#[test]
fn a_call_that_is_answered_late_brings_it_back_and_the_probe_that_was_out_says_nothing_more() {
    let mut availability = new();
    fail(&mut availability, 10);
    assert!(availability.probe(Tick::of_secs(2)));
    assert_eq!(availability.answered(), Some(Turn::Available));
    assert_eq!(availability.probed(false, Tick::of_secs(3)), None);
    assert!(availability.is_available());
}

#[test]
fn settings_that_cannot_be_are_refused_with_the_rule() {
    let refused = |settings| Availability::new(settings).unwrap_err().to_string();
    let none = AvailabilitySettings { failures: 0, ..SETTINGS };
    assert_eq!(refused(none), "failures is 0; expected at least 1 failure in a row");
    let at_once = AvailabilitySettings { probe_interval: Duration::ZERO, ..SETTINGS };
    assert_eq!(refused(at_once), "probe_interval is 0ns; expected at least 1ms");
    let never = AvailabilitySettings { probe_timeout: Duration::from_nanos(1), ..SETTINGS };
    assert_eq!(refused(never), "probe_timeout is 1ns; expected at least 1ms");
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Answered,
    Failed(Failure),
    Probe,
    Probed(bool),
}

fn event() -> impl Strategy<Value = (u64, Event)> {
    let failure = prop_oneof![Just(Failure::Call), Just(Failure::Connect), Just(Failure::Silent)];
    let event = prop_oneof![
        2 => Just(Event::Answered),
        20 => failure.prop_map(Event::Failed),
        8 => Just(Event::Probe),
        8 => any::<bool>().prop_map(Event::Probed),
    ];
    (0..400_u64, event)
}

/// What there is to know: everything since the last answer.
struct Model {
    settings: AvailabilitySettings,
    since: Vec<Failure>,
    is_out: bool,
    next: Option<Tick>,
}

impl Model {
    fn is_available(&self) -> bool {
        let counts = self.since.iter().map(|failure| match failure {
            Failure::Call => 1,
            Failure::Connect => 2,
            Failure::Silent => self.settings.failures,
        });
        counts.sum::<u32>() < self.settings.failures
    }

    fn answered(&mut self) {
        (self.since, self.is_out, self.next) = (Vec::new(), false, None);
    }

    /// Says whether a probe is to be sent.
    fn take(&mut self, event: Event, now: Tick) -> bool {
        let was_available = self.is_available();
        let after_one = Some(now.after(self.settings.probe_interval));
        match event {
            Event::Answered | Event::Probed(true) => self.answered(),
            Event::Failed(failure) => {
                self.since.push(failure);
                if was_available && !self.is_available() {
                    self.next = after_one;
                }
            }
            Event::Probe if !self.is_out && self.next.is_some_and(|next| next <= now) => {
                (self.is_out, self.next) = (true, after_one);
                return true;
            }
            Event::Probed(false) if self.is_out => {
                (self.is_out, self.next) = (false, self.next.max(Some(now)));
            }
            Event::Probe | Event::Probed(false) => {}
        }
        false
    }
}

proptest! {
    #[test]
    fn it_does_what_a_list_of_everything_since_the_last_answer_says(
        failures in 1..12_u32,
        events in prop::collection::vec(event(), 0..120),
    ) {
        let settings = AvailabilitySettings { failures, ..SETTINGS };
        let mut availability = Availability::new(settings).unwrap();
        let mut model = Model { settings, since: Vec::new(), is_out: false, next: None };
        let mut now = Tick::of_secs(1);
        for (later, event) in events {
            now = now.after(Duration::from_millis(later));
            let was_available = model.is_available();
            let is_to_probe = model.take(event, now);
            let turn = match event {
                Event::Answered => availability.answered(),
                Event::Failed(failure) => availability.failed(failure, now),
                Event::Probe => {
                    prop_assert_eq!(availability.probe(now), is_to_probe);
                    None
                }
                Event::Probed(was_answered) => availability.probed(was_answered, now),
            };
            let expected = match (was_available, model.is_available()) {
                (true, false) => Some(Turn::Unavailable),
                (false, true) => Some(Turn::Available),
                _ => None,
            };
            prop_assert_eq!(turn, expected);
            prop_assert_eq!(availability.is_available(), model.is_available());
            prop_assert_eq!(availability.probe_due(), model.next.filter(|_| !model.is_out));
        }
    }
}
