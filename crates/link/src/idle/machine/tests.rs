use proptest::prelude::*;

use super::*;

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// As Netty has it: no word of bytes, no excuse.
fn plain(reader: u64, writer: u64, all: u64) -> IdleConfig {
    let none = Duration::ZERO;
    IdleConfig { reader: secs(reader), writer: secs(writer), all: secs(all), frame: none, pause: none }
}

fn read(idle: &mut Idle, now: Tick) {
    idle.reading();
    idle.read_complete(now);
}

/// All that is told until `until` when it is checked on time.
fn told_until(idle: &mut Idle, until: Tick) -> Vec<(u64, IdleKind, u32)> {
    let mut told = Vec::new();
    while let Some(due) = idle.deadline().filter(|due| *due <= until) {
        while let Some(event) = idle.check(due) {
            told.push((due.0 / 1_000_000, event.kind, event.times));
        }
    }
    told
}

#[test]
fn each_kind_is_told_after_its_period_and_again_after_each() {
    use IdleKind::{All, Reader, Writer};
    let mut idle = Idle::new(plain(3, 4, 6), Tick(0));
    assert_eq!(
        told_until(&mut idle, Tick::of_secs(9)),
        [(3, Reader, 1), (4, Writer, 1), (6, Reader, 2), (6, All, 1), (8, Writer, 2), (9, Reader, 3)]
    );
}

#[test]
fn zero_disables_a_kind_and_an_idle_machine_without_kinds_wants_no_timer() {
    assert_eq!(Idle::new(IdleConfig::default(), Tick(0)).deadline(), None);
    let mut idle = Idle::new(plain(0, 5, 0), Tick(0));
    assert_eq!(told_until(&mut idle, Tick::of_secs(6)), [(5, IdleKind::Writer, 1)]);
}

#[test]
fn activity_of_its_kind_begins_anew_and_of_all_either() {
    let mut idle = Idle::new(plain(2, 2, 2), Tick(0));
    assert_eq!(told_until(&mut idle, Tick::of_secs(4)).len(), 6);
    idle.written(Tick::of_secs(4));
    assert_eq!(
        told_until(&mut idle, Tick::of_secs(6)),
        [(6, IdleKind::Reader, 3), (6, IdleKind::Writer, 1), (6, IdleKind::All, 1)]
    );
    read(&mut idle, Tick::of_secs(6));
    assert!(told_until(&mut idle, Tick::of_secs(8)).contains(&(8, IdleKind::All, 1)));
}

#[test]
fn while_a_batch_is_read_nobody_is_idle_but_for_writing() {
    let mut idle = Idle::new(plain(2, 5, 2), Tick(0));
    idle.reading();
    assert_eq!(told_until(&mut idle, Tick::of_secs(9)), [(5, IdleKind::Writer, 1)]);
    idle.read_complete(Tick::of_secs(9));
    assert_eq!(idle.deadline(), Some(Tick::of_secs(10)), "the writer");
    assert_eq!(idle.last_read(), Tick::of_secs(9));
    assert!(told_until(&mut idle, Tick::of_secs(11)).contains(&(11, IdleKind::Reader, 1)));
}

#[test]
fn the_end_of_a_batch_in_which_nothing_was_read_is_no_activity() {
    let mut idle = Idle::new(plain(2, 0, 0), Tick(0));
    idle.read_complete(Tick::of_secs(1));
    assert_eq!(idle.deadline(), Some(Tick::of_secs(2)));
}

#[test]
fn bytes_of_a_large_frame_postpone_silence_until_the_frame_has_taken_too_long() {
    let config = IdleConfig { reader: secs(40), frame: secs(100), ..IdleConfig::default() };
    let mut idle = Idle::new(config, Tick(0));
    for at in (10..=90).step_by(10) {
        idle.moved_in(Tick::of_secs(at));
        assert_eq!(idle.check(Tick::of_secs(at)), None, "at {at}");
    }
    assert_eq!(idle.deadline(), Some(Tick::of_secs(110)), "100 s after its first byte");
    idle.moved_in(Tick::of_secs(109));
    assert_eq!(told_until(&mut idle, Tick::of_secs(110)), [(110, IdleKind::Reader, 1)]);
    read(&mut idle, Tick::of_secs(111));
    idle.moved_in(Tick::of_secs(112));
    assert_eq!(idle.deadline(), Some(Tick::of_secs(152)), "a new frame has its own time");
}

#[test]
fn bytes_that_go_out_postpone_the_first_event_too() {
    let mut idle = Idle::new(IdleConfig { writer: secs(10), ..IdleConfig::default() }, Tick(0));
    idle.moved_out(Tick::of_secs(9));
    assert_eq!(idle.deadline(), Some(Tick::of_secs(19)));
    idle.written(Tick::of_secs(12));
    assert_eq!(idle.deadline(), Some(Tick::of_secs(22)));
}

#[test]
fn a_check_that_comes_much_too_late_judges_nobody_and_the_next_one_does() {
    let mut idle = Idle::new(IdleConfig { reader: secs(10), ..IdleConfig::default() }, Tick(0));
    assert_eq!(idle.check(Tick::of_secs(70)), None);
    assert_eq!(idle.deadline(), Some(Tick::of_secs(75)));
    let mut heard = idle.clone();
    read(&mut heard, Tick::of_secs(71));
    assert_eq!(heard.deadline(), Some(Tick::of_secs(81)));
    assert_eq!(told_until(&mut idle, Tick::of_secs(75)), [(75, IdleKind::Reader, 1)]);
}

