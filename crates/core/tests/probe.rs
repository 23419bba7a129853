//! What the prober tries and when, and what it concludes, in simulated time.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use lubdub_core::model::{Address, InstanceKey};
use lubdub_core::probe::{Attempt, Outcome, ProbeConfig, Prober, Refused};
use lubdub_core::{Cause, Command, Suspect, Suspicion, Tick};
use lubdub_testkit::{Provider, Scene, provider};
use proptest::prelude::*;

const REGISTRANT: &str = "10.0.0.1";

/// A registry, a prober, and a network that answers as the test says.
struct Stage {
    scene: Scene,
    prober: Prober,
    /// How many attempts are on their way.
    running: usize,
}

impl Stage {
    fn new() -> Self {
        Self::with(ProbeConfig::default())
    }

    fn with(config: ProbeConfig) -> Self {
        Self { scene: Scene::new(), prober: Prober::new(config), running: 0 }
    }

    fn now(&self) -> Tick {
        self.scene.now().tick
    }

    fn register(&mut self, provider: Provider) {
        self.register_from(provider, REGISTRANT);
    }

    fn register_from(&mut self, provider: Provider, registrant: &str) {
        let registration = provider.registration();
        let key = registration.key.clone();
        self.scene.run(&Command::Register(Box::new(registration))).unwrap();
        let Suspect { lease, instance, .. } = self.scene.registry.registrant(&key).unwrap();
        let registrant: IpAddr = registrant.parse().unwrap();
        self.prober.registered(self.now(), lease, &instance.address, Some(registrant), |_| false);
    }

    fn suspect(&mut self, id: &str, suspicion: Suspicion) {
        let key = InstanceKey::new("orders", id);
        let Some(Suspect { lease, instance, beat }) = self.scene.registry.registrant(&key) else { return };
        self.prober.suspect(self.now(), lease, &instance.address, beat, suspicion);
    }

    /// Each attempt that is due is made and ends so.
    fn answer_all(&mut self, outcome: Outcome) -> Vec<Refused> {
        let mut told = Vec::new();
        while let Some(attempt) = self.prober.next(self.now()) {
            told.extend(self.prober.answered(self.now(), attempt, outcome));
        }
        told
    }

    /// The registry learns of a refusal; the names of the causes that follow.
    fn conclude(&mut self, refused: Refused) -> Vec<Cause> {
        let Refused { lease, asked_at, address, suspicion } = refused;
        let now = self.scene.now();
        let changes = self.scene.registry.refused(now.tick, lease, asked_at, address, suspicion);
        let revision = self.scene.registry.catalog().revision().next();
        self.scene.registry.apply(now, revision, &changes);
        self.scene.registry.check_invariants();
        changes.iter().map(|change| change.cause().clone()).collect()
    }

    fn started(&self) -> u64 {
        self.prober.counts().started
    }
}

/// One that was reached when it registered and has been silent for a second.
fn reached() -> Stage {
    let mut stage = Stage::new();
    stage.register(provider("orders", "web-1"));
    assert!(stage.answer_all(Outcome::Accepted).is_empty());
    stage.scene.advance_millis(1_000);
    stage
}

#[test]
fn a_refusal_after_its_connection_closed_ends_an_instance_at_once() {
    let mut stage = reached();
    stage.suspect("web-1", Suspicion::ConnectionClosed);
    let from = stage.prober.next_deadline(stage.now()).unwrap();
    assert!(stage.answer_all(Outcome::Refused).is_empty(), "what ends is given a moment to end");
    stage.scene.advance_millis(from.millis_since(stage.now()));
    let told = stage.answer_all(Outcome::Refused);
    let [refused] = told[..] else { panic!("{told:?}") };
    let causes = stage.conclude(refused);
    let [Cause::Refused(refusal)] = &causes[..] else { panic!("{causes:?}") };
    assert_eq!(refusal.address, SocketAddr::from(([10, 0, 0, 1], 8080)));
    assert_eq!((refusal.suspicion, refusal.silent), (Suspicion::ConnectionClosed, 1_200));
    assert!(!stage.scene.is_listed("orders", "web-1"));
    assert!(stage.conclude(refused).is_empty(), "it leaves once");
}

