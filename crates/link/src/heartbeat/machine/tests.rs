use proptest::prelude::*;

use super::*;

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn end(config: HeartbeatConfig) -> Heartbeat {
    Heartbeat::new(config, 7, Tick(0)).unwrap()
}

/// What is done until `until`, when it is checked on time; whatever it writes is written at once.
fn done_until(end: &mut Heartbeat, until: u64) -> Vec<(u64, Action)> {
    let mut done = Vec::new();
    while let Some(due) = end.deadline().filter(|due| *due <= Tick::of_secs(until)) {
        while let Some(action) = end.check(due) {
            done.push((due.0 / 1_000_000, action));
            end.written(due);
        }
    }
    done
}

fn read(end: &mut Heartbeat, at: u64) {
    end.frame();
    end.read_complete(Tick::of_secs(at));
}

fn answer(end: &mut Heartbeat, at: u64, id: u64) -> Result<Pong, Verdict> {
    let pong = end.pong(Tick::of_secs(at), Some(id));
    end.read_complete(Tick::of_secs(at));
    pong
}

fn unanswered(lasted: u64) -> Action {
    Action::Close(Verdict::Unanswered { pings: 1, lasted: secs(lasted) })
}

#[test]
fn a_consumer_pings_after_an_interval_without_reading_and_after_each_again() {
    let mut consumer = end(HeartbeatConfig { unanswered: 0, ..HeartbeatConfig::consumer() });
    assert_eq!(done_until(&mut consumer, 65), [(30, Action::Ping(7)), (60, Action::Ping(8))]);
    let mut consumer = end(HeartbeatConfig::consumer());
    for at in [30, 60, 90] {
        let id = 6 + at / 30;
        assert_eq!(done_until(&mut consumer, at), [(at, Action::Ping(id))]);
        let took = Ok(Pong::Answer { round_trip: Duration::ZERO, concern: None });
        assert_eq!(answer(&mut consumer, at, id), took);
    }
}

#[test]
fn a_consumer_gives_up_after_one_unanswered_interval() {
    let mut consumer = end(HeartbeatConfig::consumer());
    assert_eq!(done_until(&mut consumer, 99), [(30, Action::Ping(7)), (60, unanswered(60))]);
    assert_eq!((consumer.deadline(), consumer.check(Tick::of_secs(99))), (None, None), "and is over then");
}

#[test]
fn traffic_in_both_directions_needs_no_pings() {
    let mut consumer = end(HeartbeatConfig::consumer());
    for at in (20..300).step_by(20) {
        assert_eq!(done_until(&mut consumer, at), []);
        read(&mut consumer, at);
        consumer.written(Tick::of_secs(at));
    }
}

#[test]
fn who_only_reads_pings_all_the_same_so_that_the_other_end_hears_something() {
    let mut consumer = end(HeartbeatConfig::consumer());
    let mut pings = 0;
    for at in 1..=100 {
        pings += done_until(&mut consumer, at).len();
        read(&mut consumer, at);
    }
    assert_eq!(pings, 3);
}

#[test]
fn a_provider_closes_what_is_silent_though_it_pings_itself() {
    let mut provider = end(HeartbeatConfig::provider());
    let silent = Action::Close(Verdict::Silent { lasted: secs(40) });
    assert_eq!(done_until(&mut provider, 99), [(30, Action::Ping(7)), (40, silent)]);
}

#[test]
fn pings_of_each_interval_take_no_notice_of_traffic() {
    let mut end =
        end(HeartbeatConfig { pings: Pings::EachInterval, ..HeartbeatConfig::of_interval(secs(1)) });
    let mut pings = Vec::new();
    for at in 1..=4 {
        pings.extend(done_until(&mut end, at));
        read(&mut end, at);
        end.written(Tick::of_secs(at));
    }
    assert_eq!(pings, (1..=4).map(|at| (at, Action::Ping(6 + at))).collect::<Vec<_>>());
}

#[test]
fn an_end_that_never_pings_and_judges_nothing_wants_no_timer() {
    let mut quiet = end(HeartbeatConfig::quiet());
    assert_eq!(quiet.deadline(), None);
    assert_eq!(quiet.ping(Tick::of_secs(1)), Ok(()));
    quiet.read_complete(Tick::of_secs(1));
    assert_eq!((quiet.deadline(), quiet.check(Tick::of_secs(999))), (None, None));
}

