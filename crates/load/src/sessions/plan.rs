//! [`SessionPlan`]: what is to be measured of sessions.

use std::time::Duration;

use crate::Error;

/// More would measure the system instead of the server.
const MOST_SESSIONS: usize = 20_000;

/// What is to be measured of sessions.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionPlan {
    /// How many are open; 1 to 20 000.
    pub sessions: usize,
    /// Over how many connections; at most as many as sessions. Some registries have one for each.
    pub connections: usize,
    /// How many instances each keeps: one beat renews them all.
    pub instances: usize,
    /// So many beats of a session may wait for their answers.
    pub in_flight: usize,
    /// Each session beats once in this; none: whenever an answer came.
    pub interval: Option<Duration>,
    /// How long to measure.
    pub duration: Duration,
    /// The server's process on this machine, whose processor time and memory are told too.
    pub pid: Option<i32>,
}

impl SessionPlan {
    /// 64 sessions of one instance over as many connections, one beat under way on each, for ten
    /// seconds.
    pub const fn usual() -> Self {
        Self {
            sessions: 64,
            connections: 64,
            instances: 1,
            in_flight: 1,
            interval: None,
            duration: Duration::from_secs(10),
            pid: None,
        }
    }

    /// # Errors
    ///
    /// It asks for what cannot be.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let faults = [
            (!(1..=MOST_SESSIONS).contains(&self.sessions), "there must be 1 to 20000 sessions (--sessions)"),
            (
                !(1..=self.sessions).contains(&self.connections),
                "there must be at least 1 connection, and at most as many as sessions (--connections)",
            ),
            (
                !(1..=100_000).contains(&self.instances),
                "a session must have 1 to 100000 instances (--instances)",
            ),
            (
                !(1..=1_024).contains(&self.in_flight),
                "there must be 1 to 1024 beats under way on a session (--in-flight)",
            ),
            (
                self.interval.is_some_and(|interval| interval.is_zero()),
                "the interval must be more than nothing (--interval)",
            ),
            (self.duration.is_zero(), "the duration must be more than nothing (--duration)"),
        ];
        Error::unless_right(&faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_is_refused_with_the_flag_that_asked_for_it() {
        let usual = SessionPlan::usual();
        for (plan, flag) in [
            (SessionPlan { sessions: 0, ..usual.clone() }, "--sessions"),
            (SessionPlan { connections: 65, ..usual.clone() }, "--connections"),
            (SessionPlan { instances: 0, ..usual.clone() }, "--instances"),
            (SessionPlan { in_flight: 0, ..usual.clone() }, "--in-flight"),
            (SessionPlan { interval: Some(Duration::ZERO), ..usual.clone() }, "--interval"),
            (SessionPlan { duration: Duration::ZERO, ..usual.clone() }, "--duration"),
        ] {
            let told = plan.check().expect_err("it cannot be").to_string();
            assert!(told.contains(flag), "{told}");
        }
        usual.check().expect("the usual plan can be");
    }
}