#[test]
fn a_late_beat_is_looked_into_at_once() {
    let mut stage = reached();
    stage.suspect("web-1", Suspicion::BeatLate);
    let told = stage.answer_all(Outcome::Refused);
    assert_eq!(told.len(), 1);
    assert_eq!(stage.conclude(told[0])[0].name(), "refused");
}

#[test]
fn whoever_listens_or_says_nothing_stays() {
    for outcome in [Outcome::Accepted, Outcome::NoEvidence] {
        let mut stage = reached();
        stage.suspect("web-1", Suspicion::BeatLate);
        assert!(stage.answer_all(outcome).is_empty());
        assert_eq!(stage.started(), 2, "the baseline and one for the suspicion");
        // The next suspicion counts again.
        stage.suspect("web-1", Suspicion::BeatLate);
        assert_eq!(stage.answer_all(Outcome::Refused).len(), 1);
    }
}

#[test]
fn one_that_was_never_reached_is_not_ended_by_a_refusal() {
    for baseline in [Outcome::Refused, Outcome::NoEvidence] {
        let mut stage = Stage::new();
        stage.register(provider("orders", "web-1"));
        stage.answer_all(baseline);
        for _ in 0..6 {
            stage.scene.advance_millis(15_000);
            stage.suspect("web-1", Suspicion::BeatLate);
            assert!(stage.answer_all(Outcome::Refused).is_empty());
        }
    }
}

#[test]
fn one_that_registers_before_it_listens_is_looked_at_again() {
    let mut stage = Stage::new();
    stage.register(provider("orders", "web-1"));
    stage.answer_all(Outcome::Refused);
    let mut tried_after = Vec::new();
    while let Some(due) = stage.prober.next_deadline(stage.now()) {
        stage.scene.advance_millis(due.millis_since(stage.now()));
        tried_after.push(stage.now().0);
        stage.scene.beat("orders", "web-1");
        let outcome = if tried_after.len() == 3 { Outcome::Accepted } else { Outcome::Refused };
        stage.answer_all(outcome);
    }
    assert_eq!(tried_after, [1_000, 11_000, 71_000]);
    stage.suspect("web-1", Suspicion::BeatLate);
    assert_eq!(stage.answer_all(Outcome::Refused).len(), 1);
}

#[test]
fn one_that_was_missed_at_its_registration_is_learnt_when_it_accepts_later() {
    let mut stage = Stage::new();
    stage.register(provider("orders", "web-1"));
    stage.answer_all(Outcome::NoEvidence);
    stage.suspect("web-1", Suspicion::BeatLate);
    assert!(stage.answer_all(Outcome::Accepted).is_empty());
    stage.suspect("web-1", Suspicion::BeatLate);
    assert_eq!(stage.answer_all(Outcome::Refused).len(), 1);
}

#[test]
fn a_beat_ends_a_suspicion_that_waits() {
    let mut stage = reached();
    stage.suspect("web-1", Suspicion::ConnectionClosed);
    stage.scene.advance_millis(100);
    stage.scene.beat("orders", "web-1");
    stage.scene.advance_millis(1_000);
    stage.answer_all(Outcome::Refused);
    assert_eq!(stage.started(), 1, "the baseline alone");
    assert_eq!(stage.prober.waiting(), 0);
}

#[test]
fn a_beat_while_the_address_is_tried_keeps_the_instance() {
    let mut stage = reached();
    stage.suspect("web-1", Suspicion::BeatLate);
    let attempt = stage.prober.next(stage.now()).unwrap();
    stage.scene.advance_millis(3);
    stage.scene.beat("orders", "web-1");
    stage.scene.advance_millis(1);
    let refused = stage.prober.answered(stage.now(), attempt, Outcome::Refused).unwrap();
    assert!(stage.conclude(refused).is_empty());
    assert!(stage.scene.is_listed("orders", "web-1"));
}