#[test]
fn wrong_ids_are_survived_and_counted_and_prove_nothing() {
    let mut consumer = end(HeartbeatConfig { unanswered: 2, ..HeartbeatConfig::consumer() });
    let mut done = Vec::new();
    for at in [30, 60, 90] {
        done.extend(done_until(&mut consumer, at));
        assert_eq!(answer(&mut consumer, at, 99), Ok(Pong::Unknown));
    }
    assert_eq!(consumer.strays(), 3);
    let given_up = Action::Close(Verdict::Unanswered { pings: 2, lasted: secs(30) });
    assert_eq!(
        done,
        [(30, Action::Ping(7)), (60, Action::Ping(8)), (90, given_up)],
        "though it was not silent"
    );
}

#[test]
fn a_pong_that_comes_twice_is_none_the_second_time() {
    let mut consumer = end(HeartbeatConfig::consumer());
    done_until(&mut consumer, 30);
    assert!(matches!(answer(&mut consumer, 31, 7), Ok(Pong::Answer { .. })));
    assert_eq!(answer(&mut consumer, 32, 7), Ok(Pong::Repeated));
    assert_eq!((consumer.strays(), consumer.round_trip().samples()), (1, 1));
    assert_eq!(consumer.round_trip().smoothed(), Some(secs(1)));
}

#[test]
fn a_round_trip_of_an_interval_is_warned_of_once_until_it_is_in_order() {
    let mut consumer = end(HeartbeatConfig { unanswered: 0, ..HeartbeatConfig::of_interval(secs(10)) });
    let (mut id, mut concerns) = (7, Vec::new());
    for (sent, took) in [(10, 11), (30, 12), (60, 9), (80, 10)] {
        read(&mut consumer, sent - 10);
        consumer.written(Tick::of_secs(sent - 10));
        let pinged = done_until(&mut consumer, sent);
        assert_eq!(pinged.last(), Some(&(sent, Action::Ping(id))));
        let more = done_until(&mut consumer, sent + took).len() as u64;
        let Ok(Pong::Answer { round_trip, concern }) = answer(&mut consumer, sent + took, id) else {
            panic!("no answer")
        };
        assert_eq!(round_trip, secs(took));
        concerns.push(concern.is_some());
        id += 1 + more;
    }
    assert_eq!(concerns, [true, false, false, true]);
}

#[test]
fn more_pings_than_are_taken_in_an_interval_end_it() {
    let mut end = end(HeartbeatConfig { beats: 3, ..HeartbeatConfig::provider() });
    for _ in 0..3 {
        assert_eq!(end.ping(Tick::of_secs(1)), Ok(()));
    }
    assert_eq!(end.ping(Tick::of_secs(2)), Err(Verdict::Flood { beats: 4, within: secs(30) }));
    assert_eq!(end.deadline(), None);
}

#[test]
fn pongs_that_nobody_asked_for_are_a_flood_too() {
    let mut end = end(HeartbeatConfig { beats: 2, ..HeartbeatConfig::provider() });
    assert_eq!([answer(&mut end, 1, 1), answer(&mut end, 1, 2)], [Ok(Pong::Unknown); 2]);
    assert!(matches!(answer(&mut end, 1, 3), Err(Verdict::Flood { .. })));
}

#[test]
fn a_large_frame_excuses_silence_and_missing_answers_and_holds_back_no_ping() {
    let mut consumer = end(HeartbeatConfig { timeout: secs(40), ..HeartbeatConfig::consumer() });
    let mut done = Vec::new();
    for at in (10..=240).step_by(10) {
        done.extend(done_until(&mut consumer, at));
        consumer.moved_in(Tick::of_secs(at));
    }
    assert!(done.iter().all(|(_, action)| matches!(action, Action::Ping(_))), "{done:?}");
    assert_eq!(done.len(), 8, "{done:?}");
    // Nothing moves any more.
    assert!(matches!(done_until(&mut consumer, 290).last(), Some((270 | 280, Action::Close(_)))));
}

#[test]
fn after_a_pause_of_its_own_nobody_is_given_up_before_there_was_time_to_hear_them() {
    let mut consumer = end(HeartbeatConfig::consumer());
    assert_eq!(done_until(&mut consumer, 30), [(30, Action::Ping(7))]);
    assert_eq!(consumer.check(Tick::of_secs(95)), Some(Action::Ping(8)));
    assert_eq!(consumer.check(Tick::of_secs(95)), None);
    let given_up = Action::Close(Verdict::Silent { lasted: secs(100) });
    assert_eq!(done_until(&mut consumer, 200), [(100, given_up)], "as soon as the pause is over");
}

/// What happens on a link.
#[derive(Debug, Clone, Copy)]
enum Step {
    Frame,
    Ping,
    RightPong,
    WrongPong,
    Write,
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    use Step::{Frame, Ping, RightPong, Wait, Write, WrongPong};
    prop_oneof![
        1 => Just(Frame), 1 => Just(Ping), 2 => Just(RightPong), 1 => Just(WrongPong), 2 => Just(Write), 9 => Just(Wait)
    ]
}

