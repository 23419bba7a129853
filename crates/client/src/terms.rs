//! [`Terms`]: how long a registry waits for beats, and how often it gets them.

use std::time::Duration;

use crate::error::Error;
use crate::url::{RegistryUrl, bad};

/// How many beats fit into a time-out, unless said otherwise: two may be lost.
pub const BEATS_PER_TIMEOUT: u32 = 3;

/// A registry that takes longer is as good as none.
const USUAL_PATIENCE: Duration = Duration::from_secs(10);

/// The rhythm of one registry. URL parameters of the same names set it.
#[derive(Debug, Clone, Copy, PartialEq)]
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
    /// From which level of suspicion on a silence ends the lease, judged by what the registry learns of the beats: 0.5 to 16, 8
    /// is usual. None for the time-out alone. Only lubdub knows such leases: to other Eureka servers it is a word in metadata.
    pub phi: Option<f64>,
}

const LEVELS: std::ops::RangeInclusive<f64> = 0.5..=16.0;

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
            phi: None,
        })
    }

    /// The same, with what the URL says of how silences are judged: for registries that can be asked for it.
    pub(crate) fn with_phi_of(self, url: &RegistryUrl) -> Result<Self, Error> {
        let Some(text) = url.parameter("phi") else { return Ok(self) };
        match text.parse().ok().filter(|level| LEVELS.contains(level)) {
            Some(level) => Ok(Self { phi: Some(level), ..self }),
            None => Err(bad("phi", text, "a number from 0.5 to 16")),
        }
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
    fn a_level_of_suspicion_is_a_number_from_a_half_to_sixteen_where_a_registry_knows_it() {
        let of = |text: &str| {
            let url = RegistryUrl::parse(&format!("lubdub://a?{text}"))?;
            terms("").and_then(|terms| terms.with_phi_of(&url)).map(|terms| terms.phi)
        };
        assert_eq!(
            (of("").unwrap(), of("phi=8").unwrap(), of("phi=0.5").unwrap()),
            (None, Some(8.0), Some(0.5))
        );
        for wrong in ["phi=17", "phi=0", "phi=NaN", "phi=", "phi=much"] {
            let error = of(wrong).unwrap_err().to_string();
            assert!(error.contains("a number from 0.5 to 16"), "{wrong}: {error}");
        }
    }

    #[test]
    fn terms_under_which_one_lost_beat_ends_a_lease_are_refused() {
        let error = terms("timeout=30s&interval=16s").unwrap_err();
        assert!(error.to_string().contains("no single lost beat"), "{error}");
        assert!(terms("timeout=30s&interval=15s").is_ok());
    }
}