#[test]
fn a_new_registration_is_not_ended_by_what_was_asked_of_the_old_one() {
    let mut stage = reached();
    stage.suspect("web-1", Suspicion::BeatLate);
    let attempt = stage.prober.next(stage.now()).unwrap();
    stage.register(provider("orders", "web-1"));
    assert!(stage.prober.answered(stage.now(), attempt, Outcome::Refused).is_none());
    // Nor is the old one's suspicion any more.
    let key = InstanceKey::new("orders", "web-1");
    let old = stage.scene.registry.registrant(&key).unwrap();
    stage.answer_all(Outcome::Accepted);
    stage.scene.run(&Command::Deregister { key }).unwrap();
    let (now, address) = (stage.now(), old.instance.address.clone());
    stage.prober.suspect(now, old.lease, &address, old.beat, Suspicion::BeatLate);
    let started = stage.started();
    assert!(stage.answer_all(Outcome::Refused).is_empty());
    assert_eq!(stage.started(), started);
}

#[test]
fn a_registration_that_waits_for_the_disk_outweighs_a_refusal() {
    let mut stage = reached();
    stage.suspect("web-1", Suspicion::BeatLate);
    let told = stage.answer_all(Outcome::Refused);
    let command = provider("orders", "web-1").command();
    let changes =
        stage.scene.registry.decide(stage.scene.now(), &command, &lubdub_core::Sender::default()).unwrap();
    stage.scene.registry.stage(&changes);
    assert!(stage.conclude(told[0]).is_empty());
    assert!(stage.scene.is_listed("orders", "web-1"));
}

#[test]
fn an_address_of_somebody_else_and_a_name_are_never_tried() {
    let mut stage = Stage::new();
    stage.register_from(provider("orders", "elsewhere"), "10.0.0.2");
    let mut named = provider("orders", "named").registration();
    named.address = Address { host: "web-1.example".into(), port: Some(80), secure_port: None };
    stage.scene.run(&Command::Register(Box::new(named))).unwrap();
    let key = InstanceKey::new("orders", "named");
    let Suspect { lease, instance, .. } = stage.scene.registry.registrant(&key).unwrap();
    stage.prober.registered(stage.now(), lease, &instance.address, None, |_| true);
    for id in ["elsewhere", "named"] {
        stage.suspect(id, Suspicion::BeatLate);
    }
    stage.answer_all(Outcome::Accepted);
    let counts = stage.prober.counts();
    assert_eq!((counts.started, counts.not_allowed), (0, 2));
}

#[test]
fn an_allowed_network_is_tried_whoever_registers_it() {
    let allow = vec!["10.0.0.0/24".parse().unwrap()];
    let mut stage = Stage::with(ProbeConfig { allow, ..ProbeConfig::default() });
    stage.register_from(provider("orders", "web-1"), "192.168.7.7");
    stage.answer_all(Outcome::Accepted);
    assert_eq!(stage.started(), 1);
}

#[test]
fn switched_off_nothing_is_tried() {
    let mut stage = Stage::with(ProbeConfig { enabled: false, ..ProbeConfig::default() });
    stage.register(provider("orders", "web-1"));
    stage.suspect("web-1", Suspicion::BeatLate);
    stage.answer_all(Outcome::Accepted);
    assert_eq!(stage.prober.counts(), lubdub_core::probe::Counts::default());
}

#[test]
fn an_instance_with_several_checks_is_not_ended_by_one_address() {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").check("disk"));
    assert!(scene.registry.registrant(&InstanceKey::new("orders", "web-1")).is_none());
}

#[test]
fn beyond_what_may_wait_suspicions_are_dropped_and_counted() {
    let mut stage = Stage::with(ProbeConfig { most_waiting: 3, ..ProbeConfig::default() });
    for number in 0..5 {
        stage.register(provider("orders", &format!("web-{number}")));
    }
    assert_eq!((stage.prober.waiting(), stage.prober.counts().dropped), (3, 2));
    stage.answer_all(Outcome::Accepted);
    for number in 0..5 {
        stage.suspect(&format!("web-{number}"), Suspicion::BeatLate);
        // Again, while it waits: that is the same one.
        stage.suspect(&format!("web-{number}"), Suspicion::ConnectionClosed);
    }
    assert_eq!((stage.prober.waiting(), stage.prober.counts().dropped), (5, 2));
    assert_eq!(stage.answer_all(Outcome::Refused).len(), 3, "those that were reached");
}

