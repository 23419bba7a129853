use proptest::prelude::*;

use super::*;

const INTERVAL: Duration = Duration::from_secs(30);
use Availability::{Available, Unavailable};

fn at(seconds: u64) -> Tick {
    Tick::from_start(Duration::from_secs(seconds))
}

fn registration(wanted: Availability) -> Registration {
    Registration::new(Tick::ZERO, wanted, INTERVAL, 1)
}

/// Does what is next, which must be `task`, with an immediate end.
fn run(registration: &mut Registration, now: Tick, task: Task, outcome: Outcome) {
    assert_eq!(registration.next(now), Next::Do(task));
    registration.ended(now, now, task, outcome);
}

#[test]
fn it_registers_at_once_and_beats_after_one_interval() {
    let mut one = registration(Available);
    run(&mut one, at(0), Task::Register(Available), Outcome::Done);
    assert_eq!(one.next(at(29)), Next::Wait(at(30)));
    run(&mut one, at(30), Task::Renew(Available), Outcome::Done);
    assert_eq!(one.next(at(30)), Next::Wait(at(60)));
}

#[test]
fn a_whole_life_goes_through_the_switch() {
    let mut one = registration(Unavailable);
    run(&mut one, at(0), Task::Register(Unavailable), Outcome::Done);
    one.switch(at(10), Available);
    run(&mut one, at(10), Task::Announce(Available), Outcome::Done);
    one.switch(at(20), Unavailable);
    run(&mut one, at(20), Task::Announce(Unavailable), Outcome::Done);
    // The beats go on while it drains.
    run(&mut one, at(50), Task::Renew(Unavailable), Outcome::Done);
    one.leave();
    run(&mut one, at(51), Task::Deregister, Outcome::Done);
    assert_eq!(one.next(at(10_000)), Next::Done);
}

#[test]
fn an_unknown_lease_is_registered_again_at_once_with_its_former_availability() {
    for wanted in [Available, Unavailable] {
        let mut one = registration(Unavailable);
        run(&mut one, at(0), Task::Register(Unavailable), Outcome::Done);
        if wanted == Available {
            one.switch(at(1), Available);
            run(&mut one, at(1), Task::Announce(Available), Outcome::Done);
        }
        let beat = at(31);
        run(&mut one, beat, Task::Renew(wanted), Outcome::Unknown);
        run(&mut one, beat, Task::Register(wanted), Outcome::Done);
    }
}

#[test]
fn a_registry_that_forgets_at_once_is_not_asked_in_a_circle() {
    let mut one = registration(Available);
    run(&mut one, at(0), Task::Register(Available), Outcome::Unknown);
    assert!(matches!(one.next(at(0)), Next::Wait(then) if then > at(2)));
}

#[test]
fn a_switch_that_moves_while_the_registry_is_gone_is_tried_at_once_and_told_when_it_is_back() {
    let mut one = registration(Available);
    run(&mut one, at(0), Task::Register(Available), Outcome::Done);
    run(&mut one, at(30), Task::Renew(Available), Outcome::Missed(Miss::TimedOut));
    one.switch(at(31), Unavailable);
    run(&mut one, at(31), Task::Announce(Unavailable), Outcome::Missed(Miss::TimedOut));
    let Next::Wait(then) = one.next(at(31)) else { panic!("tried in a circle") };
    run(&mut one, then, Task::Announce(Unavailable), Outcome::Done);
    assert_eq!(one.told(), Some(Unavailable));
}

#[test]
fn what_was_broken_off_is_told_again_even_when_the_switch_is_back_where_it_was() {
    let mut one = registration(Available);
    run(&mut one, at(0), Task::Register(Available), Outcome::Done);
    one.switch(at(1), Unavailable);
    run(&mut one, at(1), Task::Announce(Unavailable), Outcome::Interrupted);
    one.switch(at(1), Available);
    run(&mut one, at(1), Task::Announce(Available), Outcome::Done);
}