#[test]
fn writing_in_between_gets_nobody_a_second_excuse() {
    let config = IdleConfig { reader: secs(10), writer: secs(10), ..IdleConfig::default() };
    let mut idle = Idle::new(config, Tick(0));
    assert_eq!(idle.check(Tick::of_secs(70)), None);
    idle.written(Tick::of_secs(72));
    assert_eq!(idle.check(Tick::of_secs(74)), None);
    // Even where that check is late again: by then it was heard of nothing twice.
    assert_eq!(idle.check(Tick::of_secs(90)).map(|event| event.kind), Some(IdleKind::Reader));
}

#[test]
fn a_check_that_is_a_little_late_judges() {
    let mut idle = Idle::new(IdleConfig { reader: secs(10), ..IdleConfig::default() }, Tick(0));
    assert!(idle.check(Tick::of_secs(15)).is_some());
}

/// Netty's handler as it is written: three tasks that look when they run and put themselves off.
struct Handler {
    config: IdleConfig,
    last: [u64; 2],
    is_reading: bool,
    first: [bool; 3],
    tasks: [Option<u64>; 3],
}

impl Handler {
    fn new(config: IdleConfig) -> Self {
        let task = |limit: Duration| (!limit.is_zero()).then_some(limit.as_secs());
        let tasks = [task(config.reader), task(config.writer), task(config.all)];
        Self { config, last: [0; 2], is_reading: false, first: [true; 3], tasks }
    }

    fn run(&mut self, now: u64) -> Vec<(u64, usize, bool)> {
        let limits = [self.config.reader, self.config.writer, self.config.all].map(|limit| limit.as_secs());
        let mut told = Vec::new();
        for kind in 0..3 {
            if self.tasks[kind] != Some(now) {
                continue;
            }
            let last = [self.last[0], self.last[1], self.last[0].max(self.last[1])][kind];
            let spent = if self.is_reading && kind != 1 { 0 } else { now - last };
            if spent >= limits[kind] {
                told.push((now, kind, self.first[kind]));
                self.first[kind] = false;
                self.tasks[kind] = Some(now + limits[kind]);
            } else {
                self.tasks[kind] = Some(now + limits[kind] - spent);
            }
        }
        told
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Read,
    ReadComplete,
    Write,
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![1 => Just(Step::Read), 1 => Just(Step::ReadComplete), 1 => Just(Step::Write), 4 => Just(Step::Wait)]
}

proptest! {
    #[test]
    fn it_tells_what_nettys_handler_tells(
        limits in (0..5u64, 0..5u64, 0..5u64),
        steps in prop::collection::vec(step(), 0..120),
    ) {
        let config = plain(limits.0, limits.1, limits.2);
        let (mut idle, mut handler, mut now) = (Idle::new(config, Tick(0)), Handler::new(config), 0);
        for step in steps {
            match step {
                Step::Read => {
                    idle.reading();
                    handler.is_reading = true;
                    (handler.first[0], handler.first[2]) = (true, true);
                }
                Step::ReadComplete => {
                    idle.read_complete(Tick::of_secs(now));
                    if std::mem::take(&mut handler.is_reading) {
                        handler.last[0] = now;
                    }
                }
                Step::Write => {
                    idle.written(Tick::of_secs(now));
                    handler.last[1] = now;
                    (handler.first[1], handler.first[2]) = (true, true);
                }
                Step::Wait => {
                    now += 1;
                    let mut told = Vec::new();
                    while let Some(event) = idle.check(Tick::of_secs(now)) {
                        told.push((now, event.kind as usize, event.is_first()));
                    }
                    prop_assert_eq!(told, handler.run(now), "at {}", now);
                }
            }
        }
    }

    #[test]
    fn who_checks_at_the_deadline_alone_misses_nothing_and_never_turns_in_a_circle(
        limits in (0..5u64, 0..5u64, 0..5u64, 0..9u64, 0..3u64),
        steps in prop::collection::vec((step(), 0..7u64), 0..60),
    ) {
        let config = IdleConfig {
            frame: secs(limits.3),
            pause: secs(limits.4),
            ..plain(limits.0, limits.1, limits.2)
        };
        let (mut often, mut now) = (Idle::new(config, Tick(0)), 0);
        let mut seldom = often.clone();
        for (step, times) in steps {
            for idle in [&mut often, &mut seldom] {
                match step {
                    Step::Read => idle.moved_in(Tick::of_secs(now)),
                    Step::ReadComplete => read(idle, Tick::of_secs(now)),
                    Step::Write => idle.written(Tick::of_secs(now)),
                    Step::Wait => {}
                }
            }
            for _ in 0..times {
                now += 1;
                let is_due = seldom.deadline().is_some_and(|due| due <= Tick::of_secs(now));
                let told = often.check(Tick::of_secs(now));
                prop_assert_eq!(told.is_some(), is_due);
                prop_assert_eq!(if is_due { seldom.check(Tick::of_secs(now)) } else { None }, told);
                for _ in 0..4 {
                    prop_assert_eq!(often.check(Tick::of_secs(now)), seldom.check(Tick::of_secs(now)));
                }
                prop_assert!(often.deadline().is_none_or(|due| due > Tick::of_secs(now)));
            }
        }
    }
}
