//! [`Terms`]: how long a registry waits for beats, and how often it gets them.

use std::time::Duration;

use crate::error::Error;
use crate::url::{RegistryUrl, bad};

/// How many beats fit into a time-out, unless said otherwise: two may be lost.
pub const BEATS_PER_TIMEOUT: u32 = 3;

/// A registry that takes longer is as good as none.
const USUAL_PATIENCE: Duration = Duration::from_secs(10);

/// The rhythm of one registry. URL parameters of the same names set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Terms {
    /// After so long without a beat the registry lets an instance go. The shorter, the sooner the dead
    /// are gone, and the more beats there are.
    pub timeout: Duration,
    /// A beat is sent each of these; a third of the time-out unless said otherwise.
    pub interval: Duration,
    /// A consumer that cannot be told of changes asks this often; one that can makes sure this often.
    pub poll: Duration,
    /// For so long a consumer keeps whom a registry that was gone does not list any more.
    pub settle: Duration,
    /// So long one exchange with the registry may take; an interval, and at most 10 s, unless said otherwise.
    pub patience: Duration,
}

impl Terms {
    /// Reads them from a URL, with what is usual for a registry where nothing is said.
    ///
    /// # Errors
    ///
    /// [`Error::BadUrl`]: fewer than two beats fit into the time-out, so that one that is lost would end
    /// the lease.
    pub fn of(url: &RegistryUrl, usual_timeout: Duration, usual_poll: Duration) -> Result<Self, Error> {
        let timeout = url.span("timeout")?.unwrap_or(usual_timeout);
        let interval = url.span("interval")?.unwrap_or(timeout / BEATS_PER_TIMEOUT);
        if interval.saturating_mul(2) > timeout {
            return Err(bad(
                "interval",
                &format!("{interval:?}"),
                &format!(
                    "at most half of the time-out of {timeout:?}, so that no single lost beat ends the lease"
                ),
            ));
        }
        Ok(Self {
            timeout,
            interval,
            poll: url.span("poll")?.unwrap_or(usual_poll),
            settle: url.span("settle")?.unwrap_or(timeout),
            patience: url.span("patience")?.unwrap_or_else(|| interval.min(USUAL_PATIENCE)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(query: &str) -> Result<Terms, Error> {
        let url = RegistryUrl::parse(&format!("eureka://a?{query}"))?;
        Terms::of(&url, Duration::from_secs(90), Duration::from_secs(5))
    }

    #[test]
    fn a_beat_is_sent_three_times_in_a_time_out_unless_said_otherwise() {
        assert_eq!(terms("").unwrap().interval, Duration::from_secs(30));
        assert_eq!(terms("timeout=3s").unwrap().interval, Duration::from_secs(1));
        assert_eq!(terms("timeout=3s&interval=500ms").unwrap().interval, Duration::from_millis(500));
    }

    #[test]
    fn terms_under_which_one_lost_beat_ends_a_lease_are_refused() {
        let error = terms("timeout=30s&interval=16s").unwrap_err();
        assert!(error.to_string().contains("no single lost beat"), "{error}");
        assert!(terms("timeout=30s&interval=15s").is_ok());
    }
}