#[test]
fn a_switch_that_moves_while_a_task_is_under_way_is_told_after_it() {
    let mut one = registration(Unavailable);
    assert_eq!(one.next(at(0)), Next::Do(Task::Register(Unavailable)));
    one.switch(at(1), Available);
    one.ended(at(0), at(2), Task::Register(Unavailable), Outcome::Done);
    run(&mut one, at(2), Task::Announce(Available), Outcome::Done);
}

#[test]
fn who_never_asked_to_be_registered_leaves_without_a_word_and_who_may_be_registered_does_not() {
    let mut one = registration(Available);
    one.leave();
    assert_eq!(one.next(at(0)), Next::Done);
    let mut other = registration(Available);
    run(&mut other, at(0), Task::Register(Available), Outcome::Interrupted);
    other.leave();
    run(&mut other, at(1), Task::Deregister, Outcome::Missed(Miss::TimedOut));
    assert_eq!(other.next(at(1)), Next::Done);
}

/// What may happen to a registration in a simulated registry.
#[derive(Debug, Clone)]
enum Step {
    Advance(u64),
    Switch(bool),
    Forget,
    Break(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1_u64..120).prop_map(Step::Advance),
        2 => any::<bool>().prop_map(Step::Switch),
        1 => Just(Step::Forget),
        1 => any::<bool>().prop_map(Step::Break),
    ]
}

/// A registry of one instance that answers at once, or not at all.
#[derive(Debug, Default)]
struct Simulated {
    known: Option<Availability>,
    broken: bool,
}

impl Simulated {
    fn answer(&mut self, task: Task) -> Outcome {
        if self.broken {
            return Outcome::Missed(Miss::Refused);
        }
        match task {
            Task::Announce(_) | Task::Renew(_) if self.known.is_none() => return Outcome::Unknown,
            Task::Register(told) | Task::Announce(told) | Task::Renew(told) => self.known = Some(told),
            Task::Deregister => self.known = None,
        }
        Outcome::Done
    }
}

fn drive(
    one: &mut Registration,
    registry: &mut Simulated,
    from: Tick,
    to: Tick,
) -> Result<(), TestCaseError> {
    let mut now = from;
    let mut tasks = 0;
    loop {
        match one.next(now) {
            Next::Do(task) => {
                tasks += 1;
                prop_assert!(tasks < 1000, "asked in a circle: {task:?}");
                let outcome = registry.answer(task);
                one.ended(now, now, task, outcome);
            }
            Next::Wait(then) if then <= to => {
                prop_assert!(then > now);
                now = then;
            }
            Next::Wait(_) | Next::Done => return Ok(()),
        }
    }
}

proptest! {
    #[test]
    fn whatever_happened_one_interval_after_it_is_over_the_registry_knows_what_is_wanted(
        steps in prop::collection::vec(step(), 0..40), seed: u64,
    ) {
        let mut one = Registration::new(Tick::ZERO, Unavailable, INTERVAL, seed);
        let mut registry = Simulated::default();
        let mut now = Tick::ZERO;
        let mut wanted = Unavailable;
        for step in steps {
            match step {
                Step::Advance(seconds) => {
                    let to = now + Duration::from_secs(seconds);
                    drive(&mut one, &mut registry, now, to)?;
                    now = to;
                }
                Step::Switch(on) => {
                    wanted = Availability::when(on);
                    one.switch(now, wanted);
                }
                Step::Forget => registry.known = None,
                Step::Break(broken) => registry.broken = broken,
            }
            // A change is told in the moment in which it is made, where the registry is there.
            drive(&mut one, &mut registry, now, now)?;
        }
        registry.broken = false;
        drive(&mut one, &mut registry, now, now + INTERVAL)?;
        prop_assert_eq!(registry.known, Some(wanted));
        prop_assert_eq!(one.told(), Some(wanted));
        one.leave();
        drive(&mut one, &mut registry, now + INTERVAL, now + INTERVAL)?;
        prop_assert_eq!(registry.known, None);
        prop_assert!(one.is_gone());
    }
}
