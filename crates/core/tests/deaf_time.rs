//! What the registry could not hear is held against nobody.

use lubdub_core::Tick;
use lubdub_core::hearing::Ear;
use lubdub_testkit::{Scene, provider};

const SECOND: u64 = 1_000;

/// A scene whose registry beats to itself, as one with a listener does.
struct Listening {
    scene: Scene,
    ear: Ear,
}

impl Listening {
    fn new() -> Self {
        let mut scene = Scene::new();
        let ear = scene.registry.hearing_mut().add_ear(Tick::START);
        Self { scene, ear }
    }

    fn own_beat(&mut self) {
        let now = self.scene.now().tick;
        self.scene.registry.hearing_mut().own_beat(self.ear, now, now);
    }

    /// Runs for a while, with an own beat every 100 ms, and beats of these providers every second.
    fn run_millis(&mut self, millis: u64, beating: &[&str]) {
        for step in 1..=millis / 100 {
            self.scene.advance_millis(100);
            self.own_beat();
            self.scene.tick();
            if step % 10 == 0 {
                for id in beating {
                    self.scene.beat("orders", id);
                }
            }
        }
    }

    /// The process is stopped; then the queued beats of these providers are read.
    fn pause_millis(&mut self, millis: u64) {
        self.scene.sleep_millis(millis);
    }

    fn register(&mut self, id: &str) {
        self.scene.register(provider("orders", id).ttl_secs(3));
    }

    fn is_listed(&self, id: &str) -> bool {
        self.scene.is_listed("orders", id)
    }
}

#[test]
fn a_registry_that_was_stopped_for_a_minute_evicts_nobody_and_the_dead_go_a_ttl_later() {
    let mut listening = Listening::new();
    listening.register("alive");
    listening.register("dead");
    listening.run_millis(2 * SECOND, &["alive", "dead"]);
    listening.pause_millis(60 * SECOND);
    // The first thing that runs is a tick: no own beat has arrived, so nothing may be judged.
    listening.scene.tick();
    assert!(listening.is_listed("alive") && listening.is_listed("dead"));
    listening.run_millis(3 * SECOND, &["alive"]);
    assert!(listening.is_listed("alive"));
    listening.run_millis(3 * SECOND, &["alive"]);
    assert!(listening.is_listed("alive") && !listening.is_listed("dead"));
}

#[test]
fn nothing_is_judged_while_no_own_beat_arrives_and_all_is_when_one_does() {
    let mut listening = Listening::new();
    listening.register("dead");
    listening.scene.advance_millis(10 * SECOND);
    assert!(listening.is_listed("dead"), "nobody knows whether its beats lie unread");
    let due = listening.scene.registry.tick(listening.scene.now().tick, 100);
    assert!(due.wants_own_beat);
    listening.own_beat();
    listening.scene.tick();
    assert!(listening.is_listed("dead"), "what was deaf until now does not count as silence");
    listening.run_millis(3 * SECOND + 100, &[]);
    assert!(!listening.is_listed("dead"));
}

#[test]
fn hiccups_every_minute_neither_hide_the_dead_nor_harm_the_living() {
    let mut listening = Listening::new();
    for id in ["alive", "dead"] {
        listening.scene.register(provider("orders", id).ttl_secs(90));
    }
    let mut gone_after = None;
    for minute in 0..60 {
        listening.run_millis(59 * SECOND, &["alive"]);
        listening.pause_millis(SECOND);
        listening.own_beat();
        listening.scene.tick();
        assert!(listening.is_listed("alive"), "minute {minute}");
        if gone_after.is_none() && !listening.is_listed("dead") {
            gone_after = Some(minute);
        }
    }
    // 90 s, a hiccup or two, and the grace that is given once.
    assert!(gone_after.is_some_and(|minute| minute <= 3), "{gone_after:?}");
}

#[test]
fn a_deaf_registry_with_many_due_leases_waits_instead_of_judging_them_again_and_again() {
    let mut listening = Listening::new();
    for id in 0..500 {
        listening.register(&id.to_string());
    }
    listening.scene.sleep_millis(10 * SECOND);
    let now = listening.scene.now().tick;
    // Each tick moves some into the waiting room; then there is nothing to do but to listen.
    let rounds =
        std::iter::repeat_with(|| listening.scene.registry.tick(now, 100)).take_while(|ticked| ticked.more);
    assert!(rounds.count() <= 25);
    for _ in 0..3 {
        let ticked = listening.scene.registry.tick(now, 100);
        assert!(ticked.wants_own_beat && !ticked.more && ticked.changes.is_empty());
    }
    listening.run_millis(4 * SECOND, &[]);
    assert_eq!(listening.scene.registry.catalog().counts().total(), 0);
}

#[test]
fn a_deaf_registry_whose_guard_holds_waits_for_proof_instead_of_looking_again_and_again() {
    // Its driver once turned in a circle until input was served again: what the guard waited for was
    // due, and could not be done.
    let mut listening = Listening::new();
    for n in 0..20 {
        let asked = provider("orders", &n.to_string()).host(&format!("10.0.0.{n}")).ttl_secs(3);
        listening.scene.register(asked);
    }
    listening.run_millis(4 * SECOND, &[]);
    let held = |scene: &Scene| {
        let catalog = scene.registry.catalog();
        catalog.services().flat_map(|view| view.iter()).filter(|row| row.instance.held).count()
    };
    assert_eq!(held(&listening.scene), 20);
    // Time passes, and no own beat arrives.
    listening.scene.sleep_millis(10 * SECOND);
    let now = listening.scene.now().tick;
    assert!(listening.scene.registry.tick(now, 100).wants_own_beat);
    let next = listening.scene.registry.next_deadline();
    assert!(next.is_none_or(|next| next > now), "{next:?} at {now:?}");
    // With the proof it goes on.
    listening.run_millis(20 * SECOND, &[]);
    assert_eq!(listening.scene.registry.catalog().counts().total(), 0);
}
