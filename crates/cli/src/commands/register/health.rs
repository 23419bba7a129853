//! [`Health`]: what the results of a check change.
//!
//! An instance is unavailable until its check has passed once. It stays available until the check has
//! failed several times in a row, so that a single hiccup takes nobody out; and one success brings it
//! back, because a check that passes is proof enough. Nothing here asks anybody, or knows the time.

use std::num::NonZeroU32;
use std::time::Duration;

/// Until a check has passed first, it is tried at least this often: a service that has just been
/// started is up soon, and should not wait for its consumers longer than it must.
const WHILE_AWAITED: Duration = Duration::from_secs(1);

/// What the results have come to.
#[derive(Debug, Clone)]
pub(super) struct Health {
    most_failures: NonZeroU32,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It has not passed yet; whether it was told that it failed.
    Awaited { told: bool },
    /// It passed, and has failed so often in a row since.
    Passing { failures: u32 },
    /// It failed too often in a row.
    Failing,
}

/// What a result changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is unavailable still; this was the first failure, so say why.
    StillAwaited,
    /// It is available from now on.
    Up,
    /// It is unavailable from now on.
    Down,
}

impl Health {
    /// Of whoever was not tried yet, and is unavailable after so many failures in a row.
    pub(super) fn new(most_failures: NonZeroU32) -> Self {
        Self { most_failures, state: State::Awaited { told: false } }
    }

    /// A check ended.
    pub(super) fn heard(&mut self, passed: bool) -> Option<Turn> {
        let (state, turn) = match (self.state, passed) {
            (State::Awaited { .. } | State::Failing, true) => {
                (State::Passing { failures: 0 }, Some(Turn::Up))
            }
            (State::Passing { .. }, true) => (State::Passing { failures: 0 }, None),
            (State::Awaited { told }, false) => {
                (State::Awaited { told: true }, (!told).then_some(Turn::StillAwaited))
            }
            (State::Passing { failures }, false) => {
                let failures = failures.saturating_add(1);
                if failures >= self.most_failures.get() {
                    (State::Failing, Some(Turn::Down))
                } else {
                    (State::Passing { failures }, None)
                }
            }
            (State::Failing, false) => (State::Failing, None),
        };
        self.state = state;
        turn
    }

    /// How long to wait before the next check, where each usually comes after `interval`.
    pub(super) fn pause(&self, interval: Duration) -> Duration {
        match self.state {
            State::Awaited { .. } => interval.min(WHILE_AWAITED),
            State::Passing { .. } | State::Failing => interval,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each of these results changes; `+` passed, `-` failed.
    fn turns(most_failures: u32, results: &str) -> Vec<Option<Turn>> {
        let mut health = Health::new(NonZeroU32::new(most_failures).unwrap());
        results.chars().map(|result| health.heard(result == '+')).collect()
    }

    #[test]
    fn the_first_success_makes_it_available_and_the_first_failure_before_is_told_once() {
        assert_eq!(turns(2, "+"), [Some(Turn::Up)]);
        assert_eq!(turns(2, "---+"), [Some(Turn::StillAwaited), None, None, Some(Turn::Up)]);
    }

    #[test]
    fn only_failures_in_a_row_take_it_out() {
        assert_eq!(turns(2, "+-+-+"), [Some(Turn::Up), None, None, None, None]);
        assert_eq!(turns(2, "+--"), [Some(Turn::Up), None, Some(Turn::Down)]);
        assert_eq!(turns(3, "+---"), [Some(Turn::Up), None, None, Some(Turn::Down)]);
        assert_eq!(turns(1, "+-"), [Some(Turn::Up), Some(Turn::Down)]);
    }

    #[test]
    fn one_success_brings_it_back_and_failures_count_anew() {
        assert_eq!(
            turns(2, "+---+-+--"),
            [
                Some(Turn::Up),
                None,
                Some(Turn::Down),
                None,
                Some(Turn::Up),
                None,
                None,
                None,
                Some(Turn::Down),
            ]
        );
    }

    #[test]
    fn until_it_passed_first_it_is_tried_each_second_at_least() {
        let secs = Duration::from_secs;
        let mut health = Health::new(NonZeroU32::MIN);
        assert_eq!(health.pause(secs(5)), secs(1));
        assert_eq!(health.pause(Duration::from_millis(200)), Duration::from_millis(200));
        health.heard(false);
        assert_eq!(health.pause(secs(5)), secs(1));
        health.heard(true);
        assert_eq!(health.pause(secs(5)), secs(5));
        health.heard(false);
        assert_eq!(health.pause(secs(5)), secs(5));
    }
}
