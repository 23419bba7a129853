//! [`Config`]: what is the same for all strategies.

use std::time::Duration;

use lubdub_detect::Fault;

/// What a [`Balancer`](crate::Balancer) does beside its strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where the caller is, for `zone-aware`. Default none: then all endpoints are as near.
    pub zone: Option<String>,
    /// How long who joins, or is available again, gets less than its share; zero switches that off. Default 30 s. Up to a
    /// day. A long one leaves the others with more for longer.
    pub slow_start: Duration,
    /// The part of its share that it begins with; it grows evenly to all of it. Default 0.1. From 0.01 to 1: with less, nobody would
    /// find out that it is well.
    pub slow_start_share: f64,
    /// What is picked where no endpoint is available. Default: any.
    pub last_resort: LastResort,
    /// How fast `p2c-peak-ewma` forgets: after this time a latency counts for about a third (1/e). Default 10 s, as in Finagle. From
    /// 1 ms to a day. A short one follows noise; a long one keeps calls away from who was slow once.
    pub latency_decay: Duration,
    /// A call that failed counts as if it had taken so long, at least. Default 1 s. With zero, who fails fast looks fast, and draws
    /// all calls. Up to a day.
    pub failure_latency: Duration,
}

/// What is picked where there are endpoints and none is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastResort {
    /// One of all, by the strategy. An overload, or a network that the caller itself has lost, makes all look unavailable at once;
    /// who then calls nobody turns it into an outage, and would find out last that it is over.
    All,
    /// Nobody: [`NoneAvailable`](crate::NoEndpoint::NoneAvailable).
    Nobody,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            zone: None,
            slow_start: Duration::from_secs(30),
            slow_start_share: 0.1,
            last_resort: LastResort::All,
            latency_decay: Duration::from_secs(10),
            failure_latency: Duration::from_secs(1),
        }
    }
}

const DAY: Duration = Duration::from_secs(24 * 3600);

impl Config {
    /// # Errors
    ///
    /// A field is out of its range.
    pub fn check(&self) -> Result<(), Fault> {
        let span = |field, value: Duration, least: Duration, expected: &str| {
            if (least..=DAY).contains(&value) {
                return Ok(());
            }
            Err(Fault::new(field, format!("{value:?}"), expected))
        };
        span("slow_start", self.slow_start, Duration::ZERO, "a span up to a day; zero switches it off")?;
        span("latency_decay", self.latency_decay, Duration::from_millis(1), "a span from 1 ms to a day")?;
        span("failure_latency", self.failure_latency, Duration::ZERO, "a span up to a day")?;
        if (0.01..=1.0).contains(&self.slow_start_share) {
            return Ok(());
        }
        Err(Fault::new("slow_start_share", self.slow_start_share, "a number from 0.01 to 1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_cannot_be_meant_are_told_with_what_was_expected() {
        assert_eq!(Config::default().check(), Ok(()));
        let told = |config: Config| config.check().unwrap_err().to_string();
        assert_eq!(
            told(Config { slow_start_share: 0.0, ..Config::default() }),
            "slow_start_share is 0; expected a number from 0.01 to 1"
        );
        assert!(Config { slow_start_share: f64::NAN, ..Config::default() }.check().is_err());
        assert_eq!(
            told(Config { latency_decay: Duration::ZERO, ..Config::default() }),
            "latency_decay is 0ns; expected a span from 1 ms to a day"
        );
        assert!(told(Config { slow_start: Duration::MAX, ..Config::default() }).starts_with("slow_start is"));
        assert!(Config { failure_latency: Duration::MAX, ..Config::default() }.check().is_err());
    }
}