#[test]
fn neither_baselines_nor_suspicions_keep_the_other_out() {
    let mut stage = Stage::with(ProbeConfig { per_second: 1, ..ProbeConfig::default() });
    for number in 0..4 {
        stage.register(provider("orders", &format!("old-{number}")));
        stage.answer_all(Outcome::Accepted);
        stage.scene.advance_millis(1_000);
    }
    for number in 0..4 {
        stage.suspect(&format!("old-{number}"), Suspicion::BeatLate);
        stage.register(provider("orders", &format!("new-{number}")));
    }
    let mut ended = 0;
    for _ in 0..4 {
        ended += stage.answer_all(Outcome::Refused).len();
        stage.scene.advance_millis(1_000);
    }
    assert_eq!(ended, 2, "every second attempt");
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Register(u8),
    Leave(u8),
    Beat(u8),
    Suspect(u8, bool),
    Answer(u8),
    Wait(u16),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..12u8).prop_map(Step::Register),
        1 => (0..12u8).prop_map(Step::Leave),
        2 => (0..12u8).prop_map(Step::Beat),
        4 => (0..12u8, any::<bool>()).prop_map(|(id, closed)| Step::Suspect(id, closed)),
        6 => any::<u8>().prop_map(Step::Answer),
        3 => (0..2_000u16).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 1..200)
}

/// Plays; answers who was ended, in order. Each attempt ends as its number says.
fn play(steps: &[Step]) -> Vec<String> {
    let config = ProbeConfig { max_concurrent: 3, per_second: 5, most_waiting: 4, ..ProbeConfig::default() };
    let mut stage = Stage::with(config);
    let mut on_their_way: Vec<Attempt> = Vec::new();
    let mut started_in = BTreeMap::<u64, usize>::new();
    let mut ended = Vec::new();
    for step in steps {
        match *step {
            Step::Register(id) => stage.register(provider("orders", &id.to_string())),
            Step::Leave(id) => {
                let key = InstanceKey::new("orders", &id.to_string());
                // It may not be there.
                drop(stage.scene.run(&Command::Deregister { key }));
            }
            Step::Beat(id) => drop(stage.scene.beat("orders", &id.to_string())),
            Step::Suspect(id, closed) => {
                let why = if closed { Suspicion::ConnectionClosed } else { Suspicion::BeatLate };
                stage.suspect(&id.to_string(), why);
            }
            Step::Answer(number) if !on_their_way.is_empty() => {
                let attempt = on_their_way.remove(usize::from(number) % on_their_way.len());
                let outcome = match number % 3 {
                    0 => Outcome::Refused,
                    1 => Outcome::Accepted,
                    _ => Outcome::NoEvidence,
                };
                stage.running -= 1;
                if let Some(refused) = stage.prober.answered(stage.now(), attempt, outcome) {
                    for cause in stage.conclude(refused) {
                        ended.push(format!("{refused:?} {cause:?}"));
                    }
                }
            }
            Step::Answer(_) => {}
            Step::Wait(millis) => stage.scene.advance_millis(millis.into()),
        }
        while let Some(attempt) = stage.prober.next(stage.now()) {
            assert_eq!(attempt.address(), SocketAddr::from(([10, 0, 0, 1], 8080)));
            on_their_way.push(attempt);
            stage.running += 1;
            *started_in.entry(stage.now().0).or_default() += 1;
        }
        assert!(stage.running <= 3, "too many at a time");
        assert!(stage.prober.waiting() <= 8, "too many in wait");
        if let Some(due) = stage.prober.next_deadline(stage.now()) {
            assert!(due > stage.now(), "what is due was asked for");
        }
    }
    for from in started_in.keys() {
        let within: usize = started_in.range(from..&(from + 1_000)).map(|(_, number)| number).sum();
        assert!(within <= 10, "a burst of five and five in the second after it, not {within}");
    }
    ended
}

proptest! {
    #[test]
    fn whatever_happens_the_limits_hold_and_the_same_happens_again(steps in steps()) {
        prop_assert_eq!(play(&steps), play(&steps));
    }
}
