//! [`HeartbeatConfig`]: intervals and limits, and which of them are refused.

use std::time::Duration;

/// The longest span of any setting.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// The shortest interval: below it a beat is due before the last one is through.
const SHORTEST: Duration = Duration::from_millis(1);

/// When this end pings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pings {
    /// Never: it answers, and judges silence.
    Never,
    /// When nothing was read, or nothing written, for an interval: so either end hears the other once in an interval, and a
    /// connection with traffic in both directions carries no pings.
    WhenIdle,
    /// Each interval, whatever else there is.
    EachInterval,
}

/// How one end of a connection beats and judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeartbeatConfig {
    /// When this end pings.
    pub pings: Pings,
    /// How far its pings are apart; from 1 ms. Longer than a round trip, or each ping is sent before the last one is
    /// answered, which is warned of once it is measured.
    pub interval: Duration,
    /// Silence of so long ends the connection: no whole frame came in, and no bytes of one. More than the interval; at least two of
    /// them, or one beat that is lost or late ends it ([`HeartbeatConfig::concern`]). Zero: silence ends nothing.
    pub timeout: Duration,
    /// So many pings in a row that nothing was heard after end the connection, when the next one would be due. Zero: only the
    /// time-out counts.
    pub unanswered: u32,
    /// So many pings, and pongs that nobody asked for, are taken in an interval; one more ends the connection. From 1.
    pub beats: u32,
    /// The longest time that one frame may take, as [`crate::idle::IdleConfig::frame`].
    pub frame: Duration,
    /// How late a check may be, as [`crate::idle::IdleConfig::pause`].
    pub pause: Duration,
}

impl HeartbeatConfig {
    /// The end that calls: it pings each 30 s of idleness, and gives up when one interval passed after a ping without a word: 30 to
    /// 60 s after the other end was last heard.
    pub const fn consumer() -> Self {
        Self {
            pings: Pings::WhenIdle,
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(90),
            unanswered: 1,
            beats: 1_000,
            frame: Duration::from_secs(300),
            pause: Duration::from_secs(5),
        }
    }

    /// The end that is called: it closes after 40 s of silence, however often it pinged itself meanwhile. The pair of 30 s
    /// and 40 s is the usual one of foreign consumers; see [`of_timeout`](Self::of_timeout) for one that tolerates a lost beat.
    pub const fn provider() -> Self {
        Self { timeout: Duration::from_secs(40), unanswered: 0, ..Self::consumer() }
    }

    /// Either end: it closes after so long a silence, and pings after each third of it, so that two lost beats are tolerated.
    #[must_use]
    pub fn of_timeout(timeout: Duration) -> Self {
        Self { interval: timeout / 3, timeout, unanswered: 0, ..Self::consumer() }.with_pause_of_interval()
    }

    /// Either end: pings each `interval` of idleness, closes after three of them, or as many unanswered pings.
    #[must_use]
    pub fn of_interval(interval: Duration) -> Self {
        let timeout = interval.saturating_mul(3);
        Self { interval, timeout, unanswered: 0, ..Self::consumer() }.with_pause_of_interval()
    }

    /// Answers pings, and does nothing by itself: it wants no timer.
    pub const fn quiet() -> Self {
        Self { pings: Pings::Never, timeout: Duration::ZERO, unanswered: 0, ..Self::consumer() }
    }

    /// A pause is what is long against the interval, at most the usual 5 s.
    fn with_pause_of_interval(self) -> Self {
        Self { pause: self.interval.min(self.pause), ..self }
    }

    /// Whether it can be used.
    ///
    /// # Errors
    ///
    /// What is wrong, the first of it, with what is expected.
    pub fn check(&self) -> Result<(), HeartbeatFault> {
        let Self { interval, timeout, .. } = *self;
        if interval < SHORTEST || interval > LONGEST {
            return Err(HeartbeatFault::Interval { interval });
        }
        for (field, span) in [("timeout", timeout), ("frame", self.frame), ("pause", self.pause)] {
            if span > LONGEST {
                return Err(HeartbeatFault::TooLong { field, span });
            }
        }
        if !timeout.is_zero() && timeout <= interval {
            return Err(HeartbeatFault::TimeoutWithinInterval { interval, timeout });
        }
        if self.beats == 0 {
            return Err(HeartbeatFault::NoBeats);
        }
        if self.pings == Pings::Never && self.unanswered > 0 {
            return Err(HeartbeatFault::UnansweredWithoutPings { unanswered: self.unanswered });
        }
        Ok(())
    }

