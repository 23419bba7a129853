//! [`Schedule`]: which request is due when. It knows numbers and times since the start, no clock.

use std::time::Duration;

/// Hands out requests by number: at the pace of an open loop, or as they are asked for.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pace: Option<f64>,
    end: Duration,
    most: u64,
    next: u64,
}

/// What a connection that is free does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Send this one.
    Send(Ticket),
    /// Nothing is due before this time.
    Wait(Duration),
    /// There is nothing left to send.
    Over,
}

/// One request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// Its number, from 0.
    pub(crate) number: u64,
    /// From when its latency counts.
    pub(crate) due: Duration,
}

impl Schedule {
    /// Requests that are due before `end`, `pace` each second; without a pace each is due when
    /// it is asked for.
    pub(crate) fn new(pace: Option<f64>, end: Duration) -> Self {
        Self { pace, end, most: u64::MAX, next: 0 }
    }

    /// At most so many.
    pub(crate) fn at_most(self, most: u64) -> Self {
        Self { most, ..self }
    }

    /// What to do at `now`. After the end it still hands out what was due before: whether that is
    /// sent is for who asks.
    pub(crate) fn turn(&mut self, now: Duration) -> Turn {
        let due = self.due(self.next).unwrap_or(now);
        if self.next >= self.most || due >= self.end {
            return Turn::Over;
        }
        if due > now {
            return Turn::Wait(due);
        }
        let number = self.next;
        self.next += 1;
        Turn::Send(Ticket { number, due })
    }

    /// How many were due by `now` and have not been handed out. Nothing is due in a closed loop.
    pub(crate) fn unsent(&self, now: Duration) -> u64 {
        let Some(pace) = self.pace else { return 0 };
        let until = now.min(self.end).as_secs_f64();
        // Request 0 is due at the start.
        #[expect(clippy::cast_sign_loss, reason = "times and paces are not below nought")]
        let due = ((until * pace).ceil() as u64).min(self.most);
        due.saturating_sub(self.next)
    }

    /// Nothing that is due from now on is sent.
    pub(crate) fn stop(&mut self, now: Duration) {
        self.end = self.end.min(now);
    }

    /// When nothing more is sent.
    pub(crate) fn end(&self) -> Duration {
        self.end
    }

    /// Whether all were handed out that it has.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.next >= self.most
    }

    fn due(&self, number: u64) -> Option<Duration> {
        // From the number and not from the last one, so that roundings do not add up.
        self.pace.map(|pace| Duration::try_from_secs_f64(number as f64 / pace).unwrap_or(Duration::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn sent(number: u64, due: Duration) -> Turn {
        Turn::Send(Ticket { number, due })
    }

    #[test]
    fn requests_are_due_at_the_pace_whenever_they_are_asked_for() {
        let mut schedule = Schedule::new(Some(100.0), SECOND);
        assert_eq!(schedule.turn(ms(0)), sent(0, ms(0)));
        assert_eq!(schedule.turn(ms(0)), Turn::Wait(ms(10)));
        assert_eq!(schedule.turn(ms(10)), sent(1, ms(10)));
        // Nobody was free for 30 ms: what is sent then was due long before, and counts from there.
        assert_eq!(schedule.turn(ms(42)), sent(2, ms(20)));
        assert_eq!(schedule.turn(ms(42)), sent(3, ms(30)));
        assert_eq!(schedule.turn(ms(42)), sent(4, ms(40)));
        assert_eq!(schedule.turn(ms(42)), Turn::Wait(ms(50)));
    }

    #[test]
    fn a_schedule_has_exactly_what_its_pace_and_time_make() {
        for (pace, expected) in [(100.0, 100), (3.0, 3), (7.5, 8), (0.5, 1)] {
            let mut schedule = Schedule::new(Some(pace), SECOND);
            let (mut now, mut count) = (ms(0), 0);
            loop {
                match schedule.turn(now) {
                    Turn::Send(_) => count += 1,
                    Turn::Wait(until) => now = until,
                    Turn::Over => break,
                }
            }
            assert_eq!((count, schedule.unsent(2 * SECOND)), (expected, 0), "{pace}");
        }
    }

    #[test]
    fn roundings_do_not_add_up() {
        let mut schedule = Schedule::new(Some(3.0), 1_000 * SECOND);
        let mut last = None;
        while let Turn::Send(ticket) = schedule.turn(ms(999_999)) {
            last = Some(ticket);
        }
        let last = last.expect("it hands out many");
        assert_eq!(last.number, 2_999);
        assert!(last.due.abs_diff(Duration::from_secs_f64(2_999.0 / 3.0)) < Duration::from_nanos(2));
    }

    #[test]
    fn what_was_due_before_the_end_and_was_not_sent_is_unsent() {
        let mut schedule = Schedule::new(Some(10.0), SECOND);
        assert_eq!(schedule.turn(ms(0)), sent(0, ms(0)));
        assert_eq!(schedule.unsent(ms(450)), 4);
        assert_eq!(schedule.unsent(2 * SECOND), 9);
        for number in 1..10 {
            assert_eq!(schedule.turn(SECOND), sent(number, ms(100 * number)));
        }
        assert_eq!((schedule.turn(SECOND), schedule.unsent(2 * SECOND)), (Turn::Over, 0));
    }

    #[test]
    fn a_schedule_that_is_stopped_has_nothing_left() {
        let mut schedule = Schedule::new(Some(10.0), SECOND);
        assert_eq!(schedule.turn(ms(100)), sent(0, ms(0)));
        assert_eq!(schedule.turn(ms(100)), sent(1, ms(100)));
        schedule.stop(ms(150));
        assert_eq!(schedule.turn(ms(200)), Turn::Over);
        assert_eq!(schedule.unsent(SECOND), 0);
    }

    #[test]
    fn without_a_pace_each_is_due_when_it_is_asked_for() {
        let mut schedule = Schedule::new(None, SECOND).at_most(3);
        assert_eq!(schedule.turn(ms(5)), sent(0, ms(5)));
        assert_eq!(schedule.turn(ms(5)), sent(1, ms(5)));
        assert_eq!(schedule.turn(ms(7)), sent(2, ms(7)));
        assert_eq!(schedule.turn(ms(7)), Turn::Over);
        assert_eq!(schedule.unsent(SECOND), 0);
        assert_eq!(Schedule::new(None, SECOND).turn(SECOND), Turn::Over);
    }
}
