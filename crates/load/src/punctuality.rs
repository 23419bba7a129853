//! [`Punctuality`]: what the generator itself was late for, and when that voids a measurement.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::tally::{histogram, micros};

/// From this share of one core on, the generator has no time left to be punctual.
const BUSY: f64 = 0.95;

/// How punctual the generator was.
///
/// Two delays are its own fault, and a latency holds both: a request that was sent after it was
/// due although a connection was free, and the time that it spent on other requests while an
/// answer lay there. What a server makes requests wait for is neither.
///
/// It was **late** if for more than one request in a hundred these two together were longer than
/// [`Self::MOST`], or if it used more than 95 % of a core: then delays hide behind requests that
/// wait. In a closed loop nothing is due, so nothing is late; the delay is told all the same.
#[derive(Debug, Clone)]
pub struct Punctuality {
    delays: Histogram<u64>,
}

impl Default for Punctuality {
    fn default() -> Self {
        Self { delays: histogram() }
    }
}

impl Punctuality {
    /// What the delay of one request in a hundred may be longer than.
    pub const MOST: Duration = Duration::from_millis(2);

    /// So much of the latency of a request may be the generator's own.
    pub(crate) fn delayed(&mut self, delay: Duration) {
        self.delays.saturating_record(micros(delay));
    }

    /// What the delay of one request in a hundred was longer than.
    pub(crate) fn delay(&self) -> Duration {
        Duration::from_micros(self.delays.value_at_quantile(0.99))
    }

    /// Whether the generator was late in an open loop, so that the measurement is void; `busy` is
    /// its share of a core.
    pub(crate) fn was_late(&self, busy: f64) -> bool {
        self.delay() > Self::MOST || busy > BUSY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_delays(punctual: usize, late: usize) -> Punctuality {
        let mut punctuality = Punctuality::default();
        for _ in 0..punctual {
            punctuality.delayed(Duration::from_micros(30));
        }
        for _ in 0..late {
            punctuality.delayed(Duration::from_millis(5));
        }
        punctuality
    }

    #[test]
    fn one_late_request_in_a_hundred_is_borne_and_two_are_not() {
        assert!(!with_delays(99, 1).was_late(0.1));
        assert!(with_delays(98, 2).was_late(0.1));
        assert!(!Punctuality::default().was_late(0.0));
    }

    #[test]
    fn a_delay_up_to_the_bound_is_borne() {
        let mut punctuality = Punctuality::default();
        punctuality.delayed(Punctuality::MOST.saturating_sub(Duration::from_micros(10)));
        assert!(!punctuality.was_late(0.1));
        punctuality.delayed(Punctuality::MOST + Duration::from_micros(100));
        assert!(punctuality.was_late(0.1));
    }

    #[test]
    fn a_generator_without_time_to_spare_is_late_whatever_it_says() {
        assert!(with_delays(100, 0).was_late(0.96));
        assert!(!with_delays(100, 0).was_late(0.9));
    }
}