/// Everything that happened, from which the verdicts follow by the plain words of the rules.
#[derive(Debug, Default)]
struct Log {
    heard: u64,
    wrote: u64,
    quiet_told: [Option<u64>; 2],
    pinged: u64,
    waiting: Vec<u64>,
    unanswered: u32,
}

impl Log {
    fn expected(&mut self, config: &HeartbeatConfig, now: u64, next: &mut u64) -> Option<Action> {
        let (interval, timeout) = (config.interval.as_secs(), config.timeout.as_secs());
        let mut is_idle = false;
        for (kind, last) in [self.heard, self.wrote].into_iter().enumerate() {
            let since = self.quiet_told[kind].map_or(last, |told| told.max(last));
            if now >= since + interval {
                self.quiet_told[kind] = Some(now);
                is_idle = true;
            }
        }
        let is_due = match config.pings {
            Pings::Never => false,
            Pings::WhenIdle => is_idle && now >= self.pinged + interval,
            Pings::EachInterval => now >= self.pinged + interval,
        };
        let lasted = secs(now - self.heard);
        if is_due {
            if config.unanswered > 0 && self.unanswered >= config.unanswered {
                return Some(Action::Close(Verdict::Unanswered { pings: self.unanswered, lasted }));
            }
            (self.pinged, self.wrote) = (now, now);
            self.quiet_told[1] = None;
            self.unanswered += 1;
            self.waiting.push(*next);
            *next += 1;
            return Some(Action::Ping(*next - 1));
        }
        let is_silent = timeout > 0 && now >= self.heard + timeout;
        is_silent.then_some(Action::Close(Verdict::Silent { lasted }))
    }
}

proptest! {
    #[test]
    fn what_it_does_follows_from_what_happened(
        pings in prop_oneof![Just(Pings::WhenIdle), Just(Pings::EachInterval)],
        spans in (2..6u64, 1..9u64, 0..3u32),
        steps in prop::collection::vec(step(), 0..200),
    ) {
        let (interval, more, unanswered) = spans;
        let timeout = secs(interval + more);
        let config = HeartbeatConfig { pings, interval: secs(interval), timeout, unanswered, ..HeartbeatConfig::consumer() };
        let (mut end, mut log, mut now, mut next) = (end(config), Log::default(), 0, 7);
        for step in steps {
            let tick = Tick::of_secs(now);
            match step {
                Step::Frame => read(&mut end, now),
                Step::Ping => {
                    prop_assert_eq!(end.ping(tick), Ok(()));
                    end.read_complete(tick);
                }
                Step::RightPong => {
                    if log.waiting.is_empty() { continue }
                    let id = log.waiting.remove(0);
                    // Of more than four, the oldest are not waited for any more.
                    let is_late = log.waiting.len() >= 4;
                    let pong = answer(&mut end, now, id);
                    prop_assert_eq!(pong == Ok(Pong::Repeated), is_late);
                    if is_late {
                        (log.heard, log.quiet_told[0]) = (now, None);
                        continue;
                    }
                }
                Step::WrongPong => {
                    prop_assert_eq!(answer(&mut end, now, 3), Ok(Pong::Unknown));
                    (log.heard, log.quiet_told[0]) = (now, None);
                }
                Step::Write => {
                    end.written(tick);
                    (log.wrote, log.quiet_told[1]) = (now, None);
                }
                Step::Wait => {
                    now += 1;
                    let expected = log.expected(&config, now, &mut next);
                    let tick = Tick::of_secs(now);
                    prop_assert_eq!(end.check(tick), expected, "at {}", now);
                    if matches!(expected, Some(Action::Close(_))) {
                        prop_assert_eq!(end.deadline(), None);
                        return Ok(());
                    }
                    if expected.is_some() {
                        end.written(tick);
                        // Silence may be due at the very same time.
                        if let Some(close) = log.expected(&config, now, &mut next) {
                            prop_assert_eq!(end.check(tick), Some(close));
                            return Ok(());
                        }
                    }
                    prop_assert_eq!(end.check(tick), None);
                    prop_assert!(end.deadline().is_none_or(|due| due > tick));
                }
            }
            if matches!(step, Step::Frame | Step::Ping | Step::RightPong) {
                (log.heard, log.quiet_told[0], log.unanswered) = (now, None, 0);
            }
            prop_assert_eq!(end.unanswered(), log.unanswered);
            prop_assert_eq!(end.last_heard(), Tick::of_secs(log.heard));
        }
    }
}