    /// What is allowed and not recommended.
    pub fn concern(&self) -> Option<Concern> {
        let Self { interval, timeout, .. } = *self;
        let is_tight = !timeout.is_zero() && timeout < interval.saturating_mul(2);
        is_tight.then_some(Concern::OneChance { interval, timeout })
    }
}

/// Settings that cannot be used. No connection was touched; set the field to what is expected and try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeartbeatFault {
    /// Not an interval.
    #[error("interval is {interval:?}; expected a span from 1 ms to 366 days")]
    Interval {
        /// What it is.
        interval: Duration,
    },
    /// A span that is longer than any connection.
    #[error("{field} is {span:?}; expected a span of at most 366 days")]
    TooLong {
        /// Which setting.
        field: &'static str,
        /// What it is.
        span: Duration,
    },
    /// No beat could ever be in time.
    #[error(
        "timeout is {timeout:?} and interval is {interval:?}; the rule is timeout > interval > round trip: \
         expected a timeout of more than {interval:?}, better of three times as much, or 0 for none"
    )]
    TimeoutWithinInterval {
        /// How far pings are apart.
        interval: Duration,
        /// What it is.
        timeout: Duration,
    },
    /// The first ping would end the connection.
    #[error("beats is 0; expected at least 1 in an interval")]
    NoBeats,
    /// What is never sent is never answered.
    #[error("unanswered is {unanswered} though this end never pings; expected 0, or other pings than never")]
    UnansweredWithoutPings {
        /// What it is.
        unanswered: u32,
    },
}

/// What is allowed, and worth a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Concern {
    /// One beat that is lost or late ends the connection.
    #[error(
        "timeout is {timeout:?} and interval is {interval:?}: one late beat ends the connection; \
         a timeout of at least two intervals tolerates one"
    )]
    OneChance {
        /// How far pings are apart.
        interval: Duration,
        /// After how long silence ends it.
        timeout: Duration,
    },
    /// The rule `timeout > interval > round trip` does not hold on this network.
    #[error(
        "a round trip took {round_trip:?} and interval is {interval:?}, timeout {timeout:?}; the rule is timeout > interval > \
         round trip: a longer interval, and a timeout of three times as much, fit this network"
    )]
    SlowRoundTrip {
        /// What was measured last.
        round_trip: Duration,
        /// How far pings are apart.
        interval: Duration,
        /// After how long silence ends it; zero for never.
        timeout: Duration,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_settings_can_be_used_and_only_the_foreign_pair_is_a_concern() {
        let third = HeartbeatConfig::of_timeout(Duration::from_secs(30));
        for config in [HeartbeatConfig::consumer(), third, HeartbeatConfig::quiet()] {
            assert_eq!((config.check(), config.concern()), (Ok(()), None));
        }
        let provider = HeartbeatConfig::provider();
        assert_eq!(provider.check(), Ok(()));
        assert_eq!(
            provider.concern().map(|concern| concern.to_string()).unwrap(),
            "timeout is 40s and interval is 30s: one late beat ends the connection; a timeout of at least two \
             intervals tolerates one"
        );
    }

    #[test]
    fn an_interval_that_is_not_below_the_timeout_is_refused_with_the_rule() {
        let second = Duration::from_secs(1);
        for timeout in [second, second / 2] {
            let config = HeartbeatConfig { interval: second, timeout, ..HeartbeatConfig::provider() };
            let fault = config.check().unwrap_err().to_string();
            assert!(fault.contains("the rule is timeout > interval > round trip"), "{fault}");
        }
        let config = HeartbeatConfig { interval: second, timeout: second * 2, ..HeartbeatConfig::provider() };
        assert_eq!((config.check(), config.concern()), (Ok(()), None));
    }

    #[test]
    fn settings_that_cannot_be_meant_are_refused_with_what_is_expected() {
        let usual = HeartbeatConfig::consumer();
        let long = Duration::from_secs(u64::MAX);
        for (config, fault) in [
            (
                HeartbeatConfig { interval: Duration::ZERO, ..usual },
                "interval is 0ns; expected a span from 1 ms",
            ),
            (HeartbeatConfig { interval: long, ..usual }, "interval is 18446744073709551615s; expected"),
            (HeartbeatConfig { timeout: long, ..usual }, "timeout is 18446744073709551615s; expected"),
            (HeartbeatConfig { beats: 0, ..usual }, "beats is 0; expected at least 1"),
            (HeartbeatConfig { pings: Pings::Never, ..usual }, "unanswered is 1 though this end never pings"),
        ] {
            let told = config.check().unwrap_err().to_string();
            assert!(told.starts_with(fault), "{told}");
        }
    }
}
