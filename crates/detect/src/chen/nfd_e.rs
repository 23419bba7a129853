//! [`NfdE`]: Chen's detector that estimates when beats arrive (section 6.3 of the paper).

use std::time::Duration;

use crate::arrival::ExpectedArrival;
use crate::detector::{Detector, Newest};
use crate::fault::Fault;
use crate::tick::{Tick, micros};

/// How regular beats are, and how late they may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NfdEConfig {
    /// From one beat to the next, as the peer sends them: η in the paper. From 1 µs.
    pub interval: Duration,
    /// How long after its expected arrival a beat is due: α in the paper. May be zero. Each interval more tolerates one more lost
    /// beat. [`Contract`](crate::Contract) computes it.
    pub margin: Duration,
    /// Beats that the estimate is made of, 1 to 1 000 000, eight bytes each. The paper uses 32, later studies 1000; fewer
    /// follow a change of the network sooner.
    pub window: usize,
}

impl NfdEConfig {
    fn check(&self) -> Result<(), Fault> {
        Fault::unless_span("interval", self.interval)?;
        Fault::unless_span_or_none("margin", self.margin)?;
        Fault::unless_window("window", self.window)
    }
}

/// Suspects at a margin after the expected arrival of the next beat. Needs beats with the number of their sending.
#[derive(Debug, Clone)]
pub struct NfdE {
    margin: i128,
    arrival: ExpectedArrival,
    newest: Option<Newest>,
    deadline: Option<Tick>,
}

impl NfdE {
    /// One that heard nothing yet.
    ///
    /// # Errors
    ///
    /// A span is out of range, or a window is empty.
    pub fn new(config: NfdEConfig) -> Result<Self, Fault> {
        config.check()?;
        Ok(Self {
            margin: micros(config.margin).into(),
            arrival: ExpectedArrival::new(config.interval, config.window),
            newest: None,
            deadline: None,
        })
    }
}

impl Detector for NfdE {
    fn heard(&mut self, now: Tick, sequence: u64) {
        let Some(newest) = Newest::after(self.newest, now, sequence) else { return };
        self.newest = Some(newest);
        self.arrival.heard(newest.at, sequence);
        self.deadline = self.arrival.of(sequence.saturating_add(1), self.margin);
    }

    fn deadline(&self) -> Option<Tick> {
        self.deadline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detector(window: usize) -> Result<NfdE, Fault> {
        let (interval, margin) = (Duration::from_secs(1), Duration::from_millis(500));
        NfdE::new(NfdEConfig { interval, margin, window })
    }

    #[test]
    fn a_beat_that_comes_late_postpones_the_next_deadline_by_its_share_of_the_window_only() {
        let mut detector = detector(10).unwrap();
        for second in 0..9 {
            detector.heard(Tick::of_secs(second), second);
        }
        assert_eq!(detector.deadline(), Some(Tick::of_millis(9_500)));
        detector.heard(Tick::of_millis(9_400), 9);
        assert_eq!(detector.deadline(), Some(Tick::of_millis(10_540)));
    }

    #[test]
    fn an_empty_window_is_refused() {
        let fault = detector(0).err().unwrap();
        assert_eq!(fault.to_string(), "window is 0; expected a number from 1 to 1000000");
    }
}
